//! Payloads of one's own: tasks of Step Functions, inputs of EventBridge Scheduler, invocations by an SDK.

use super::event::{Compose, event, tree};
use serde::Serialize;
use serde_json::Value;

/// A payload that no event source composed.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::DirectPayload;
///
/// let event = DirectPayload::of(&json!({"task": "charge", "cents": 250}));
/// # assert!(event.to_json().contains("charge"));
/// ```
#[derive(Clone, Debug)]
pub struct DirectPayload {
    payload: Value,
}

impl DirectPayload {
    /// A payload with the JSON of `payload`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(payload: &T) -> Self {
        Self {
            payload: tree(payload),
        }
    }
}

impl Compose for DirectPayload {
    fn compose(&self) -> Value {
        self.payload.clone()
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.payload)
    }
}

event!(DirectPayload);
