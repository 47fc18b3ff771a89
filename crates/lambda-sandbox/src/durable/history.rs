//! The history of an execution: what happened, in order.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::operation::{ErrorObject, Operation, OperationType};
use super::time::{Time, Times};

/// An event of the history.
#[derive(Debug)]
pub(super) struct HistoryEvent {
    event_type: &'static str,
    time: Time,
    /// The index of its operation; `None` for events of the execution and of invocations.
    operation: Option<usize>,
    details: Map<String, Value>,
    data: Data,
}

/// What is shown only if the caller asks for the data.
#[derive(Debug)]
pub(super) enum Data {
    None,
    Input(Arc<str>),
    Result(Option<Arc<str>>),
    Error(Option<ErrorObject>),
}

impl HistoryEvent {
    pub(super) fn new(event_type: &'static str, time: Time, operation: Option<usize>, data: Data) -> Self {
        Self {
            event_type,
            time,
            operation,
            details: Map::new(),
            data,
        }
    }

    /// Adds a detail.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a detail of the operation's start that is known only afterwards.
    pub(super) fn add(&mut self, name: &str, value: impl Into<Value>) {
        self.details.insert(name.to_owned(), value.into());
    }

    /// Whether it is about this operation.
    pub(super) fn is_about(&self, index: usize) -> bool {
        self.operation == Some(index)
    }

    pub(super) fn written(&self, id: usize, operations: &[Operation], with_data: bool) -> Value {
        let mut event = json!({
            "EventId": id,
            "EventType": self.event_type,
            "EventTimestamp": self.time.written(Times::Seconds),
        });
        if let Some(operation) = self.operation.and_then(|index| operations.get(index)) {
            event["Id"] = Value::from(&*operation.id);
            let named = [
                ("Name", &operation.name),
                ("ParentId", &operation.parent),
                ("SubType", &operation.sub_type),
            ];
            for (member, value) in named {
                if let Some(value) = value {
                    event[member] = value.as_str().into();
                }
            }
        }
        let mut details = self.details.clone();
        if let Some((name, data)) = self.data.written(with_data) {
            details.insert(name.to_owned(), data);
        }
        event[format!("{}Details", self.event_type)] = details.into();
        event
    }
}

impl Data {
    fn written(&self, with_data: bool) -> Option<(&'static str, Value)> {
        let (name, payload) = match self {
            Self::None => return None,
            Self::Input(input) => ("Input", Some(Value::from(&**input))),
            Self::Result(result) => ("Result", result.as_deref().map(Value::from)),
            Self::Error(error) => ("Error", error.as_ref().map(|error| json!(error))),
        };
        let written = match payload {
            Some(payload) if with_data => json!({"Payload": payload, "Truncated": false}),
            Some(_) => json!({"Truncated": true}),
            None => json!({"Truncated": false}),
        };
        Some((name, written))
    }
}

/// The event of an operation that has started.
pub(super) fn start_of(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Execution => "ExecutionStarted",
        OperationType::Context => "ContextStarted",
        OperationType::Step => "StepStarted",
        OperationType::Wait => "WaitStarted",
        OperationType::Callback => "CallbackStarted",
        OperationType::ChainedInvoke => "ChainedInvokeStarted",
    }
}
