//! Does what is due: lets time pass, and invokes functions.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::clock::Clock;
use super::execution::Beginning;
use super::faults::OutOfTime;
use super::machine::{ChainedCall, DueInvocation, Machine};
use super::operation::ErrorObject;
use super::refusal::DurableRefusal;
use super::settings::DurableSettings;
use super::time::Time;
use super::waiting::Waiters;
use crate::sync::lock;
use crate::{Function, FunctionError, InvokeEvent};

/// What the service's driver and its callers share.
pub(super) struct DriverState {
    pub(super) machine: Mutex<Machine>,
    pub(super) clock: Mutex<Clock>,
    /// Something has changed: the driver looks what is to be done.
    pub(super) changed: Notify,
    /// Counts what was done: those who wait for an execution look whether it has ended.
    pub(super) done: watch::Sender<u64>,
    pub(super) function: Arc<Function>,
    pub(super) settings: DurableSettings,
    pub(super) waiting: Waiters,
    pub(super) out_of_time: OutOfTime,
    /// How many functions run that are not durable.
    pub(super) plain_calls: AtomicUsize,
}

impl DriverState {
    fn now(&self) -> Time {
        lock(&self.clock).now()
    }

    /// The function that is invoked for this name or ARN.
    pub(super) fn function_of(&self, name: &str) -> &Arc<Function> {
        let other = self.settings.other(name);
        other.map_or(&self.function, |other| &other.function)
    }

    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Machine, Time) -> Result<T, DurableRefusal>,
    ) -> Result<T, DurableRefusal> {
        let changed = {
            let mut machine = lock(&self.machine);
            let now = self.now();
            machine.advance(now);
            change(&mut machine, now)
        };
        self.changed.notify_one();
        changed
    }

    /// What an execution of this function begins with.
    pub(super) fn beginning(&self, function: &Function, input: Arc<str>) -> Beginning {
        let timeout = self.settings.execution_timeout;
        Beginning {
            function: function.name().into(),
            function_arn: function.arn(),
            input,
            timeout: timeout.and_then(|timeout| i64::try_from(timeout.as_secs()).ok()),
            tenant: None,
            trace_id: None,
        }
    }

    /// Lets everything happen that is due. Returns which functions to invoke, and how long nothing happens by itself.
    fn work(&self) -> (Vec<DueInvocation>, Vec<ChainedCall>, Option<Duration>) {
        let mut machine = lock(&self.machine);
        let now = self.now();
        machine.advance(now);
        let mut plain = Vec::new();
        for call in machine.take_calls() {
            match self.settings.other(&call.function) {
                Some(other) if !other.is_durable => {
                    self.plain_calls.fetch_add(1, Ordering::SeqCst);
                    plain.push(call);
                }
                other => {
                    let function = other.map_or(&self.function, |other| &other.function);
                    let beginning = Beginning {
                        tenant: call.tenant.clone(),
                        ..self.beginning(function, Arc::clone(&call.payload))
                    };
                    machine.call_execution(&call, beginning, now);
                }
            }
        }
        let invocations = std::iter::from_fn(|| machine.take_invocation(now)).collect();
        let timer = machine.next_timer(true);
        let nap = timer.map(|timer| lock(&self.clock).until(timer));
        (invocations, plain, nap)
    }

    /// Invokes the function of an execution, and takes its answer.
    async fn invoke(&self, invocation: DueInvocation) {
        let function = self.function_of(&invocation.function);
        let mut event = InvokeEvent::from(invocation.envelope);
        event.is_envelope = true;
        event.tenant_id = invocation.tenant;
        event.trace_id = invocation.trace_id;
        let (answer, request_id) = match function.invoke(event).await {
            Ok(outcome) => {
                self.waiting.remember(&invocation.arn, &outcome);
                let request_id = outcome.request_id.clone();
                let result = self.disturbed(&invocation.arn, &invocation.function, outcome);
                (result.await.map_err(|error| reported(&error)), request_id)
            }
            Err(error) => (Err(unavailable(&error)), String::new()),
        };
        // An answer of an execution that has ended meanwhile changes nothing.
        let _ = self.change(|machine, now| {
            let answer = answer
                .as_ref()
                .map(|reply| &reply[..])
                .map_err(ErrorObject::clone);
            machine.answered(&invocation.arn, answer, &request_id, now);
            Ok(())
        });
    }

    /// Invokes a function that is not durable, for an operation.
    async fn call(&self, call: ChainedCall) {
        let Some(other) = self.settings.other(&call.function) else {
            return;
        };
        let mut event = InvokeEvent::from(call.payload.as_bytes().to_vec());
        event.tenant_id = call.tenant;
        let result = match other.function.invoke(event).await {
            Ok(outcome) => outcome.result.map_err(|error| reported(&error)),
            Err(error) => Err(unavailable(&error)),
        };
        let result = result.map(|reply| Arc::from(String::from_utf8_lossy(&reply)));
        let _ = self.change(|machine, now| {
            machine.called(&call.of, result, now);
            self.plain_calls.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        });
    }
}

/// Does what is due, until it is aborted.
pub(super) async fn drive(shared: Arc<DriverState>) {
    let mut tasks = JoinSet::new();
    loop {
        let (invocations, calls, nap) = shared.work();
        shared.done.send_modify(|count| *count = count.wrapping_add(1));
        for invocation in invocations {
            let shared = Arc::clone(&shared);
            tasks.spawn(async move { shared.invoke(invocation).await });
        }
        for call in calls {
            let shared = Arc::clone(&shared);
            tasks.spawn(async move { shared.call(call).await });
        }
        let timer = async {
            match nap {
                Some(nap) => sleep(nap).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.changed.notified() => {}
            () = timer => {}
            Some(_) = tasks.join_next() => {}
        }
    }
}

/// The error of a process that could not be started.
fn unavailable(error: &crate::Error) -> ErrorObject {
    ErrorObject::new("ServiceException", error.to_string())
}

/// A function's error as the API has it.
fn reported(error: &FunctionError) -> ErrorObject {
    let payload: Value = serde_json::from_slice(&error.payload).unwrap_or_default();
    let stack = payload["stackTrace"].as_array().or(payload["trace"].as_array());
    let lines = stack.map(|lines| {
        lines
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    });
    ErrorObject {
        stack_trace: lines,
        ..ErrorObject::new(&error.error_type, error.message.clone())
    }
}
