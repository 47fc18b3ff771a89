//! The service: the machine with a clock, and with functions to invoke.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::clock::Clock;
use super::driver::{DriverState, drive};
use super::execution::{Beginning, ExecutionStatus, LONGEST};
use super::faults::OutOfTime;
use super::machine::Machine;
use super::operation::ErrorObject;
use super::refusal::DurableRefusal;
use super::settings::DurableSettings;
use super::time::Time;
use super::waiting::Waiters;
use crate::sync::{AbortOnDrop, lock};
use crate::{Error, Function, FunctionError, InvokeEvent, MAX_REQUEST, MAX_RESPONSE, Outcome, ResponseMode};

/// Lambda's durable execution service, for functions on this machine.
///
/// It starts executions, invokes the function with their envelopes, takes its checkpoints, lets its waits, retries and callbacks
/// come due, and invokes it again until the execution has ended. A [`Gateway`](crate::Gateway) serves its API:
/// see [`Gateway::durable`](crate::Gateway::durable).
///
/// # Example
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use lambda_sandbox::{Durable, DurableSettings, Function, Gateway, http::PayloadFormat};
/// use std::sync::Arc;
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// let function = Function::builder("target/debug/my-workflow")
///     .durable_at(listener.local_addr()?)
///     .start()
///     .await?;
/// let function = Arc::new(function);
/// // A day passes in 24 seconds.
/// let settings = DurableSettings::new().time_scale(3600.0);
/// let durable = Arc::new(Durable::new(Arc::clone(&function), settings));
/// let gateway = Gateway::new(function, PayloadFormat::Http).durable(Arc::clone(&durable));
/// tokio::spawn(gateway.serve(listener));
/// let outcome = durable.invoke(r#"{"order": 7}"#).await?;
/// println!("{:?}", outcome.result);
/// # Ok(())
/// # }
/// ```
pub struct Durable {
    pub(super) shared: Arc<DriverState>,
    _driver: AbortOnDrop,
}

impl Durable {
    /// A service that invokes `function`, and begins to work at once. Requires a tokio runtime.
    #[must_use]
    pub fn new(function: Arc<Function>, settings: DurableSettings) -> Self {
        let seed = settings.seed.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0);
        let shared = Arc::new(DriverState {
            machine: Mutex::new(Machine::new(seed)),
            clock: Mutex::new(Clock::new(settings.time_scale)),
            changed: Notify::new(),
            done: watch::Sender::new(0),
            function,
            settings,
            waiting: Waiters::default(),
            out_of_time: OutOfTime::default(),
            plain_calls: AtomicUsize::new(0),
        });
        Self {
            _driver: AbortOnDrop::spawn(drive(Arc::clone(&shared))),
            shared,
        }
    }

    /// Starts an execution and waits until it has ended. The outcome has the result of the execution, or its error.
    ///
    /// # Errors
    /// If the payload exceeds 6 MB or is not text, if its tenant id is missing or not wanted, or if too many executions run.
    pub async fn invoke(&self, event: impl Into<InvokeEvent>) -> Result<Outcome, Error> {
        let event = event.into();
        if event.payload.len() > MAX_REQUEST {
            return Err(Error::payload_too_large(event.payload.len(), MAX_REQUEST));
        }
        self.shared.function.admits(&event)?;
        let execution = self
            .start("", event, None)
            .map_err(|refusal| Error::other(refusal.to_string()))?;
        Ok(self.outcome(&execution).await)
    }

    /// Starts an execution of this function, or finds the one with this name and input, and returns its ARN.
    pub(crate) fn start(
        &self,
        function: &str,
        event: InvokeEvent,
        name: Option<&str>,
    ) -> Result<Arc<str>, DurableRefusal> {
        let input = String::from_utf8(event.payload.to_vec());
        let input = input
            .map_err(|_| DurableRefusal::invalid("the input of a durable execution must be text in UTF-8"))?;
        let function = self.shared.function_of(function);
        let beginning = Beginning {
            tenant: event.tenant_id,
            trace_id: event.trace_id,
            ..self.shared.beginning(function, input.into())
        };
        self.change(|machine, now| machine.start(name, beginning, now))
    }

    /// Waits for the end of an execution.
    pub(crate) async fn outcome(&self, arn: &Arc<str>) -> Outcome {
        let begun = Instant::now();
        let waiting = self.shared.waiting.wait(arn);
        let mut done = self.shared.done.subscribe();
        let result = loop {
            if let Some(result) = self.result(arn) {
                break result;
            }
            // The sender lives as long as this service.
            if done.changed().await.is_err() {
                break Err(FunctionError::new("Unhandled", "the service has ended"));
            }
        };
        let seen = waiting.seen();
        Outcome {
            request_id: Uuid::new_v4().to_string(),
            result,
            mode: ResponseMode::Buffered,
            duration: begun.elapsed(),
            init_duration: seen.init,
            environment: seen.environment,
            peak_memory: seen.peak_memory,
            logs: seen.logs,
        }
    }

    /// The result of an execution that has ended.
    fn result(&self, arn: &str) -> Option<Result<Bytes, FunctionError>> {
        let machine = lock(&self.shared.machine);
        let Ok(execution) = machine.execution(arn) else {
            return Some(Err(FunctionError::new(
                "Unhandled",
                "the execution was forgotten",
            )));
        };
        match execution.status {
            ExecutionStatus::Running => None,
            ExecutionStatus::Succeeded => {
                let result = execution.result.as_deref().unwrap_or("null");
                Some(match result.len() > MAX_RESPONSE {
                    true => Err(FunctionError::new(
                        "Function.ResponseSizeTooLarge",
                        format!(
                            "the result has {} bytes; a caller gets at most {MAX_RESPONSE}",
                            result.len()
                        ),
                    )),
                    false => Ok(Bytes::copy_from_slice(result.as_bytes())),
                })
            }
            status => Some(Err(failed(status, execution.error.as_ref()))),
        }
    }

    /// Jumps to the moment at which something happens by itself, and returns how many seconds were skipped; `None` if nothing
    /// is waited for. Timeouts of whole executions count only if there is nothing else.
    pub fn next_timer(&self) -> Option<f64> {
        let timer = {
            let machine = lock(&self.shared.machine);
            machine.next_timer(false).or_else(|| machine.next_timer(true))?
        };
        let skipped = lock(&self.shared.clock).jump_to(timer);
        self.shared.changed.notify_one();
        Some(skipped)
    }

    /// The other functions that it invokes, and whether each is durable.
    pub(crate) fn others(&self) -> impl Iterator<Item = (&Arc<Function>, bool)> {
        let others = self.shared.settings.others.iter();
        others.map(|other| (&other.function, other.is_durable))
    }

    /// What `DurableConfig` says of the functions.
    pub(crate) fn config(&self) -> Value {
        let timeout = self.shared.settings.execution_timeout;
        json!({"ExecutionTimeout": timeout.map_or(LONGEST, |timeout| i64::try_from(timeout.as_secs()).unwrap_or(LONGEST))})
    }

    /// The function of this name or ARN, if it is not durable.
    pub(crate) fn plain(&self, function: &str) -> Option<&Arc<Function>> {
        let other = self.shared.settings.other(function);
        other
            .filter(|other| !other.is_durable)
            .map(|other| &other.function)
    }

    /// The name of the function that is invoked for this name or ARN.
    pub(super) fn name_of(&self, function: &str) -> &str {
        self.shared.function_of(function).name()
    }

    /// Looks at the machine.
    pub(super) fn look<T>(&self, at: impl FnOnce(&Machine) -> T) -> T {
        at(&lock(&self.shared.machine))
    }

    /// Changes something, after what was due before.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Machine, Time) -> Result<T, DurableRefusal>,
    ) -> Result<T, DurableRefusal> {
        self.shared.change(change)
    }
}

/// The error of an execution as its caller gets it.
fn failed(status: ExecutionStatus, error: Option<&ErrorObject>) -> FunctionError {
    let error = error.cloned().unwrap_or_default();
    let mut payload = json!({
        "errorType": error.error_type.unwrap_or_else(|| format!("DurableExecution.{status:?}")),
        "errorMessage": error.error_message.unwrap_or_default(),
    });
    if let Some(stack) = error.stack_trace {
        payload["stackTrace"] = stack.into();
    }
    FunctionError::reported(payload.to_string().into(), None)
}
