//! What goes wrong between a durable function and its service, on purpose: for simulations.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use serde_json::json;

use super::api::{error_response, refused};
use super::driver::DriverState;
use super::refusal::DurableRefusal;
use super::routes::{DurableRoute, operation};
use super::service::Durable;
use crate::sync::lock;
use crate::{FunctionError, Outcome};

/// What an error says that was planned.
const PLANNED: &str = "a planned fault";

/// What happens to a checkpoint of a function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CheckpointFault {
    /// The function's process is killed before the checkpoint arrives.
    CrashBefore,
    /// The checkpoint is taken, and the process is killed before it gets the answer.
    CrashAfter,
    /// The invocation runs out of time before the checkpoint arrives.
    TimeOut,
    /// The checkpoint is taken, and its answer gets lost: the function sees a fault of the service (500).
    LoseAnswer,
    /// The same request arrives twice, and the function gets the second answer.
    Double,
    /// The checkpoint is refused with 429, and nothing has changed.
    Throttle,
}

/// Decides what goes wrong. Calls come in the order of events, from several tasks if several executions run.
pub trait DurableFaults: Send + Sync + 'static {
    /// A checkpoint of this execution has arrived, with this body in the JSON of the API.
    fn at_checkpoint(&self, execution: &str, body: &[u8]) -> Option<CheckpointFault>;

    /// An invocation of this execution has ended: with an answer, or with an error of this type. If it has an answer, returns whether
    /// that gets lost because the process dies.
    fn at_answer(&self, execution: &str, error: Option<&str>) -> bool;
}

/// The executions whose invocation was made to run out of time.
#[derive(Default)]
pub(super) struct OutOfTime(Mutex<HashSet<Arc<str>>>);

impl Durable {
    /// Answers a request of the API, unless a fault is planned for it.
    pub(crate) async fn respond(&self, request: &Parts, body: Option<Bytes>) -> Response<Bytes> {
        let (Some(faults), Some(sent)) = (&self.shared.settings.faults, &body) else {
            return self.answer(request, body);
        };
        let Some(DurableRoute::Checkpoint(execution)) = operation(request) else {
            return self.answer(request, body);
        };
        let Some(fault) = faults.at_checkpoint(&execution, sent) else {
            return self.answer(request, body);
        };
        match fault {
            CheckpointFault::CrashBefore => self.kill(&execution).await,
            CheckpointFault::CrashAfter => {
                self.answer(request, body);
                self.kill(&execution).await;
            }
            CheckpointFault::TimeOut => {
                self.shared.out_of_time.note(&execution);
                self.kill(&execution).await;
            }
            CheckpointFault::LoseAnswer => {
                self.answer(request, body);
            }
            CheckpointFault::Double => {
                self.answer(request, body.clone());
                return self.answer(request, body);
            }
            CheckpointFault::Throttle => {
                return refused(&DurableRefusal::TooMany(PLANNED.to_owned()), request);
            }
        }
        fault_of_service()
    }

    /// Kills the processes of the function that runs this execution.
    async fn kill(&self, execution: &str) {
        let function = self.look(|machine| {
            let execution = machine.execution(execution).ok()?;
            Some(Arc::clone(&execution.beginning.function))
        });
        if let Some(name) = function {
            self.shared.function_of(&name).kill().await;
        }
    }
}

impl OutOfTime {
    fn note(&self, execution: &str) {
        lock(&self.0).insert(execution.into());
    }
}

impl DriverState {
    /// The outcome of an invocation as planned faults leave it.
    pub(super) async fn disturbed(
        &self,
        execution: &Arc<str>,
        function: &str,
        outcome: Outcome,
    ) -> Result<Bytes, FunctionError> {
        let Some(faults) = &self.settings.faults else {
            return outcome.result;
        };
        if lock(&self.out_of_time.0).remove(execution) {
            let limit = self.function_of(function).timeout();
            lock(&self.clock).pass(limit);
            faults.at_answer(execution, Some("planned"));
            let message = format!("Task timed out after {:.2} seconds", limit.as_secs_f64());
            return Err(FunctionError::new("Sandbox.Timedout", message));
        }
        let error = outcome
            .result
            .as_ref()
            .err()
            .map(|error| error.error_type.as_str());
        if faults.at_answer(execution, error) && outcome.result.is_ok() {
            self.function_of(function).kill().await;
            let message = "the process died after its answer was composed, as planned";
            return Err(FunctionError::new("Runtime.ExitError", message));
        }
        outcome.result
    }
}

/// What the function sees of a request that the service has not answered.
fn fault_of_service() -> Response<Bytes> {
    let body = json!({"Type": "Service", "message": PLANNED});
    error_response(StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", &body)
}
