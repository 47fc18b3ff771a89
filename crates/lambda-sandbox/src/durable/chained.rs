//! Chained invokes: operations that end when another function has ended.

use std::sync::Arc;

use super::execution::{Beginning, Execution, ExecutionStatus};
use super::machine::{ChainedCall, Machine};
use super::operation::{ErrorObject, OperationType};
use super::time::Time;
use super::update::{CHAINED, Update};

/// The end of an execution that another one waits for.
#[derive(Debug)]
pub(super) struct Ended {
    of: (Arc<str>, usize),
    status: ExecutionStatus,
    result: Option<Arc<str>>,
    error: Option<ErrorObject>,
}

impl Machine {
    /// The chained invoke starts an execution.
    pub(super) fn call_execution(&mut self, call: &ChainedCall, beginning: Beginning, now: Time) {
        let child = match self.start(None, beginning, now) {
            Ok(child) => child,
            Err(_) => {
                let error = ErrorObject::new("TooManyRequestsException", "too many executions are running");
                return self.called(&call.of, Err(error), now);
            }
        };
        if let Ok((_, execution)) = self.execution_mut(&child) {
            execution.parent = Some(call.of.clone());
        }
        if let Ok((_, parent)) = self.execution_mut(&call.of.0) {
            parent.add_to_start(call.of.1, "DurableExecutionArn", &child);
        }
    }

    /// The chained invoke of a function that is not durable has ended.
    pub(super) fn called(
        &mut self,
        of: &(Arc<str>, usize),
        result: Result<Arc<str>, ErrorObject>,
        now: Time,
    ) {
        let (status, result, error) = match result {
            Ok(result) if result.len() > CHAINED => (ExecutionStatus::Failed, None, Some(too_large())),
            Ok(result) => (ExecutionStatus::Succeeded, Some(result), None),
            Err(error) => (ExecutionStatus::Failed, None, Some(error)),
        };
        if let Ok((_, parent)) = self.execution_mut(&of.0) {
            parent.end_call(of.1, status, result, error, now);
        }
    }

    /// The execution of a chained invoke has ended.
    pub(super) fn child_ended(&mut self, ended: Ended, now: Time) {
        if let Ok((_, parent)) = self.execution_mut(&ended.of.0) {
            parent.end_call(ended.of.1, ended.status, ended.result, ended.error, now);
        }
    }
}

impl Execution {
    /// What an execution is told that waits for this one, which has ended.
    pub(super) fn for_parent(&mut self) -> Option<Ended> {
        let mut ended = Ended {
            of: self.parent.take()?,
            status: self.status,
            result: self.result.clone(),
            error: self.error.clone(),
        };
        if ended.result.as_ref().is_some_and(|result| result.len() > CHAINED) {
            (ended.status, ended.result) = (ExecutionStatus::Failed, None);
            ended.error = Some(too_large());
        }
        if ended.status == ExecutionStatus::TimedOut {
            let seconds = self.beginning.timeout.unwrap_or_default();
            let message = format!("CHAINED_INVOKE timed out after {seconds} seconds.");
            ended.error = Some(ErrorObject::new("ChainedInvoke.Timeout", message));
        }
        Some(ended)
    }
}

/// The function, the tenant and the payload of a chained invoke.
pub(super) fn call_of(update: &Update) -> Option<(String, Option<String>, Arc<str>)> {
    if update.kind != OperationType::ChainedInvoke {
        return None;
    }
    let options = update.chained_invoke_options.as_ref()?;
    let payload = update.payload.as_deref().unwrap_or("{}");
    Some((
        options.function_name.clone(),
        options.tenant_id.clone(),
        payload.into(),
    ))
}

fn too_large() -> ErrorObject {
    ErrorObject::message(format!(
        "Execution output payload size must be less than or equal to {CHAINED} bytes."
    ))
}
