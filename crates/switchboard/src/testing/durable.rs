//! Invocations of durable executions. Lambda Developer Guide, “Lambda durable functions”.

use super::event::{Compose, event};
use super::origin::{Number, arn};
use serde_json::{Value, json};

/// The first invocation of a durable execution, around the event that started it.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::{Durable, Sqs};
///
/// let event = Durable::execution(Sqs::message(&json!({"order": 1001}))).name("order-1001");
/// # assert!(event.to_json().contains("order-1001"));
/// ```
#[derive(Clone, Debug)]
pub struct Durable {
    envelope: Value,
}

impl Durable {
    /// An execution that was started by this event: one of this kit, or any text.
    #[must_use]
    pub fn execution(event: impl Into<String>) -> Self {
        let number = Number::next();
        let envelope = json!({
            "CheckpointToken": number.hex(64),
            "DurableExecutionArn": null,
            "InitialExecutionState": {
                "Operations": [{
                    "Id": number.uuid(),
                    "Type": "EXECUTION",
                    "Status": "STARTED",
                    "StartTimestamp": number.millis(),
                    "ExecutionDetails": {"InputPayload": event.into()},
                }],
            },
        });
        Self { envelope }.name(&number.uuid())
    }

    /// The execution's name. It is a UUID by default, as Lambda makes one for an execution that is started without a name.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        let operation = &mut self.envelope["InitialExecutionState"]["Operations"][0];
        operation["Name"] = name.into();
        let id = operation["Id"].as_str().unwrap_or_default();
        let arn = format!(
            "{}:1/durable-execution/{name}/{id}",
            arn("lambda", "function:orders")
        );
        self.envelope["DurableExecutionArn"] = arn.into();
        self
    }
}

impl Compose for Durable {
    fn compose(&self) -> Value {
        self.envelope.clone()
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.envelope)
    }
}

event!(Durable);
