//! The state of one process's Runtime API: which events wait, which are under way, which are over.
//!
//! An invocation is *submitted*, *taken* by a poll, then *answered* or *closed*. Several may be under way at once:
//! whoever submits decides how many.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot, watch};

use bytes::Bytes;
use http::response;

use super::headers;
use crate::function::{FunctionError, InvokeEvent, ResponseMode};
use crate::sync::lock;

/// How many ids of past invocations are remembered, to tell a late answer from a wrong one.
const REMEMBERED: usize = 64;

/// What a function answered, and when.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) at: Instant,
    pub(crate) result: Result<Bytes, FunctionError>,
    pub(crate) mode: ResponseMode,
    /// How many polls had come in before.
    polls: u64,
}

/// How the initialisation of a process went.
#[derive(Clone, Debug)]
pub(crate) enum Init {
    /// It polled, so long after its start.
    Polled(Duration),
    /// It reported an error.
    Failed(FunctionError),
}

/// What a submitter waits for.
pub(crate) struct Ticket {
    pub(crate) taken: oneshot::Receiver<Instant>,
    pub(crate) answer: oneshot::Receiver<Answer>,
}

/// The standing of a request id that an answer came with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// Its invocation is under way.
    UnderWay,
    /// Its invocation was answered, or given up.
    Over,
    /// No poll ever received it.
    Unheard,
}

pub(crate) struct Exchange {
    function: String,
    timeout: Duration,
    state: Mutex<State>,
    arrived: Notify,
    init: watch::Sender<Option<Init>>,
    /// How many polls have come in.
    polls: watch::Sender<u64>,
    /// Whether an event was ever submitted.
    wanted: watch::Sender<bool>,
    extensions: Mutex<HashSet<String>>,
}

struct State {
    begun: Instant,
    waiting: VecDeque<Waiting>,
    under_way: HashMap<String, oneshot::Sender<Answer>>,
    over: VecDeque<String>,
}

struct Waiting {
    request_id: String,
    event: InvokeEvent,
    taken: oneshot::Sender<Instant>,
    answer: oneshot::Sender<Answer>,
}

impl Exchange {
    pub(crate) fn new(function: &str, timeout: Duration) -> Self {
        let state = State {
            begun: Instant::now(),
            waiting: VecDeque::new(),
            under_way: HashMap::new(),
            over: VecDeque::new(),
        };
        Self {
            function: function.to_owned(),
            timeout,
            state: Mutex::new(state),
            arrived: Notify::new(),
            init: watch::Sender::new(None),
            polls: watch::Sender::new(0),
            wanted: watch::Sender::new(false),
            extensions: Mutex::default(),
        }
    }

    /// Counts the time of initialisation from now.
    pub(crate) fn begin(&self) {
        lock(&self.state).begun = Instant::now();
    }

    /// Puts an event in the queue.
    pub(crate) fn submit(&self, request_id: &str, event: InvokeEvent) -> Ticket {
        let (taken, taken_ticket) = oneshot::channel();
        let (answer, answer_ticket) = oneshot::channel();
        let request_id = request_id.to_owned();
        lock(&self.state).waiting.push_back(Waiting {
            request_id,
            event,
            taken,
            answer,
        });
        self.arrived.notify_one();
        self.wanted.send_replace(true);
        Ticket {
            taken: taken_ticket,
            answer: answer_ticket,
        }
    }

    /// Ends an invocation whatever its state: an answer that comes later is late.
    pub(crate) fn close(&self, request_id: &str) {
        let mut state = lock(&self.state);
        state.waiting.retain(|waiting| waiting.request_id != request_id);
        if state.under_way.remove(request_id).is_some() {
            state.remember(request_id);
        }
    }

    /// The next event, when there is one, as the head of the answer to a poll and its body.
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
            // Nobody waits for this one any more.
            if waiting.answer.is_closed() {
                continue;
            }
            let head = headers::next(&waiting.request_id, &waiting.event, &self.function, self.timeout);
            state.under_way.insert(waiting.request_id, waiting.answer);
            // The submitter may have gone; the answer's channel tells.
            let _ = waiting.taken.send(Instant::now());
            return Some((head, waiting.event.payload));
        }
    }

    pub(super) fn standing(&self, request_id: &str) -> Standing {
        lock(&self.state).standing(request_id)
    }

    /// Answers an invocation. The standing is the one before.
    pub(super) fn answer(
        &self,
        request_id: &str,
        result: Result<Bytes, FunctionError>,
        mode: ResponseMode,
    ) -> Standing {
        let at = Instant::now();
        let mut state = lock(&self.state);
        let standing = state.standing(request_id);
        if let Some(answer) = state.under_way.remove(request_id) {
            state.remember(request_id);
            // A submitter that has gone gave the invocation up.
            let polls = *self.polls.borrow();
            let _ = answer.send(Answer {
                at,
                result,
                mode,
                polls,
            });
        }
        standing
    }

    /// A poll has come in.
    pub(super) fn polled(&self) {
        let begun = lock(&self.state).begun;
        self.announce(|| Init::Polled(begun.elapsed()));
        self.polls.send_modify(|polls| *polls += 1);
    }

    /// Waits for the first poll after an answer: then the function is done with the invocation.
    pub(crate) async fn polled_after(&self, answer: &Answer) {
        // Cannot fail: this exchange holds the sender.
        let _ = self
            .polls
            .subscribe()
            .wait_for(|polls| *polls > answer.polls)
            .await;
    }

    /// The process reports that it cannot initialise.
    pub(super) fn init_failed(&self, error: FunctionError) {
        self.announce(|| Init::Failed(error));
    }

    /// The process has initialised, and is a snapshot from now on: returns when it is restored, for the first event.
    pub(super) async fn restored(&self) {
        self.polled();
        // Cannot fail: this exchange holds the sender.
        let _ = self.wanted.subscribe().wait_for(|wanted| *wanted).await;
    }

    /// The process reports that it cannot be restored: nobody who waits gets another answer.
    pub(super) fn restore_failed(&self, error: &FunctionError) {
        for waiting in lock(&self.state).waiting.drain(..) {
            let at = Instant::now();
            let answer = Answer {
                at,
                result: Err(error.clone()),
                mode: ResponseMode::Buffered,
                polls: *self.polls.borrow(),
            };
            // Submitters that have gone gave the invocation up.
            let _ = waiting.taken.send(at);
            let _ = waiting.answer.send(answer);
        }
    }

    /// The function's name.
    pub(super) fn function(&self) -> &str {
        &self.function
    }

    pub(super) fn add_extension(&self, id: String) {
        lock(&self.extensions).insert(id);
    }

    pub(super) fn has_extension(&self, id: &str) -> bool {
        lock(&self.extensions).contains(id)
    }

    fn announce(&self, init: impl FnOnce() -> Init) {
        // The first word counts: a runtime that polls after an init error has still failed to initialise.
        self.init.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                *current = Some(init());
            }
            first
        });
    }

    /// How the initialisation went, so far.
    pub(crate) fn init(&self) -> Option<Init> {
        self.init.borrow().clone()
    }

    /// Waits for the end of the initialisation.
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
    fn standing(&self, request_id: &str) -> Standing {
        if self.under_way.contains_key(request_id) {
            Standing::UnderWay
        } else if self.over.iter().any(|id| id == request_id) {
            Standing::Over
        } else {
            Standing::Unheard
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
        Exchange::new("f", Duration::from_secs(3))
    }

    #[tokio::test]
    async fn an_id_is_good_for_one_answer() {
        let exchange = exchange();
        let ticket = exchange.submit("a", "{}".into());
        assert_eq!(exchange.standing("a"), Standing::Unheard);
        exchange.next().await;
        assert_eq!(
            exchange.answer("a", Ok("1".into()), ResponseMode::Buffered),
            Standing::UnderWay
        );
        assert_eq!(
            exchange.answer("a", Ok("2".into()), ResponseMode::Buffered),
            Standing::Over
        );
        assert_eq!(ticket.answer.await.unwrap().result.unwrap(), "1");
    }

    #[tokio::test]
    async fn several_may_be_under_way_and_are_answered_in_any_order() {
        let exchange = exchange();
        let first = exchange.submit("a", "{}".into());
        let second = exchange.submit("b", "{}".into());
        exchange.next().await;
        exchange.next().await;
        exchange.answer("b", Ok("b".into()), ResponseMode::Buffered);
        exchange.answer("a", Ok("a".into()), ResponseMode::Buffered);
        assert_eq!(first.answer.await.unwrap().result.unwrap(), "a");
        assert_eq!(second.answer.await.unwrap().result.unwrap(), "b");
    }

    #[tokio::test]
    async fn a_snapshot_is_initialised_and_restored_for_the_first_event() {
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
    async fn what_nobody_waits_for_is_not_handed_out() {
        let exchange = exchange();
        drop(exchange.submit("a", "1".into()));
        let _kept = exchange.submit("b", "2".into());
        assert_eq!(exchange.next().await.1, "2");
        exchange.close("b");
        assert_eq!(exchange.standing("b"), Standing::Over);
    }
}
