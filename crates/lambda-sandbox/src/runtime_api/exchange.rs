//! The state of one process's Runtime API: waiting, running and finished invocations.
//!
//! An invocation is *submitted*, *taken* by a poll, then *answered* or *closed*. Several may run at once: the submitter
//! decides how many.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot, watch};

use bytes::Bytes;
use http::response;
use uuid::Uuid;

use super::facts::Facts;
use super::headers;
use super::registry::Extensions;
use super::telemetry::Telemetry;
use crate::function::{FunctionError, InvokeEvent, ResponseMode, StreamSink};
use crate::sync::lock;

/// How many ids of past invocations are remembered, to distinguish a late answer from a wrong one.
const REMEMBERED: usize = 64;

/// A function's answer, and when it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) at: Instant,
    pub(crate) result: Result<Bytes, FunctionError>,
    pub(crate) mode: ResponseMode,
    /// How many polls had been made before.
    polls: u64,
}

/// How the initialisation of a process ended.
#[derive(Clone, Debug)]
pub(crate) enum Init {
    /// It polled, this long after its start.
    Polled(Duration),
    /// It reported an error.
    Failed(FunctionError),
}

/// What a submitter waits on.
pub(crate) struct Ticket {
    /// The id of this attempt. The request id may be that of an earlier one.
    pub(crate) invocation_id: String,
    pub(crate) taken: oneshot::Receiver<Instant>,
    pub(crate) answer: oneshot::Receiver<Answer>,
}

/// The state of the invocation that an answer names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum InvocationState {
    /// The invocation is running.
    UnderWay,
    /// The invocation was answered or abandoned.
    Over,
    /// The answer belongs to an earlier invocation with the same request id.
    Stale,
    /// No poll has received this id.
    Unknown,
}

/// Which invocation an answer names.
pub(super) struct AnswerId<'a> {
    /// The request id in the path.
    pub(super) request: &'a str,
    /// The invocation id that the runtime sends back. Runtimes from before 2026 send none.
    pub(super) invocation: Option<&'a str>,
}

pub(crate) struct Exchange {
    facts: Arc<Facts>,
    state: Mutex<State>,
    arrived: Notify,
    init: watch::Sender<Option<Init>>,
    /// How many polls have been made.
    polls: watch::Sender<u64>,
    /// Whether an event was ever submitted.
    wanted: watch::Sender<bool>,
    /// What the metadata endpoint asks for.
    metadata_token: String,
    pub(crate) extensions: Extensions,
    pub(crate) telemetry: Telemetry,
}

struct State {
    begun: Instant,
    waiting: VecDeque<Waiting>,
    /// By request id.
    under_way: HashMap<String, Running>,
    over: VecDeque<String>,
}

struct Running {
    invocation_id: String,
    sink: Option<StreamSink>,
    /// Whether its streamed reply has been broken off, so that only an error can follow.
    is_broken_off: bool,
    answer: oneshot::Sender<Answer>,
}

struct Waiting {
    request_id: String,
    invocation_id: String,
    event: InvokeEvent,
    taken: oneshot::Sender<Instant>,
    answer: oneshot::Sender<Answer>,
}

impl Exchange {
    pub(crate) fn new(facts: Facts) -> Self {
        let facts = Arc::new(facts);
        let state = State {
            begun: Instant::now(),
            waiting: VecDeque::new(),
            under_way: HashMap::new(),
            over: VecDeque::new(),
        };
        Self {
            state: Mutex::new(state),
            arrived: Notify::new(),
            init: watch::Sender::new(None),
            polls: watch::Sender::new(0),
            wanted: watch::Sender::new(false),
            metadata_token: Uuid::new_v4().simple().to_string(),
            extensions: Extensions::new(facts.invoke_events),
            telemetry: Telemetry::new(Arc::clone(&facts)),
            facts,
        }
    }

    /// Starts the clock of the initialisation.
    pub(crate) fn begin(&self) {
        lock(&self.state).begun = Instant::now();
    }

    /// Queues an event.
    pub(crate) fn submit(&self, request_id: &str, event: InvokeEvent) -> Ticket {
        let (taken, taken_ticket) = oneshot::channel();
        let (answer, answer_ticket) = oneshot::channel();
        let request_id = request_id.to_owned();
        let invocation_id = Uuid::new_v4().to_string();
        lock(&self.state).waiting.push_back(Waiting {
            request_id,
            invocation_id: invocation_id.clone(),
            event,
            taken,
            answer,
        });
        self.arrived.notify_one();
        self.wanted.send_replace(true);
        Ticket {
            invocation_id,
            taken: taken_ticket,
            answer: answer_ticket,
        }
    }

    /// Ends an invocation in any state. A later answer is refused as late.
    pub(crate) fn close(&self, request_id: &str, invocation_id: &str) {
        let mut state = lock(&self.state);
        state
            .waiting
            .retain(|waiting| waiting.invocation_id != invocation_id);
        let running = state.under_way.get(request_id);
        if running.is_some_and(|running| running.invocation_id == invocation_id) {
            state.under_way.remove(request_id);
            state.remember(request_id);
        }
    }

    /// Waits for the next event, and returns the head and the body of the response to a poll.
    pub(super) async fn next(&self) -> (response::Builder, Bytes) {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.arrived.notified().await;
        }
    }

    fn take(&self) -> Option<(response::Builder, Bytes)> {
        let mut state = lock(&self.state);
        loop {
            let waiting = state.waiting.pop_front()?;
            // Its submitter has given up.
            if waiting.answer.is_closed() {
                continue;
            }
            let delivered = headers::Delivered::now(&waiting.event, &self.facts.name, self.facts.timeout);
            let tenant_id = waiting.event.tenant_id.as_deref();
            self.telemetry
                .started(&waiting.request_id, &delivered.trace_id, tenant_id);
            self.extensions.invoked(&waiting.request_id, &delivered);
            let head = delivered.head(&waiting.request_id, &waiting.invocation_id, &waiting.event);
            let running = Running {
                invocation_id: waiting.invocation_id,
                sink: waiting.event.sink,
                is_broken_off: false,
                answer: waiting.answer,
            };
            state.under_way.insert(waiting.request_id, running);
            // The submitter may be gone; the answer's channel notices.
            let _ = waiting.taken.send(Instant::now());
            return Some((head, waiting.event.payload));
        }
    }

    pub(super) fn state(&self, id: &AnswerId<'_>) -> InvocationState {
        lock(&self.state).state(id)
    }

    /// Where the streamed reply of an invocation goes, if somebody reads it while it is written.
    pub(super) fn sink(&self, id: &AnswerId<'_>) -> Option<StreamSink> {
        let state = lock(&self.state);
        let running = state.under_way.get(id.request)?;
        running.sink.clone().filter(StreamSink::takes_streams)
    }

    /// Answers an invocation. Returns its state before the answer.
    pub(super) fn answer(
        &self,
        id: &AnswerId<'_>,
        result: Result<Bytes, FunctionError>,
        mode: ResponseMode,
    ) -> InvocationState {
        let at = Instant::now();
        let mut state = lock(&self.state);
        let before = state.state(id);
        if before != InvocationState::UnderWay {
            return before;
        }
        if let Some(running) = state.under_way.remove(id.request) {
            state.remember(id.request);
            // A submitter that is gone has given up on the invocation.
            let polls = *self.polls.borrow();
            let _ = running.answer.send(Answer {
                at,
                result,
                mode,
                polls,
            });
        }
        before
    }

    /// Records that the streamed reply of an invocation was broken off. If the process has crashed, or is about to be killed, its
    /// end is the reason. If it polls again, there is no other.
    pub(super) fn broken_off(&self, id: &AnswerId<'_>) {
        if let Some(running) = lock(&self.state).under_way.get_mut(id.request) {
            running.is_broken_off = true;
        }
    }

    /// Fails the invocations whose reply was broken off.
    fn fail_broken(&self) {
        let mut state = lock(&self.state);
        let broken = state.under_way.extract_if(|_, running| running.is_broken_off);
        let broken: Vec<_> = broken.collect();
        for (request_id, running) in broken {
            state.remember(&request_id);
            // A submitter that is gone has given up on the invocation.
            let _ = running.answer.send(Answer {
                at: Instant::now(),
                result: Err(FunctionError::truncated()),
                mode: ResponseMode::Buffered,
                polls: *self.polls.borrow(),
            });
        }
    }

    /// Records a poll.
    pub(super) fn polled(&self) {
        self.fail_broken();
        let begun = lock(&self.state).begun;
        self.announce(|| Init::Polled(begun.elapsed()));
        self.polls.send_modify(|polls| *polls += 1);
    }

    /// Waits for the first poll after an answer, which means that the runtime has finished the invocation.
    pub(crate) async fn polled_after(&self, answer: &Answer) {
        // Cannot fail: this exchange holds the sender.
        let _ = self
            .polls
            .subscribe()
            .wait_for(|polls| *polls > answer.polls)
            .await;
    }

    /// Records that the process reported an initialisation error.
    pub(super) fn init_failed(&self, error: FunctionError) {
        self.announce(|| Init::Failed(error));
    }

    /// Records that the process has initialised and is now a snapshot. Returns when the first event restores it.
    pub(super) async fn restored(&self) {
        self.polled();
        // Cannot fail: this exchange holds the sender.
        let _ = self.wanted.subscribe().wait_for(|wanted| *wanted).await;
    }

    /// Records that the process could not be restored. All waiting invocations fail with this error.
    pub(super) fn restore_failed(&self, error: &FunctionError) {
        for waiting in lock(&self.state).waiting.drain(..) {
            let at = Instant::now();
            let answer = Answer {
                at,
                result: Err(error.clone()),
                mode: ResponseMode::Buffered,
                polls: *self.polls.borrow(),
            };
            // Submitters that are gone have given up.
            let _ = waiting.taken.send(at);
            let _ = waiting.answer.send(answer);
        }
    }

    /// What a request to the metadata endpoint proves that it comes from the function with.
    pub(crate) fn metadata_token(&self) -> &str {
        &self.metadata_token
    }

    /// The function's name.
    pub(super) fn function(&self) -> &str {
        &self.facts.name
    }

    fn announce(&self, init: impl FnOnce() -> Init) {
        // The first report counts: a runtime that polls after an initialisation error has still failed.
        self.init.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                *current = Some(init());
            }
            first
        });
    }

    /// How the initialisation ended, if it has.
    pub(crate) fn init(&self) -> Option<Init> {
        self.init.borrow().clone()
    }

    /// Waits until the initialisation ends.
    pub(crate) async fn initialised(&self) -> Init {
        let mut changes = self.init.subscribe();
        loop {
            if let Some(init) = changes.borrow_and_update().clone() {
                return init;
            }
            // Cannot fail: this exchange holds the sender.
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

impl State {
    fn state(&self, id: &AnswerId<'_>) -> InvocationState {
        match self.under_way.get(id.request) {
            Some(running) if id.invocation.is_some_and(|id| id != running.invocation_id) => {
                InvocationState::Stale
            }
            Some(_) => InvocationState::UnderWay,
            None if self.over.iter().any(|over| over == id.request) => InvocationState::Over,
            None => InvocationState::Unknown,
        }
    }

    fn remember(&mut self, request_id: &str) {
        if self.over.len() == REMEMBERED {
            self.over.pop_front();
        }
        self.over.push_back(request_id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange() -> Exchange {
        Exchange::new(Facts::of_tests())
    }

    fn id(request: &str) -> AnswerId<'_> {
        AnswerId {
            request,
            invocation: None,
        }
    }

    #[tokio::test]
    async fn an_answer_of_an_earlier_attempt_with_the_same_request_id_is_stale() {
        let exchange = exchange();
        let first = exchange.submit("a", "1".into());
        exchange.next().await;
        exchange.close("a", &first.invocation_id);
        let second = exchange.submit("a", "2".into());
        exchange.next().await;
        let answer = |attempt: &Ticket, reply: &'static str| {
            let id = AnswerId {
                request: "a",
                invocation: Some(&attempt.invocation_id),
            };
            exchange.answer(&id, Ok(reply.into()), ResponseMode::Buffered)
        };
        assert_eq!(answer(&first, "first"), InvocationState::Stale);
        assert_eq!(answer(&second, "second"), InvocationState::UnderWay);
        assert_eq!(second.answer.await.unwrap().result.unwrap(), "second");
    }

    #[tokio::test]
    async fn closing_an_earlier_attempt_leaves_the_next_one() {
        let exchange = exchange();
        let first = exchange.submit("a", "1".into());
        exchange.next().await;
        let _second = exchange.submit("a", "2".into());
        exchange.next().await;
        exchange.close("a", &first.invocation_id);
        assert_eq!(exchange.state(&id("a")), InvocationState::UnderWay);
    }

    #[tokio::test]
    async fn an_id_accepts_one_answer() {
        let exchange = exchange();
        let ticket = exchange.submit("a", "{}".into());
        assert_eq!(exchange.state(&id("a")), InvocationState::Unknown);
        exchange.next().await;
        assert_eq!(
            exchange.answer(&id("a"), Ok("1".into()), ResponseMode::Buffered),
            InvocationState::UnderWay
        );
        assert_eq!(
            exchange.answer(&id("a"), Ok("2".into()), ResponseMode::Buffered),
            InvocationState::Over
        );
        assert_eq!(ticket.answer.await.unwrap().result.unwrap(), "1");
    }

    #[tokio::test]
    async fn concurrent_invocations_are_answered_in_any_order() {
        let exchange = exchange();
        let first = exchange.submit("a", "{}".into());
        let second = exchange.submit("b", "{}".into());
        exchange.next().await;
        exchange.next().await;
        exchange.answer(&id("b"), Ok("b".into()), ResponseMode::Buffered);
        exchange.answer(&id("a"), Ok("a".into()), ResponseMode::Buffered);
        assert_eq!(first.answer.await.unwrap().result.unwrap(), "a");
        assert_eq!(second.answer.await.unwrap().result.unwrap(), "b");
    }

    #[tokio::test]
    async fn the_first_event_restores_a_snapshot() {
        use futures_util::FutureExt as _;
        let exchange = exchange();
        let mut restored = Box::pin(exchange.restored());
        assert!(restored.as_mut().now_or_never().is_none());
        assert!(matches!(exchange.init(), Some(Init::Polled(_))));
        let ticket = exchange.submit("a", "{}".into());
        restored.await;
        exchange.restore_failed(&FunctionError::new("Mine", "no"));
        assert_eq!(
            ticket.answer.await.unwrap().result.unwrap_err().error_type,
            "Mine"
        );
    }

    #[tokio::test]
    async fn abandoned_events_are_not_delivered() {
        let exchange = exchange();
        drop(exchange.submit("a", "1".into()));
        let kept = exchange.submit("b", "2".into());
        assert_eq!(exchange.next().await.1, "2");
        exchange.close("b", &kept.invocation_id);
        assert_eq!(exchange.state(&id("b")), InvocationState::Over);
    }
}
