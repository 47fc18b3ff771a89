//! An operation of an execution, and how it is written.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::time::{Moment, Time, Times};

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum OperationType {
    Execution,
    Context,
    Step,
    Wait,
    Callback,
    ChainedInvoke,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum OperationStatus {
    Started,
    Pending,
    Ready,
    Succeeded,
    Failed,
    Cancelled,
    TimedOut,
    Stopped,
}

/// An error as the API has it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ErrorObject {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stack_trace: Option<Vec<String>>,
}

impl ErrorObject {
    pub(super) fn new(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: Some(error_type.to_owned()),
            ..Self::message(message)
        }
    }

    pub(super) fn message(message: impl Into<String>) -> Self {
        Self {
            error_message: Some(message.into()),
            ..Self::default()
        }
    }

    /// How many bytes its texts have.
    pub(super) fn size(&self) -> usize {
        let texts = [&self.error_message, &self.error_type, &self.error_data];
        let texts = texts.into_iter().flatten();
        let stack = self.stack_trace.iter().flatten();
        texts.chain(stack).map(String::len).sum()
    }
}

/// An operation with its latest state.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) id: Arc<str>,
    pub(super) kind: OperationType,
    pub(super) status: OperationStatus,
    pub(super) name: Option<String>,
    pub(super) parent: Option<String>,
    pub(super) sub_type: Option<String>,
    pub(super) started: Time,
    pub(super) ended: Option<Time>,
    /// The input of an execution, the result of everything else.
    pub(super) payload: Option<Arc<str>>,
    pub(super) error: Option<ErrorObject>,
    /// How often a step has ended: counted here, not by the function.
    pub(super) attempt: u32,
    /// When a wait ends, or a step is ready again.
    pub(super) due: Option<Time>,
    pub(super) callback_id: Option<Arc<str>>,
    /// Seconds between heartbeats, if a callback needs them.
    pub(super) heartbeat: Option<i64>,
    pub(super) replay_children: Option<bool>,
}

impl Operation {
    pub(super) fn started(id: &str, kind: OperationType, now: Time) -> Self {
        Self {
            id: id.into(),
            kind,
            status: OperationStatus::Started,
            name: None,
            parent: None,
            sub_type: None,
            started: now,
            ended: None,
            payload: None,
            error: None,
            attempt: 0,
            due: None,
            callback_id: None,
            heartbeat: None,
            replay_children: None,
        }
    }

    /// Whether the function waits for something outside of it.
    pub(super) fn is_awaited(&self) -> bool {
        match self.kind {
            OperationType::Wait | OperationType::Callback | OperationType::ChainedInvoke => {
                self.status == OperationStatus::Started
            }
            OperationType::Step => self.status == OperationStatus::Pending,
            OperationType::Execution | OperationType::Context => false,
        }
    }

    pub(super) fn end(&mut self, status: OperationStatus, now: Time) {
        self.status = status;
        self.ended = Some(now);
    }

    /// What is written of it. Absent members are left out: an SDK takes null for a value.
    pub(super) fn written(&self, times: Times) -> Written<'_> {
        let mut written = Written {
            id: &self.id,
            parent_id: self.parent.as_deref(),
            name: self.name.as_deref(),
            kind: self.kind,
            sub_type: self.sub_type.as_deref(),
            status: self.status,
            start_timestamp: Moment::of(self.started, times),
            end_timestamp: self.ended.map(|time| Moment::of(time, times)),
            execution_details: None,
            context_details: None,
            step_details: None,
            wait_details: None,
            callback_details: None,
            chained_invoke_details: None,
        };
        let place = match self.kind {
            OperationType::Execution => &mut written.execution_details,
            OperationType::Context => &mut written.context_details,
            OperationType::Step => &mut written.step_details,
            OperationType::Wait => &mut written.wait_details,
            OperationType::Callback => &mut written.callback_details,
            OperationType::ChainedInvoke => &mut written.chained_invoke_details,
        };
        *place = Some(self.details(times));
        written
    }

    /// What is written of it according to its type.
    fn details(&self, times: Times) -> Details<'_> {
        let due = self.due.map(|time| Moment::of(time, times));
        let ended = Details {
            result: self.payload.as_deref(),
            error: self.error.as_ref(),
            ..Details::default()
        };
        match self.kind {
            OperationType::Execution => Details {
                input_payload: self.payload.as_deref(),
                ..Details::default()
            },
            OperationType::Context => Details {
                replay_children: self.replay_children,
                ..ended
            },
            OperationType::Step => Details {
                attempt: Some(self.attempt),
                next_attempt_timestamp: due,
                ..ended
            },
            OperationType::Wait => Details {
                scheduled_end_timestamp: due,
                ..Details::default()
            },
            OperationType::Callback => Details {
                callback_id: self.callback_id.as_deref(),
                ..ended
            },
            OperationType::ChainedInvoke => ended,
        }
    }
}

/// An operation as the API and the envelope have it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Written<'o> {
    id: &'o str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'o str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'o str>,
    #[serde(rename = "Type")]
    kind: OperationType,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_type: Option<&'o str>,
    status: OperationStatus,
    start_timestamp: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_timestamp: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_details: Option<Details<'o>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_details: Option<Details<'o>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_details: Option<Details<'o>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_details: Option<Details<'o>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_details: Option<Details<'o>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chained_invoke_details: Option<Details<'o>>,
}

/// An answer or an envelope as JSON.
pub(super) fn written(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).expect("text, numbers and lists are always JSON")
}

/// The details of every type: each has some of these.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Details<'o> {
    #[serde(skip_serializing_if = "Option::is_none")]
    input_payload: Option<&'o str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_timestamp: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_end_timestamp: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_id: Option<&'o str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_children: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'o str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'o ErrorObject>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_absent_is_left_out() {
        let operation = Operation::started("1", OperationType::Context, Time::from_micros(1_500_000));
        let written = serde_json::to_value(operation.written(Times::Seconds)).unwrap();
        assert_eq!(
            written,
            json!({"Id": "1", "Type": "CONTEXT", "Status": "STARTED", "StartTimestamp": 1.5, "ContextDetails": {}})
        );
    }

    #[test]
    fn each_type_has_details_of_its_own() {
        let mut step = Operation::started("1", OperationType::Step, Time::default());
        step.due = Some(Time::from_micros(2_000_000));
        step.payload = Some("1".into());
        let written = serde_json::to_value(step.written(Times::Milliseconds)).unwrap();
        assert_eq!(
            written["StepDetails"],
            json!({"Attempt": 0, "NextAttemptTimestamp": 2000, "Result": "1"})
        );
        step.kind = OperationType::Execution;
        let written = serde_json::to_value(step.written(Times::Milliseconds)).unwrap();
        assert_eq!(written["ExecutionDetails"], json!({"InputPayload": "1"}));
    }
}
