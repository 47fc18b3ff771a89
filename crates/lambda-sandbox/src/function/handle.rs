//! The handle to a function: invoke, kill, shut down.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep_until;
use uuid::Uuid;

use super::builder::Mode;
use super::init::StartError;
use super::outcome::{Outcome, blank, outcome};
use super::place::Place;
use super::places::Places;
use super::sandbox::Delivery;
use super::stream::{self, BufferedReply, Piece, Reply};
use super::{Builder, Finished, InvokeEvent};
use crate::error::Tenancy;
use crate::runtime_api::ShutdownReason;
use crate::sync::AbortOnDrop;
use crate::{Error, MAX_REQUEST};

/// A Lambda function in a local process, behind its own Runtime API.
///
/// As Lambda does by default, the process runs one invocation at a time, unless
/// [`max_concurrency`](Builder::max_concurrency) allows more; [`max_environments`](Builder::max_environments) allows further
/// processes. Other callers wait in the order of their calls. If the process has ended, by a crash, a timeout or [`kill`](Function::kill), the next invocation starts it again. Dropping the handle
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
    places: Arc<Places>,
    /// Ends idle environments.
    _idle: Option<AbortOnDrop>,
    /// Until when invocations wait, if they do.
    held: watch::Sender<Option<Instant>>,
    init_duration: Duration,
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
        if config.tenant_isolation && config.mode != Mode::OnDemand {
            return Err(Error::other(
                "tenant isolation works neither with SnapStart nor with Managed Instances",
            ));
        }
        let places = Arc::new(Places::new(&config));
        let first = places.first();
        let started = first.start(&config, &places.lifetime).await;
        let init_duration = started.map_err(StartError::into_error)?;
        let idle = config.idle_timeout.map(|limit| {
            let (places, on_idle) = (Arc::clone(&places), config.on_idle.clone());
            AbortOnDrop::spawn(async move {
                let ended = |number| on_idle.iter().for_each(|sink| sink(number));
                places.end_idle(limit, ended).await;
            })
        });
        Ok(Self {
            places,
            config,
            _idle: idle,
            held: watch::Sender::new(None),
            init_duration,
        })
    }

    /// Invokes the function and waits for the outcome: until the function has answered, and it and its
    /// [extensions](Builder::extensions) have asked for the next event. Earlier callers go first.
    ///
    /// Dropping the future abandons the invocation, not the function: it runs on, and its answer is discarded.
    ///
    /// # Errors
    /// If the payload exceeds 6 MB, if the event has a tenant id and the function no
    /// [tenant isolation](Builder::tenant_isolation) or the other way round, if the process cannot be restarted, or if the function
    /// was shut down. Failures of the function itself are in the [`Outcome`].
    pub async fn invoke(&self, event: impl Into<InvokeEvent>) -> Result<Outcome, Error> {
        let mut event = event.into();
        if event.payload.len() > MAX_REQUEST && !event.is_envelope {
            return Err(Error::payload_too_large(event.payload.len(), MAX_REQUEST));
        }
        self.admits(&event)?;
        let new = || Uuid::new_v4().to_string();
        let request_id = event.request_id.take().unwrap_or_else(new);
        self.admitted().await;
        let tenant = event.tenant_id.clone();
        let claim = self.places.claim(tenant.as_deref(), || self.report_wait()).await;
        let claim = claim.ok_or_else(Error::closed)?;
        claim.clear().await;
        let payload = event.payload.clone();
        let outcome = self.invoke_in(claim.place(), &request_id, event).await;
        if let Ok(outcome) = &outcome {
            self.finish(claim.place(), &payload, outcome);
        }
        claim.place().tidy().await;
        outcome
    }

    /// Invokes the function, and returns as soon as its reply begins, so that a streamed reply can be read while the function
    /// writes it. The invocation goes on whether or not anybody reads.
    ///
    /// # Errors
    /// As for [`invoke`](Function::invoke).
    ///
    /// # Example
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use lambda_sandbox::{Function, Reply};
    ///
    /// let function = Function::builder("target/debug/my-function").start().await?;
    /// match std::sync::Arc::new(function).invoke_streaming("{}").await? {
    ///     Reply::Streamed { mut chunks, .. } => {
    ///         while let Some(chunk) = chunks.next().await {
    ///             println!("{} bytes", chunk?.len());
    ///         }
    ///     }
    ///     Reply::Buffered(reply) => println!("{:?}", reply.result),
    ///     _ => {}
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn invoke_streaming(self: Arc<Self>, event: impl Into<InvokeEvent>) -> Result<Reply, Error> {
        let (pieces, invocation) = self.begin(event.into(), true);
        stream::begun(pieces, invocation).await
    }

    /// Invokes the function, and returns as soon as it has answered, as Lambda does for its callers. The invocation may go on,
    /// because [extensions](Builder::extensions) take part in it. A streamed reply is collected.
    ///
    /// # Errors
    /// As for [`invoke`](Function::invoke).
    pub async fn invoke_for_reply(
        self: Arc<Self>,
        event: impl Into<InvokeEvent>,
    ) -> Result<BufferedReply, Error> {
        let (mut pieces, invocation) = self.begin(event.into(), false);
        stream::answered(pieces.recv().await, invocation).await
    }

    /// Invokes the function in a task of its own. What it replies comes as soon as it is there.
    fn begin(
        self: Arc<Self>,
        mut event: InvokeEvent,
        takes_streams: bool,
    ) -> (mpsc::Receiver<Piece>, JoinHandle<Result<Outcome, Error>>) {
        let (sink, pieces) = stream::channel(takes_streams);
        event.sink = Some(sink);
        (pieces, tokio::spawn(async move { self.invoke(event).await }))
    }

    /// Whether this function may be invoked with an event on behalf of its tenant.
    pub(crate) fn admits(&self, event: &InvokeEvent) -> Result<(), Error> {
        match (self.config.tenant_isolation, event.tenant_id.as_deref()) {
            (true, None | Some("")) => Err(Error::tenancy(Tenancy::Required)),
            (false, Some(_)) => Err(Error::tenancy(Tenancy::NotAccepted)),
            (true, Some(_)) | (false, None) => Ok(()),
        }
    }

    fn report_wait(&self) {
        if let Some(on_wait) = &self.config.on_wait {
            on_wait();
        }
    }

    async fn invoke_in(&self, place: &Place, request_id: &str, event: InvokeEvent) -> Result<Outcome, Error> {
        loop {
            let (sandbox, init_duration) = match place.ready(&self.config, &self.places.lifetime).await {
                Ok(ready) => ready,
                Err(error) => {
                    let (error, logs) = error.of_invocation(request_id)?;
                    return Ok(Outcome {
                        result: Err(error),
                        logs,
                        ..blank(request_id, place.number)
                    });
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
            return Ok(Outcome {
                logs: sandbox.take_logs(request_id),
                init_duration,
                peak_memory: sandbox.peak_memory(),
                ..outcome(request_id, place.number, delivery)
            });
        }
    }

    /// Calls the `on_end` callback.
    fn finish(&self, place: &Place, payload: &bytes::Bytes, outcome: &Outcome) {
        let unreported = place.unreported();
        let Some(on_end) = &self.config.on_end else {
            return;
        };
        on_end(&Finished {
            payload,
            outcome,
            init_duration: outcome.init_duration.or(unreported),
            environment: outcome.environment,
            peak_memory: outcome.peak_memory,
        });
    }

    /// Makes invocations wait that have not begun yet, until [`release`](Function::release) is called or this much time has
    /// passed: for as long as the program is being replaced.
    pub fn hold(&self, at_most: Duration) {
        self.held.send_replace(Some(Instant::now() + at_most));
    }

    /// Lets the invocations go on that [`hold`](Function::hold) made wait.
    pub fn release(&self) {
        self.held.send_replace(None);
    }

    /// Waits while invocations are held.
    async fn admitted(&self) {
        let mut held = self.held.subscribe();
        loop {
            let Some(until) = *held.borrow_and_update() else {
                return;
            };
            tokio::select! {
                // Cannot fail: this function holds the sender.
                _ = held.changed() => {}
                () = sleep_until(until.into()) => return,
            }
        }
    }

    /// Starts the program again, which may have been replaced: idle processes end, and from now on invocations get new ones.
    /// Invocations that run are finished in the old ones.
    ///
    /// # Errors
    /// If a new process cannot be started or fails to initialise, as [`Builder::start`] says. The next invocation tries again.
    pub async fn restart(&self) -> Result<(), Error> {
        self.places.lifetime.restart();
        let mut ending = JoinSet::new();
        for place in self.places.all() {
            if let Some(sandbox) = place.outdated(&self.places.lifetime).await {
                ending.spawn(async move { sandbox.end(ShutdownReason::Spindown).await });
            }
        }
        // They may hold what the new ones need: a port, a file's lock.
        ending.join_all().await;
        // If all are busy, each starts a new process when it is free.
        let Some(claim) = self.places.claim_now() else {
            return Ok(());
        };
        let started = claim.place().start(&self.config, &self.places.lifetime).await;
        started.map(|_| ()).map_err(StartError::into_error)
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

    /// Whether each invocation needs a tenant id.
    #[must_use]
    pub fn isolates_tenants(&self) -> bool {
        self.config.tenant_isolation
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

    /// The id of the running process; `None` from its exit to its restart. Of several, the first.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.places.running().next().map(|process| process.pid())
    }

    /// How many execution environments run.
    #[must_use]
    pub fn environments(&self) -> usize {
        self.places.running().count()
    }

    /// The peak memory of the running process and its descendants so far, in bytes; of several execution environments, the
    /// largest. Known on Linux only.
    ///
    /// For a single process it is the peak resident set size. For several it is the sum of their peaks, with shared pages
    /// counted once. It may miss processes that live for less than 50 milliseconds.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        self.places
            .running()
            .filter_map(|process| process.memory().peak())
            .max()
    }

    /// Kills the process immediately, as `kill -9` does, and waits for its exit; with several execution environments, each. A
    /// running invocation ends with `Runtime.ExitError`. The next invocation starts the process again.
    pub async fn kill(&self) {
        for place in self.places.all() {
            if let Some(processes) = place.processes() {
                processes.kill().await;
            }
        }
    }

    /// Ends the process: `SIGTERM`, then `SIGKILL` after two seconds; with [extensions](Builder::extensions) as Lambda does. Invocations that the process does not answer before it
    /// exits, and waiting invocations, end with an error.
    ///
    /// Returns the exit code; `None` if a signal ended the process, or if none was running. Of several execution environments,
    /// it is that of the first.
    pub async fn shutdown(&self) -> Option<i32> {
        self.places.lifetime.close();
        let mut ending: Vec<_> = self
            .places
            .all()
            .iter()
            .filter_map(Place::processes)
            .map(|processes| tokio::spawn(async move { processes.end(ShutdownReason::Spindown).await }))
            .collect();
        let mut code = None;
        for ending in ending.drain(..).rev() {
            // A task that panicked has ended nothing, and its process ends when it is dropped.
            code = ending.await.unwrap_or_default();
        }
        code
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
        for processes in self.places.all().iter().filter_map(Place::processes) {
            processes.kill_all();
        }
    }
}
