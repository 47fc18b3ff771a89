//! Delivers failures once more, one after the other, and deletes what succeeded.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use event_source_mapping::{AnswerForm, Failed, Record as _, answer};
use serde_json::{Value, json};
use switchboard::source::{Delivery, detect};
use switchboard::testing::outline;
use switchboard_aws::poll::{MessageQueue, QueueMessage};
use switchboard_aws::sdk::aws_sdk_lambda;
use switchboard_aws::{Aws, CallContext as _, Failure};
use tokio::time::Instant;

use super::super::json;
use super::super::output::{self, BAD, GOOD, OutputFormat};
use super::super::poll::target::LocalTarget;
use super::super::render::harmless;
use super::args::Redrive;
use super::failure::{HeldEvent, StoredFailure};
use super::fetch;
use crate::Error;

/// Where the events go.
pub(super) enum RedriveTarget {
    /// Nowhere: what would be done is said.
    None,
    Local(Arc<LocalTarget>),
    Deployed {
        client: aws_sdk_lambda::Client,
        function: String,
    },
}

/// What became of a failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum RedriveEnd {
    Done,
    Failed,
    /// Its records have left the stream.
    Expired,
    /// It waits for another one of its message group.
    Waits,
    /// Nothing was to be done.
    Planned,
}

/// The failures of a queue on their way.
pub(super) struct Redriving<'a> {
    pub(super) aws: &'a Aws,
    pub(super) queue: &'a MessageQueue,
    pub(super) target: RedriveTarget,
    pub(super) args: &'a Redrive,
    /// How long messages are hidden while they are worked on.
    pub(super) hidden: Duration,
}

/// How many failures there were of each end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RedriveSum {
    pub(super) done: usize,
    pub(super) failed: usize,
    pub(super) expired: usize,
    pub(super) planned: usize,
}

impl Redriving<'_> {
    /// Works until the queue has nothing new. What is not done is visible again afterwards, also if the command breaks off.
    ///
    /// # Errors
    /// If the queue cannot be read, or the function not be invoked.
    pub(super) async fn run(&self, sum: &mut RedriveSum, left: &mut Vec<QueueMessage>) -> Result<(), Error> {
        let (mut seen, mut locked) = (HashSet::new(), HashSet::new());
        let mut next = Instant::now();
        loop {
            let mut messages = self
                .queue
                .receive(10, Duration::from_secs(1), self.hidden)
                .await?;
            left.extend(messages.iter().cloned());
            messages.retain(|message| seen.insert(message.identifier().to_owned()));
            if messages.is_empty() {
                return Ok(());
            }
            for message in messages {
                let failure = StoredFailure::read(message);
                if !failure.is_wanted(&self.args.conditions) {
                    continue;
                }
                tokio::time::sleep_until(next).await;
                next = self
                    .args
                    .rate
                    .map_or(next, |rate| Instant::now() + Duration::from_secs(1) / rate);
                let end = self.one(&failure, &mut locked).await?;
                if end == RedriveEnd::Done {
                    self.queue.delete(std::slice::from_ref(&failure.message)).await?;
                    left.retain(|message| message.identifier() != failure.id());
                }
                sum.add(end);
                self.show(&failure, end);
            }
        }
    }

    async fn one(&self, failure: &StoredFailure, locked: &mut HashSet<String>) -> Result<RedriveEnd, Error> {
        let group = failure.message.order_key().filter(|_| self.queue.is_fifo());
        if group.is_some_and(|group| locked.contains(group)) {
            return Ok(RedriveEnd::Waits);
        }
        let end = self.deliver(failure).await?;
        if matches!(end, RedriveEnd::Failed | RedriveEnd::Expired) {
            locked.extend(group.map(str::to_owned));
        }
        Ok(end)
    }

    async fn deliver(&self, failure: &StoredFailure) -> Result<RedriveEnd, Error> {
        let event = match &failure.held {
            HeldEvent::Whole(event) => event.clone(),
            HeldEvent::Positions(positions) => match fetch::event(self.aws, positions).await? {
                Some(event) => event,
                None => return Ok(RedriveEnd::Expired),
            },
        };
        let reply = match &self.target {
            RedriveTarget::None => return Ok(RedriveEnd::Planned),
            RedriveTarget::Local(target) => target.invoke(&event).await?.reply,
            RedriveTarget::Deployed { client, function } => invoke(client, function, &event).await?,
        };
        Ok(match reply {
            Some(reply) if !names_failures(&event, &reply) => RedriveEnd::Done,
            _ => RedriveEnd::Failed,
        })
    }

    fn show(&self, failure: &StoredFailure, end: RedriveEnd) {
        let (id, source) = (failure.id(), failure.source.as_str());
        let word = end.word();
        if self.args.format == OutputFormat::Json {
            return json::print(
                &json!({"type": "failure", "message_id": id, "source": source, "error": failure.error,
                "condition": failure.condition, "outcome": word}),
            );
        }
        let style = if matches!(end, RedriveEnd::Done | RedriveEnd::Planned) {
            GOOD
        } else {
            BAD
        };
        output::line(&format!(
            "{style}{word}{style:#}  {source}  {}  {id}",
            harmless(&failure.error)
        ));
    }
}

impl RedriveEnd {
    fn word(self) -> &'static str {
        match self {
            RedriveEnd::Done => "done",
            RedriveEnd::Failed => "failed",
            RedriveEnd::Expired => "expired",
            RedriveEnd::Waits => "waits for its group",
            RedriveEnd::Planned => "would be delivered",
        }
    }
}

impl RedriveSum {
    fn add(&mut self, end: RedriveEnd) {
        match end {
            RedriveEnd::Done => self.done += 1,
            RedriveEnd::Failed | RedriveEnd::Waits => self.failed += 1,
            RedriveEnd::Expired => self.expired += 1,
            RedriveEnd::Planned => self.planned += 1,
        }
    }
}

/// The reply of a deployed function; `None` if it failed.
async fn invoke(
    client: &aws_sdk_lambda::Client,
    function: &str,
    event: &Value,
) -> Result<Option<Bytes>, Failure> {
    let payload = aws_sdk_lambda::primitives::Blob::new(event.to_string());
    let call = client.invoke().function_name(function).payload(payload);
    let answer = call.send().await;
    let answer = answer.call_context("lambda:InvokeFunction", format!("function {function}"))?;
    let reply = answer
        .payload
        .map(|payload| Bytes::from(payload.into_inner()))
        .unwrap_or_default();
    Ok(answer.function_error.is_none().then_some(reply))
}

/// Whether the reply names records of a batch as failed. What is invoked asynchronously has no such replies.
fn names_failures(event: &Value, reply: &[u8]) -> bool {
    let text = event.to_string();
    let delivery = detect(text.as_bytes()).source.delivery();
    // A bare list is a pipe's.
    if !event["Records"].is_array() || !matches!(delivery, Delivery::Stream | Delivery::Queue) {
        return false;
    }
    let records = outline(text.as_bytes());
    let identifiers = records
        .iter()
        .map(|record| record.id.as_deref().unwrap_or_default());
    answer::failures(AnswerForm::Texts, reply, identifiers) != Failed::none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_replies_to_batches_name_failures() {
        let of = |source: &str| json!({"Records": [{"eventSource": source, "messageId": "1"}]});
        let reply = br#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#;
        assert!(names_failures(&of("aws:sqs"), reply));
        assert!(!names_failures(&of("aws:sqs"), b"null"));
        assert!(names_failures(&of("aws:kinesis"), br#""oops""#));
        assert!(!names_failures(&of("aws:s3"), reply));
        assert!(!names_failures(&json!({"a": 1}), b"anything"));
    }
}
