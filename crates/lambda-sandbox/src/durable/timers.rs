//! What happens to an execution without its function: timers, callbacks and chained invokes end.

use std::sync::Arc;

use super::execution::{Execution, ExecutionStatus, Timer};
use super::history::{Data, HistoryEvent};
use super::operation::{ErrorObject, OperationStatus, OperationType};
use super::refusal::DurableRefusal;
use super::time::Time;

impl Execution {
    /// When the next timer is due.
    pub(super) fn next_timer(&self) -> Option<(Time, Timer)> {
        self.timers.first().copied()
    }

    /// Lets the first timer happen if it is due.
    pub(super) fn fire(&mut self, now: Time) -> bool {
        let Some((due, timer)) = self.next_timer().filter(|(due, _)| *due <= now) else {
            return false;
        };
        self.timers.remove(&(due, timer));
        match timer {
            Timer::Operation(index) => self.time_has_come(index, now),
            Timer::Callback(index) => {
                self.callback_timed_out(index, "Callback.Timeout", "Callback timed out", now)
            }
            Timer::Heartbeat(index) => {
                self.callback_timed_out(index, "Callback.Heartbeat", "Callback heartbeat timed out", now);
            }
            Timer::Again => {
                self.backing_off = false;
                self.due = true;
            }
            Timer::Execution => {
                let seconds = self.beginning.timeout.unwrap_or_default();
                let error = ErrorObject::message(format!("Execution timed out after {seconds} seconds."));
                self.end(ExecutionStatus::TimedOut, None, Some(error), now);
            }
        }
        true
    }

    /// A wait ends, or a step is ready for its next attempt.
    fn time_has_come(&mut self, index: usize, now: Time) {
        let Some(operation) = self.operations.get_mut(index) else {
            return;
        };
        match (operation.kind, operation.status) {
            (OperationType::Wait, OperationStatus::Started) => {
                operation.end(OperationStatus::Succeeded, now);
                let event = HistoryEvent::new("WaitSucceeded", now, Some(index), Data::None);
                let seconds = (now.micros() - operation.started.micros()) / 1_000_000;
                self.history.push(event.with("Duration", seconds));
            }
            (OperationType::Step, OperationStatus::Pending) => {
                operation.status = OperationStatus::Ready;
                operation.due = None;
            }
            _ => return,
        }
        self.updated.push(Arc::clone(&operation.id));
        self.wake(index);
    }

    fn callback_timed_out(&mut self, index: usize, error_type: &str, message: &str, now: Time) {
        let error = ErrorObject::new(error_type, message);
        self.end_callback(index, OperationStatus::TimedOut, None, Some(error), now);
    }

    /// Ends a callback from outside.
    ///
    /// # Errors
    /// If it has ended before.
    pub(super) fn complete_callback(
        &mut self,
        index: usize,
        result: Result<Arc<str>, ErrorObject>,
        now: Time,
    ) -> Result<(), DurableRefusal> {
        self.open_callback(index)?;
        let (status, result, error) = match result {
            Ok(result) => (OperationStatus::Succeeded, Some(result), None),
            Err(error) => (OperationStatus::Failed, None, Some(error)),
        };
        self.end_callback(index, status, result, error, now);
        Ok(())
    }

    /// The callback lives: the time until its next heartbeat begins again.
    ///
    /// # Errors
    /// If it has ended.
    pub(super) fn heartbeat(&mut self, index: usize, now: Time) -> Result<(), DurableRefusal> {
        self.open_callback(index)?;
        self.timers.retain(|(_, timer)| *timer != Timer::Heartbeat(index));
        let seconds = self
            .operations
            .get(index)
            .and_then(|operation| operation.heartbeat);
        if let Some(seconds) = seconds {
            self.timers.insert((now.after(seconds), Timer::Heartbeat(index)));
        }
        Ok(())
    }

    fn open_callback(&self, index: usize) -> Result<(), DurableRefusal> {
        let status = self.operations.get(index).map(|operation| operation.status);
        match status {
            Some(OperationStatus::TimedOut) => Err(DurableRefusal::CallbackTimeout),
            Some(OperationStatus::Started) if !self.has_ended() => Ok(()),
            _ => Err(DurableRefusal::NotFound(
                "the callback, or the execution that waits for it, has ended".to_owned(),
            )),
        }
    }

    fn end_callback(
        &mut self,
        index: usize,
        status: OperationStatus,
        result: Option<Arc<str>>,
        error: Option<ErrorObject>,
        now: Time,
    ) {
        let Some(operation) = self.operations.get_mut(index) else {
            return;
        };
        let (event, data) = match status {
            OperationStatus::Succeeded => ("CallbackSucceeded", Data::Result(result.clone())),
            OperationStatus::TimedOut => ("CallbackTimedOut", Data::Error(error.clone())),
            _ => ("CallbackFailed", Data::Error(error.clone())),
        };
        operation.payload = result;
        operation.error = error;
        operation.end(status, now);
        self.history
            .push(HistoryEvent::new(event, now, Some(index), data));
        self.timers.retain(
            |(_, timer)| !matches!(timer, Timer::Callback(of) | Timer::Heartbeat(of) if *of == index),
        );
        self.wake(index);
    }

    /// Ends a chained invoke.
    pub(super) fn end_call(
        &mut self,
        index: usize,
        status: ExecutionStatus,
        result: Option<Arc<str>>,
        error: Option<ErrorObject>,
        now: Time,
    ) {
        let open = |status| status == OperationStatus::Started;
        if self.has_ended() {
            return;
        }
        let Some(operation) = self
            .operations
            .get_mut(index)
            .filter(|operation| open(operation.status))
        else {
            return;
        };
        let of_error = Data::Error(error.clone());
        let (of_operation, event, data) = match status {
            ExecutionStatus::Succeeded => (
                OperationStatus::Succeeded,
                "ChainedInvokeSucceeded",
                Data::Result(result.clone()),
            ),
            ExecutionStatus::TimedOut => (OperationStatus::TimedOut, "ChainedInvokeTimedOut", of_error),
            ExecutionStatus::Stopped => (OperationStatus::Stopped, "ChainedInvokeStopped", of_error),
            ExecutionStatus::Failed | ExecutionStatus::Running => {
                (OperationStatus::Failed, "ChainedInvokeFailed", of_error)
            }
        };
        operation.payload = result;
        operation.error = error;
        operation.end(of_operation, now);
        self.history
            .push(HistoryEvent::new(event, now, Some(index), data));
        self.updated.push(Arc::clone(&operation.id));
        self.wake(index);
    }
}
