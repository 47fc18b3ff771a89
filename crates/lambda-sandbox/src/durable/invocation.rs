//! Invocations of the function: the envelope, and what its answer means.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::execution::{Execution, ExecutionStatus, RunningInvocation, Timer};
use super::history::{Data, HistoryEvent};
use super::operation::{ErrorObject, Operation, Written, written};
use super::time::{Time, Times};

/// How many invocations may fail in a row.
const FAILURES: u32 = 5;
/// How many invocations in a row may wait for nothing.
const IDLE: u32 = 3;
/// Seconds until the function is invoked again after an error.
const BACK_OFF: i64 = 5;
/// How many bytes of operations are in one envelope, and in one page of the state.
pub(super) const PAGE: usize = 5 << 20;
/// How many bytes an operation has beside its payload, about.
const OVERHEAD: usize = 512;

/// Why an execution has failed that waits for nothing.
const NOTHING: &str = "its Status is PENDING, and there is nothing that it waits for";

/// The event that a durable function gets.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'o> {
    durable_execution_arn: &'o str,
    checkpoint_token: &'o str,
    initial_execution_state: InitialState<'o>,
    updated_operation_ids: Vec<&'o str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InitialState<'o> {
    operations: Vec<Written<'o>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

/// What a durable function answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    status: AnswerStatus,
    result: Option<String>,
    error: Option<ErrorObject>,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum AnswerStatus {
    Succeeded,
    Failed,
    Pending,
}

impl Execution {
    /// Begins an invocation, and returns its event.
    pub(super) fn invoke(&mut self, now: Time) -> Bytes {
        self.due = false;
        self.running = Some(RunningInvocation {
            began: now,
            news: false,
        });
        self.unreported.clear();
        let updated = std::mem::take(&mut self.updated);
        let token = self.next_token();
        // The execution with its input always comes first: not every SDK looks for it on a later page.
        let (operations, next) = self.page(0, usize::MAX, true);
        let envelope = Envelope {
            durable_execution_arn: &self.arn,
            checkpoint_token: &token,
            initial_execution_state: InitialState {
                operations: operations
                    .iter()
                    .map(|operation| operation.written(Times::Milliseconds))
                    .collect(),
                next_marker: next.map(marker),
            },
            updated_operation_ids: updated.iter().map(|id| &**id).collect(),
        };
        written(&envelope).into()
    }

    /// The operations from this index on that fit into a page, and the index of the next page.
    fn page(&self, from: usize, most: usize, first: bool) -> (&[Operation], Option<usize>) {
        let rest = self.operations.get(from..).unwrap_or_default();
        let mut size = 0;
        let fits = |operation: &&Operation| {
            let is_input = first && operation.id == self.operations[0].id;
            let error = operation.error.as_ref().map_or(0, ErrorObject::size);
            if !is_input {
                size += OVERHEAD + operation.payload.as_ref().map_or(0, |payload| payload.len()) + error;
            }
            size <= PAGE
        };
        // At least one, or there would be no end of pages.
        let count = rest
            .iter()
            .take_while(fits)
            .count()
            .clamp(1, most.max(1))
            .min(rest.len());
        let next = from + count;
        (
            &rest[..count],
            Some(next).filter(|next| *next < self.operations.len()),
        )
    }

    /// A page of the state: after `marker`, or the first one.
    pub(super) fn state(&self, from: usize, most: usize) -> Bytes {
        let (operations, next) = self.page(from, most, false);
        let page = InitialState {
            operations: operations
                .iter()
                .map(|operation| operation.written(Times::Seconds))
                .collect(),
            next_marker: next.map(marker),
        };
        written(&page).into()
    }

    /// The function has answered.
    pub(super) fn replied(&mut self, reply: &[u8], request_id: &str, now: Time) {
        let news = self.invocation_ended(request_id, None, now);
        self.failures = 0;
        if self.has_ended() {
            return;
        }
        match serde_json::from_slice::<Output>(reply) {
            Ok(Output {
                status: AnswerStatus::Succeeded,
                result,
                error: None,
            }) => self.end(ExecutionStatus::Succeeded, result.map(Arc::from), None, now),
            Ok(Output {
                status: AnswerStatus::Failed,
                result: None,
                error,
            }) => self.fail(error.unwrap_or_default(), now),
            Ok(Output {
                status: AnswerStatus::Pending,
                ..
            }) => self.suspended(news, now),
            Ok(_) => self.fail(
                invalid_output("it has a Result with FAILED, or an Error with SUCCEEDED"),
                now,
            ),
            Err(_) => self.fail(invalid_output("it is not that of a durable function"), now),
        }
    }

    /// The function waits. If nothing is left to wait for, it is invoked again at once.
    fn suspended(&mut self, news: bool, now: Time) {
        if news || self.operations.iter().any(Operation::is_awaited) {
            self.idle = 0;
            self.due = news;
            return;
        }
        self.idle += 1;
        if self.idle > IDLE {
            return self.fail(invalid_output(NOTHING), now);
        }
        self.due = true;
    }

    /// The invocation has failed: it is repeated, unless too many in a row have failed.
    pub(super) fn failed(&mut self, error: ErrorObject, request_id: &str, now: Time) {
        self.invocation_ended(request_id, Some(error.clone()), now);
        if self.has_ended() {
            return;
        }
        self.failures += 1;
        if self.failures >= FAILURES {
            return self.fail(error, now);
        }
        self.backing_off = true;
        self.timers.insert((now.after(BACK_OFF), Timer::Again));
    }

    /// Whether something has ended meanwhile that the function waits for. It may not have been told: an SDK that was told may not
    /// have listened.
    fn invocation_ended(&mut self, request_id: &str, error: Option<ErrorObject>, now: Time) -> bool {
        self.token = None;
        let running = self.running.take();
        let began = running.map_or(now, |running| running.began);
        let data = match error {
            Some(error) => Data::Error(Some(error)),
            None => Data::None,
        };
        let event = HistoryEvent::new("InvocationCompleted", now, None, data)
            .with("StartTimestamp", began.written(Times::Seconds))
            .with("EndTimestamp", now.written(Times::Seconds))
            .with("RequestId", request_id);
        self.history.push(event);
        running.is_some_and(|running| running.news)
    }
}

/// The marker of the page that begins with this operation.
fn marker(index: usize) -> String {
    format!("operation-{index}")
}

/// The index in a marker. A missing one, or an empty one, is that of the first page.
pub(super) fn from_marker(marker: Option<&str>) -> Option<usize> {
    match marker {
        None | Some("") => Some(0),
        Some(marker) => marker.strip_prefix("operation-")?.parse().ok(),
    }
}

fn invalid_output(why: &str) -> ErrorObject {
    ErrorObject::new(
        "InvalidFunctionOutput",
        format!("the function's answer is invalid: {why}"),
    )
}
