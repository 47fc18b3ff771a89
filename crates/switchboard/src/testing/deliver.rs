//! Delivers an event to a router, through the services that it goes through on Lambda, and shows the outcome.

use super::context::{TestContext, context};
use crate::error::Error;
use crate::event::durable::{self, Input};
use crate::handler::{DeadLetter, Seen, Settled, Watch};
use crate::runtime::once;
use crate::source::{Source, detect, records};
use crate::telemetry::Capture;
use crate::{Payload, Router};
use lambda_runtime::LambdaInvocation;
use serde_json::Value;
use std::fmt;
use std::mem::take;
use tracing::instrument::WithSubscriber as _;

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Delivers an event, as Lambda would, and returns the outcome of each record and of the invocation, and what was
    /// logged and counted. The feature `testing` has it; [`testing`](crate::testing) makes events.
    ///
    /// The same services handle the event as under [`run`](crate::run). Only the Runtime API and the process are
    /// missing. Log lines are those of level INFO and above, written by this task: a task of its own is captured with
    /// [`in_scope`](crate::telemetry::in_scope) and the subscriber of `tracing` only.
    ///
    /// [`testing::context`](crate::testing::context()) delivers with another deadline, clock or request id.
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::kinesis::KinesisEventRecord;
    /// use switchboard::testing::{Kinesis, RecordOutcome};
    /// use switchboard::{Context, Failure, Router};
    ///
    /// async fn on_click(record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    ///     match record.kinesis.data.starts_with(b"{") {
    ///         true => Ok(()),
    ///         false => Err(Failure::msg("a click is JSON")),
    ///     }
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let router = Router::new(()).kinesis(on_click);
    /// let clicks = ["{}", "?", "{}"].map(|data| Kinesis::bytes("visitor-7", data));
    /// let delivered = router.deliver(Kinesis::batch(clicks)).await;
    ///
    /// let expected = [
    ///     RecordOutcome::Done,
    ///     RecordOutcome::Failed("a click is JSON".to_owned()),
    ///     RecordOutcome::NotStarted,
    /// ];
    /// assert_eq!(delivered.outcomes(), expected);
    /// // Kinesis delivers again from the second record on.
    /// assert_eq!(delivered.reply()["batchItemFailures"].as_array().unwrap().len(), 1);
    /// # });
    /// ```
    pub async fn deliver(&self, event: impl Into<Payload>) -> Delivered {
        context().deliver(self, event).await
    }
}

/// What became of a record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RecordOutcome {
    /// The handler has handled it, now or at an earlier delivery.
    Done,
    /// It has to be delivered again, for this reason.
    Failed(String),
    /// It was rejected for this reason, and the dead-letter sink has accepted it.
    Rejected(String),
    /// It was not started, because a record before it failed or time ran out. It has to be delivered again.
    NotStarted,
}

/// A record that was delivered.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DeliveredRecord {
    /// Its id in the source's terms, if it has one.
    pub id: Option<String>,
    /// What became of it.
    pub outcome: RecordOutcome,
}

/// The outcome of an event.
#[derive(Debug)]
#[must_use]
pub struct Delivered {
    source: Source,
    records: Vec<DeliveredRecord>,
    dead_letters: Vec<DeadLetter>,
    answer: Result<Vec<u8>, Error>,
    reply: Value,
    /// Whether the invocation has failed, or the durable execution that it ended.
    failed: bool,
    logs: Vec<Value>,
    metrics: Vec<Value>,
}

impl Delivered {
    /// The source that the event was detected as.
    #[must_use]
    pub fn source(&self) -> Source {
        self.source
    }

    /// The records of the event, in their order. An event that is delivered whole is one record.
    #[must_use]
    pub fn records(&self) -> &[DeliveredRecord] {
        &self.records
    }

    /// What became of each record.
    #[must_use]
    pub fn outcomes(&self) -> Vec<RecordOutcome> {
        self.records.iter().map(|record| record.outcome.clone()).collect()
    }

    /// Whether every record is done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let done = |record: &DeliveredRecord| record.outcome == RecordOutcome::Done;
        !self.failed && self.records.iter().all(done)
    }

    /// Fails the test, and prints the outcome of the event, unless every record is done.
    ///
    /// # Panics
    /// If a record is not done, or the invocation has failed.
    pub fn assert_done(&self) {
        assert!(self.is_done(), "not every record is done: {self}");
    }

    /// The rejected records that the dead-letter sink has accepted.
    #[must_use]
    pub fn dead_letters(&self) -> &[DeadLetter] {
        &self.dead_letters
    }

    /// The answer that Lambda gets, as JSON: for a batch, which records have to come again.
    ///
    /// # Panics
    /// If the invocation has failed.
    #[must_use]
    pub fn reply(&self) -> &Value {
        assert!(self.answer.is_ok(), "there is no reply: {self}");
        &self.reply
    }

    /// The answer inside that of a durable execution: what the event's source gets.
    ///
    /// # Panics
    /// If the execution has failed, or there was none.
    #[must_use]
    pub fn result(&self) -> Value {
        let result = self.reply()["Result"].as_str();
        let result = result.unwrap_or_else(|| panic!("the answer has no result of an execution: {self}"));
        read(result.as_bytes())
    }

    /// The answer byte for byte, or why the invocation has failed.
    ///
    /// # Errors
    /// The error that Lambda gets.
    pub fn answer(&self) -> Result<&[u8], &Error> {
        self.answer.as_deref()
    }

    /// Why the invocation has failed, if it has.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.answer.as_ref().err()
    }

    /// The status of the answer to an HTTP request.
    ///
    /// # Panics
    /// If the invocation has failed, or its answer has no status.
    #[must_use]
    pub fn status(&self) -> u16 {
        let status = self.reply()["statusCode"].as_u64();
        let status = status.and_then(|status| u16::try_from(status).ok());
        status.unwrap_or_else(|| panic!("the answer has no status: {self}"))
    }

    /// The body of the answer to an HTTP request.
    ///
    /// # Panics
    /// If the invocation has failed, or its body is not base64 although it says so.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        use base64::Engine as _;
        let reply = self.reply();
        let body = reply["body"].as_str().unwrap_or_default();
        match reply["isBase64Encoded"] == true {
            true => base64::engine::general_purpose::STANDARD
                .decode(body)
                .unwrap_or_else(|error| panic!("the body is not base64: {error}")),
            false => body.as_bytes().to_vec(),
        }
    }

    /// The log lines, each an object with `level`, `message` and the fields that Lambda's JSON format has.
    #[must_use]
    pub fn logs(&self) -> &[Value] {
        &self.logs
    }

    /// The metrics, as documents of CloudWatch's embedded metric format.
    #[must_use]
    pub fn metrics(&self) -> &[Value] {
        &self.metrics
    }

    /// The sum of a metric's values; `None` if it was not counted.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        let values = |document: &Value| match document.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_f64).collect(),
            Some(value) => value.as_f64().into_iter().collect(),
            None => Vec::new(),
        };
        let values: Vec<f64> = self.metrics.iter().flat_map(values).collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }
}

impl fmt::Display for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event of {}", self.source)?;
        for (index, DeliveredRecord { id, outcome }) in self.records.iter().enumerate() {
            let id = id.as_deref().unwrap_or("no id");
            match outcome {
                RecordOutcome::Done => write!(f, "\n  record {index} ({id}) is done")?,
                RecordOutcome::Failed(why) => write!(f, "\n  record {index} ({id}) has failed: {why}")?,
                RecordOutcome::Rejected(why) => write!(f, "\n  record {index} ({id}) was rejected: {why}")?,
                RecordOutcome::NotStarted => write!(f, "\n  record {index} ({id}) was not started")?,
            }
        }
        match &self.answer {
            Ok(_) => write!(f, "\n  the answer is {}", self.reply),
            Err(error) => write!(
                f,
                "\n  the invocation has failed: {}: {error}",
                error.error_type()
            ),
        }
    }
}

/// Delivers an event in an invocation.
pub(super) async fn deliver_event<C, S>(cx: &TestContext<C>, router: &Router<S>, event: Payload) -> Delivered
where
    S: Clone + Send + Sync + 'static,
{
    let payload = event.into_bytes();
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.headers = cx.headers.clone();
    let invocation = LambdaInvocation {
        parts,
        body: payload.clone(),
        context: cx.lambda(),
    };
    let (watch, capture) = (Watch::new(cx.received), Capture::new());
    let answer = once(router.watched(&watch), &capture.layer, invocation);
    let answer = answer.with_subscriber(capture.subscriber.clone()).await;
    let (logs, metrics) = capture.lines();
    let mut seen = take(&mut *watch.seen());
    let reply = answer.as_deref().map_or(Value::Null, read);
    let started = durable::open(&payload).map(|envelope| envelope.input);
    let failed = answer.is_err() || (started.is_ok() && reply["Status"] == "FAILED");
    let event = match started {
        Ok(Input::Event(event)) => event,
        _ => payload.clone(),
    };
    Delivered {
        source: detect(&payload).source,
        records: delivered(&mut seen, &event, failed),
        dead_letters: seen.dead_letters,
        reply,
        failed,
        answer,
        logs,
        metrics,
    }
}

/// A reply as JSON; one that is none, as a text.
fn read(reply: &[u8]) -> Value {
    serde_json::from_slice(reply).unwrap_or_else(|_| String::from_utf8_lossy(reply).into())
}

/// What became of each record.
fn delivered(seen: &mut Seen, payload: &[u8], failed: bool) -> Vec<DeliveredRecord> {
    let settled = take(&mut seen.settled);
    let of = |index: usize| settled.iter().find(|settled| settled.index == index);
    let outcome = |settled: &Settled| match settled.rejected {
        true => RecordOutcome::Rejected(settled.failure.clone()),
        false => RecordOutcome::Failed(settled.failure.clone()),
    };
    if !seen.records.is_empty() {
        let ended = take(&mut seen.records).into_iter().enumerate();
        return ended
            .map(|(index, record)| DeliveredRecord {
                id: record.id,
                outcome: match of(index) {
                    Some(settled) => outcome(settled),
                    None if record.open => RecordOutcome::NotStarted,
                    None => RecordOutcome::Done,
                },
            })
            .collect();
    }
    let whole = |outcome| vec![DeliveredRecord { id: None, outcome }];
    match (of(0), failed) {
        (Some(settled), _) => whole(outcome(settled)),
        (None, false) => whole(RecordOutcome::Done),
        // No handler was asked for any of them.
        (None, true) => match records(payload).count() {
            0 => whole(RecordOutcome::NotStarted),
            count => vec![RecordOutcome::NotStarted; count]
                .into_iter()
                .map(|outcome| DeliveredRecord { id: None, outcome })
                .collect(),
        },
    }
}
