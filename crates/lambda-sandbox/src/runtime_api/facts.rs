//! What is known of a function, as its runtime and its extensions are told.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

/// A function, in one execution environment.
pub(crate) struct Facts {
    pub(crate) name: String,
    pub(crate) timeout: Duration,
    pub(crate) memory_mb: u32,
    /// As `AWS_LAMBDA_INITIALIZATION_TYPE` has it.
    pub(crate) initialisation_type: &'static str,
    /// Whether extensions may receive the event of each invocation. Managed Instances refuse them.
    pub(crate) invoke_events: bool,
    /// Whether lines of logs are JSON.
    pub(crate) json_lines: bool,
}

impl Facts {
    pub(super) fn is_managed(&self) -> bool {
        !self.invoke_events
    }

    /// The beginning of a new execution environment, as telemetry describes it.
    pub(super) fn instance(&self) -> Value {
        json!({
            "functionName": self.name,
            "functionVersion": "$LATEST",
            "instanceId": Uuid::new_v4().to_string(),
            "instanceMaxMemory": u64::from(self.memory_mb) << 20,
        })
    }

    #[cfg(test)]
    pub(crate) fn of_tests() -> Self {
        Self {
            name: "f".to_owned(),
            timeout: Duration::from_secs(3),
            memory_mb: 128,
            initialisation_type: "on-demand",
            invoke_events: true,
            json_lines: false,
        }
    }
}
