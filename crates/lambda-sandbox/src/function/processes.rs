//! The processes of an execution environment: the function's, and those of its external extensions. They end together, in the order
//! in which Lambda ends them.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OnceCell};
use tokio::task::JoinSet;
use tokio::time::{timeout, timeout_at};

use super::external::External;
use super::logs::Logs;
use super::process::{Exit, Process, Signal};
use crate::runtime_api::{Exchange, ShutdownReason};
use crate::sync::lock;

/// How long a process without external extensions may take to exit after SIGTERM. Lambda gives it less; what a developer sees of the
/// end of a function should not depend on how busy a machine is.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// How long the shutdown of an environment with external extensions may take.
const SHUTDOWN: Duration = Duration::from_secs(2);
/// How much of that the function may take.
const OF_THE_RUNTIME: Duration = Duration::from_millis(300);
/// How much of that the function may take if it has an extension inside its process.
const WITH_AN_INTERNAL_EXTENSION: Duration = Duration::from_millis(500);

/// How much of that the last telemetry may take.
const OF_THE_TELEMETRY: Duration = Duration::from_millis(500);

/// The processes of an execution environment.
pub(super) struct Processes {
    runtime: OnceLock<Arc<Process>>,
    externals: Mutex<Vec<Arc<External>>>,
    exchange: Arc<Exchange>,
    /// What the function writes.
    logs: Arc<Logs>,
    /// Why they end, once they do.
    reason: OnceLock<ShutdownReason>,
    ending: Notify,
    /// The function's exit code, once all have ended.
    ended: OnceCell<Option<i32>>,
}

impl Processes {
    pub(super) fn new(exchange: Arc<Exchange>, logs: Arc<Logs>) -> Self {
        Self {
            runtime: OnceLock::new(),
            externals: Mutex::default(),
            exchange,
            logs,
            reason: OnceLock::new(),
            ending: Notify::new(),
            ended: OnceCell::new(),
        }
    }

    pub(super) fn add(&self, external: External) {
        lock(&self.externals).push(Arc::new(external));
    }

    /// Adds the function's process, which is the last one to start.
    pub(super) fn set_runtime(&self, process: Arc<Process>) {
        // There is one.
        let _ = self.runtime.set(process);
    }

    /// The function's process, once it has been started.
    pub(super) fn runtime(&self) -> Option<&Arc<Process>> {
        self.runtime.get()
    }

    fn externals(&self) -> Vec<Arc<External>> {
        lock(&self.externals).clone()
    }

    pub(super) fn have_extensions(&self) -> bool {
        !lock(&self.externals).is_empty()
    }

    /// Passes on what the processes have written so far.
    pub(super) fn settle(&self) {
        self.logs.settle();
        self.externals().iter().for_each(|external| external.settle());
    }

    /// Whether no further event may be given to these processes.
    pub(super) fn are_over(&self) -> bool {
        self.reason.get().is_some()
            || self.runtime.get().is_some_and(|process| process.has_exited())
            || self.exchange.extensions.have_failed()
    }

    /// Waits until somebody begins to end these processes.
    pub(super) async fn ending(&self) {
        let ending = self.ending.notified();
        if self.reason.get().is_none() {
            ending.await;
        }
    }

    /// The peak memory of all processes so far, unless the function's has exited.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        let runtime = self.runtime.get().filter(|process| !process.has_exited())?;
        let runtime = runtime.memory().peak()?;
        let externals = self.externals();
        let externals = externals
            .iter()
            .filter_map(|external| external.process.memory().peak());
        Some(runtime + externals.sum::<u64>())
    }

    /// Kills the function's process, or whatever runs before it.
    pub(super) async fn kill(&self) {
        match self.runtime.get() {
            Some(process) => process.kill().await,
            None => self
                .externals()
                .iter()
                .for_each(|external| external.process.signal(Signal::KILL)),
        }
    }

    /// Kills all processes without waiting for their exit.
    pub(super) fn kill_all(&self) {
        let externals = self.externals();
        let externals = externals.iter().map(|external| &external.process);
        for process in self.runtime.get().into_iter().chain(externals) {
            process.signal(Signal::KILL);
        }
    }

    /// From now on no event is given to these processes, and an extension that exits does not fail them. The first reason counts.
    pub(super) fn begin_to_end(&self, reason: ShutdownReason) {
        let _ = self.reason.set(reason);
        self.ending.notify_waiters();
        self.exchange.extensions.is_ending();
    }

    /// Ends all processes, and waits until they have exited. Returns the exit code of the function, if it has one. Who calls this again
    /// waits for the same end.
    pub(super) async fn end(&self, reason: ShutdownReason) -> Option<i32> {
        self.begin_to_end(reason);
        let end = || async {
            match self.have_extensions() {
                true => self.shut_down(*self.reason.get().unwrap_or(&reason)).await,
                false => self.stop(GRACE).await,
            }
        };
        *self.ended.get_or_init(end).await
    }

    /// Ends the processes of an environment that has failed. Without extensions, nothing of it needs to be saved.
    pub(super) async fn abandon(&self, reason: ShutdownReason) {
        if !self.have_extensions() {
            return self.kill().await;
        }
        self.end(reason).await;
    }

    /// First the function, then the extensions, which hear of it.
    async fn shut_down(&self, reason: ShutdownReason) -> Option<i32> {
        let deadline = Instant::now() + SHUTDOWN;
        let grace = match self.exchange.extensions.has_internal() {
            true => WITH_AN_INTERNAL_EXTENSION,
            false => OF_THE_RUNTIME,
        };
        let code = self.stop(grace).await;
        self.settle();
        // What the function has written last belongs to what extensions send away before they end.
        self.exchange.telemetry.flush(OF_THE_TELEMETRY).await;
        let left = deadline.saturating_duration_since(Instant::now());
        self.exchange.extensions.shut_down(reason, left);
        let mut exits = JoinSet::new();
        for external in self.externals() {
            let hears = self.exchange.extensions.hears_shutdown(&external.name);
            exits.spawn(async move {
                let exited = external.process.exited();
                if !hears || timeout_at(deadline.into(), exited).await.is_err() {
                    external.process.kill().await;
                }
                external.settle();
            });
        }
        exits.join_all().await;
        code
    }

    /// Asks the function to exit, and kills it if it does not in time.
    async fn stop(&self, grace: Duration) -> Option<i32> {
        let process = self.runtime.get()?;
        process.signal(Signal::TERM);
        match timeout(grace, process.exited()).await {
            Ok(Exit::Code(code)) => return Some(code),
            Ok(_) => {}
            Err(_) => process.kill().await,
        }
        None
    }
}
