//! The handle to a function: invoke, kill, shut down.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, Semaphore};
use uuid::Uuid;

use super::outcome::{FunctionError, Outcome, ResponseMode};
use super::process::{Process, Signal};
use super::sandbox::{Current, Delivery, Sandbox, StartError};
use super::{Builder, Finished, InvokeEvent};
use crate::sync::lock;
use crate::{Error, MAX_REQUEST};

/// A Lambda function in a local process, behind its own Runtime API.
///
/// As Lambda does by default, the process runs one invocation at a time, unless
/// [`max_concurrency`](Builder::max_concurrency) allows more. Other callers wait in the order of their calls. If the process
/// has ended, by a crash, a timeout or [`kill`](Function::kill), the next invocation starts it again. Dropping the handle
/// kills the process.
///
/// Requires a tokio runtime with I/O and time enabled.
///
/// # Example
/// ```no_run
/// # async fn example() -> Result<(), lambda_sandbox::Error> {
/// use std::time::Duration;
///
/// let function = lambda_sandbox::Function::builder("target/debug/switchboard")
///     .env("SWITCHBOARD_STORE", "sqlite:/tmp/journal.sqlite")
///     .timeout(Duration::from_secs(3))
///     .start()
///     .await?;
/// let outcome = function.invoke(r#"{"Records": []}"#).await?;
/// match outcome.result {
///     Ok(reply) => println!("{} in {:?}", String::from_utf8_lossy(&reply), outcome.duration),
///     Err(error) => println!("{error}"),
/// }
/// function.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct Function {
    config: Builder,
    /// Each invocation holds a permit until it is over. The semaphore is the queue, and it is fair.
    turns: Semaphore,
    sandbox: AsyncMutex<Option<Arc<Sandbox>>>,
    current: Current,
    closed: AtomicBool,
    init_duration: Duration,
    /// Whether the first process has not been invoked yet.
    unused: AtomicBool,
}

impl Builder {
    /// Starts the process and waits for its first poll.
    ///
    /// # Errors
    /// If the process cannot be started or fails to initialise ([`Error::init`]): it reports an initialisation error,
    /// exits, or does not poll in time. No process is left running in either case.
    pub async fn start(self) -> Result<Function, Error> {
        Function::start(self).await
    }
}

impl Function {
    /// Configures a function. `program` is any binary that implements a Lambda runtime.
    #[must_use]
    pub fn builder(program: impl AsRef<Path>) -> Builder {
        Builder::new(program.as_ref())
    }

    pub(super) async fn start(config: Builder) -> Result<Self, Error> {
        let current = Mutex::new(None);
        let sandbox = match Sandbox::start(&config, &current).await {
            Ok(sandbox) => sandbox,
            Err(StartError::Io(error)) => return Err(error),
            Err(StartError::Init { error, logs }) => return Err(Error::failed_init(error, logs)),
        };
        Ok(Self {
            turns: Semaphore::new(config.mode.max_concurrency() as usize),
            config,
            init_duration: sandbox.init_duration(),
            sandbox: AsyncMutex::new(Some(Arc::new(sandbox))),
            current,
            closed: AtomicBool::new(false),
            unused: AtomicBool::new(true),
        })
    }

    /// Invokes the function and waits for the outcome. Earlier callers go first.
    ///
    /// Dropping the future abandons the invocation, not the function: it runs on, and its answer is discarded.
    ///
    /// # Errors
    /// If the payload exceeds 6 MB, if the process cannot be restarted, or if the function was shut down. Failures of the
    /// function itself are in the [`Outcome`].
    pub async fn invoke(&self, event: impl Into<InvokeEvent>) -> Result<Outcome, Error> {
        let mut event = event.into();
        if event.payload.len() > MAX_REQUEST {
            return Err(Error::payload_too_large(event.payload.len(), MAX_REQUEST));
        }
        let new = || Uuid::new_v4().to_string();
        let request_id = event.request_id.take().unwrap_or_else(new);
        // Acquiring cannot fail: the semaphore is never closed.
        let _turn = self.turns.acquire().await;
        let payload = event.payload.clone();
        let outcome = self.invoke_in_turn(&request_id, event).await;
        if let Ok(outcome) = &outcome {
            self.finish(&payload, outcome);
        }
        // A dead process needs no Runtime API; free its port.
        let mut place = self.sandbox.lock().await;
        if place.as_ref().is_some_and(|sandbox| sandbox.has_exited()) {
            *place = None;
        }
        outcome
    }

    async fn invoke_in_turn(&self, request_id: &str, event: InvokeEvent) -> Result<Outcome, Error> {
        loop {
            let (sandbox, init_duration) = match self.ready().await {
                Ok(ready) => ready,
                Err(StartError::Io(error)) => return Err(error),
                Err(StartError::Init { error, logs }) => {
                    return Ok(failed(request_id, error.concerning(request_id), logs));
                }
            };
            let delivery = sandbox
                .deliver(request_id, event.clone(), self.config.timeout)
                .await;
            // The process may have exited unnoticed since the last invocation. The next process then gets the event, unless
            // this one exited right after its first poll, which counts as a crash.
            if matches!(delivery, Delivery::Untaken(_)) && init_duration.is_none() {
                continue;
            }
            let logs = sandbox.take_logs(request_id);
            return Ok(Outcome {
                logs,
                init_duration,
                ..outcome(request_id, delivery)
            });
        }
    }

    /// Calls the `on_end` callback.
    fn finish(&self, payload: &bytes::Bytes, outcome: &Outcome) {
        let was_unused = self.unused.swap(false, Ordering::Relaxed);
        let Some(on_end) = &self.config.on_end else {
            return;
        };
        let first = was_unused.then_some(self.init_duration);
        on_end(&Finished {
            payload,
            outcome,
            init_duration: outcome.init_duration.or(first),
            peak_memory: self.peak_memory(),
        });
    }

    /// A sandbox with a running process, and the time it took to initialise if it had to be started.
    async fn ready(&self) -> Result<(Arc<Sandbox>, Option<Duration>), StartError> {
        let mut place = self.sandbox.lock().await;
        match place.take().filter(|sandbox| !sandbox.has_exited()) {
            Some(sandbox) => {
                sandbox.forget_logs();
                Ok((Arc::clone(place.insert(sandbox)), None))
            }
            None => {
                let sandbox = place.insert(Arc::new(self.restart().await?));
                Ok((Arc::clone(sandbox), Some(sandbox.init_duration())))
            }
        }
    }

    async fn restart(&self) -> Result<Sandbox, StartError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StartError::Io(Error::closed()));
        }
        let sandbox = Sandbox::start(&self.config, &self.current).await?;
        // If the function was shut down meanwhile, there was no process to end yet.
        match self.closed.load(Ordering::Acquire) {
            true => Err(StartError::Io(Error::closed())),
            false => Ok(sandbox),
        }
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// The memory size that the function sees, in MB.
    #[must_use]
    pub fn memory_mb(&self) -> u32 {
        self.config.memory_mb
    }

    /// The timeout of an invocation.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.config.timeout
    }

    /// The function's ARN, in the configured region and account 000000000000.
    #[must_use]
    pub fn arn(&self) -> String {
        crate::runtime_api::arn(&self.config.name)
    }

    /// The time from the first start of the process to its first poll.
    #[must_use]
    pub fn init_duration(&self) -> Duration {
        self.init_duration
    }

    /// The id of the running process; `None` from its exit to its restart.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.running().map(|process| process.pid())
    }

    /// The peak memory of the running process and its descendants so far, in bytes. Known on Linux only.
    ///
    /// For a single process it is the peak resident set size. For several it is the sum of their peaks, with shared pages
    /// counted once. It may miss processes that live for less than 50 milliseconds.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        self.running()?.memory().peak()
    }

    fn running(&self) -> Option<Arc<Process>> {
        let current = lock(&self.current).clone();
        current.filter(|process| !process.has_exited())
    }

    /// Kills the process immediately, as `kill -9` does, and waits for its exit. A running invocation ends with
    /// `Runtime.ExitError`. The next invocation starts the process again.
    pub async fn kill(&self) {
        let process = lock(&self.current).clone();
        if let Some(process) = process {
            process.kill().await;
        }
    }

    /// Ends the process: `SIGTERM`, then `SIGKILL` after two seconds. Invocations that the process does not answer before it
    /// exits, and waiting invocations, end with an error.
    ///
    /// Returns the exit code; `None` if a signal ended the process, or if none was running.
    pub async fn shutdown(&self) -> Option<i32> {
        self.closed.store(true, Ordering::Release);
        let process = lock(&self.current).clone();
        match process {
            Some(process) => Sandbox::stop(&process).await,
            None => None,
        }
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pid = self.pid();
        f.debug_struct("Function")
            .field("name", &self.config.name)
            .field("pid", &pid)
            .finish_non_exhaustive()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let process = lock(&self.current).take();
        if let Some(process) = process {
            process.signal(Signal::KILL);
        }
    }
}

fn outcome(request_id: &str, delivery: Delivery) -> Outcome {
    let exited = |exit| {
        let message = format!("RequestId: {request_id} Error: {exit}");
        Err(FunctionError::new("Runtime.ExitError", message))
    };
    let (result, duration, mode) = match delivery {
        Delivery::Answered(answer, duration) => (answer.result, duration, answer.mode),
        Delivery::Exited(exit, duration) => (exited(exit), duration, ResponseMode::Buffered),
        Delivery::Untaken(exit) => (exited(exit), Duration::ZERO, ResponseMode::Buffered),
        Delivery::TimedOut(limit) => (
            Err(FunctionError::timed_out(request_id, limit)),
            limit,
            ResponseMode::Buffered,
        ),
    };
    Outcome {
        result,
        mode,
        duration,
        ..blank(request_id)
    }
}

fn blank(request_id: &str) -> Outcome {
    Outcome {
        request_id: request_id.to_owned(),
        result: Ok(bytes::Bytes::new()),
        mode: ResponseMode::Buffered,
        duration: Duration::ZERO,
        init_duration: None,
        logs: Vec::new(),
    }
}

fn failed(request_id: &str, error: FunctionError, logs: Vec<String>) -> Outcome {
    Outcome {
        result: Err(error),
        logs,
        ..blank(request_id)
    }
}
