//! For those who drive a service step by step, such as simulations: what it waits for, and what has become of its executions.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::execution::Execution;
use super::machine::Machine;
use super::operation::{ErrorObject, Operation, OperationStatus, OperationType};
use super::service::Durable;
use super::time::Times;
use crate::sync::lock;
use crate::{Error, InvokeEvent};

/// A callback that nobody has ended yet.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OpenCallback {
    /// Its id.
    pub id: String,
    /// The ARN of the execution that waits for it.
    pub execution: String,
    /// Whether it ends by itself, by a timeout.
    pub has_timeout: bool,
}

impl Durable {
    /// Starts an execution, or finds the one with this name and input, and returns its ARN without waiting for its end.
    ///
    /// # Errors
    /// If the payload is not text, or the name is invalid or that of an execution with another input.
    pub fn begin(&self, event: impl Into<InvokeEvent>, name: Option<&str>) -> Result<String, Error> {
        let event = event.into();
        self.shared.function.admits(&event)?;
        let started = self.start("", event, name);
        started
            .map(|arn| arn.to_string())
            .map_err(|refusal| Error::other(refusal.to_string()))
    }

    /// Changes whenever something has happened.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.done.subscribe()
    }

    /// Whether a function runs or is about to. If not, everything waits for time, for callbacks, or for nothing.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.shared.plain_calls.load(Ordering::SeqCst) > 0 || self.look(Machine::is_busy)
    }

    /// How long nothing happens by itself; `None` if nothing is waited for. Timeouts of whole executions do not count.
    #[must_use]
    pub fn until_next_timer(&self) -> Option<Duration> {
        let timer = self.look(|machine| machine.next_timer(false))?;
        let ahead = timer.micros() - lock(&self.shared.clock).now().micros();
        Some(Duration::from_micros(u64::try_from(ahead).unwrap_or_default()))
    }

    /// All callbacks that are open, in the order in which they began.
    #[must_use]
    pub fn open_callbacks(&self) -> Vec<OpenCallback> {
        self.look(|machine| {
            let running = machine.all().filter(|(_, execution)| !execution.has_ended());
            running.flat_map(|(_, execution)| open(execution)).collect()
        })
    }

    /// Ends a callback with a result, or with the message of an error.
    ///
    /// # Errors
    /// If it has ended, or was never begun.
    pub fn end_callback(&self, id: &str, result: Result<&str, &str>) -> Result<(), Error> {
        let result = result
            .map(Arc::from)
            .map_err(|message| ErrorObject::new("CallbackFailed", message));
        let ended = self.change(|machine, now| machine.end_callback(id, result, now));
        ended.map_err(|refusal| Error::other(refusal.to_string()))
    }

    /// All executions in the order of their starts, as `GetDurableExecution` describes them, each with its `Operations`.
    #[must_use]
    pub fn executions(&self) -> Vec<Value> {
        self.look(|machine| {
            let executions = machine.all().map(|(_, execution)| execution);
            executions
                .filter_map(|execution| {
                    let mut described = machine.describe(&execution.arn, true).ok()?;
                    let operations = execution.operations.iter().skip(1);
                    let operations = operations.map(|operation| operation.written(Times::Seconds));
                    described["Operations"] = serde_json::to_value(operations.collect::<Vec<_>>()).ok()?;
                    Some(described)
                })
                .collect()
        })
    }
}

impl Machine {
    fn is_busy(&self) -> bool {
        let mut running = self.all().filter(|(_, execution)| !execution.has_ended());
        self.has_calls() || running.any(|(_, execution)| execution.due || execution.running.is_some())
    }
}

fn open(execution: &Execution) -> impl Iterator<Item = OpenCallback> {
    let is_open = |operation: &&Operation| {
        operation.kind == OperationType::Callback && operation.status == OperationStatus::Started
    };
    let timed: Vec<usize> = execution
        .timers
        .iter()
        .filter_map(|(_, timer)| timer.of_callback())
        .collect();
    let callbacks = execution.operations.iter().enumerate();
    callbacks
        .filter(move |(_, operation)| is_open(operation))
        .filter_map(move |(index, operation)| {
            Some(OpenCallback {
                id: operation.callback_id.as_ref()?.to_string(),
                execution: execution.arn.to_string(),
                has_timeout: timed.contains(&index),
            })
        })
}
