//! A place for one execution environment: started on demand, and again after it has ended.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;

use super::Builder;
use super::init::StartError;
use super::process::Process;
use super::processes::Processes;
use super::sandbox::{Current, Sandbox};
use crate::Error;
use crate::runtime_api::ShutdownReason;
use crate::sync::lock;

/// A place for one sandbox.
pub(super) struct Place {
    /// From 1 on.
    pub(super) number: u32,
    sandbox: AsyncMutex<Option<Generation>>,
    current: Current,
    /// The time that a start took which no invocation had to wait for, until one reports it.
    unreported: Mutex<Option<Duration>>,
}

/// A sandbox, and how often the function had been restarted before its start.
struct Generation {
    sandbox: Arc<Sandbox>,
    of: u64,
}

/// What all places of a function share.
#[derive(Default)]
pub(super) struct Lifetime {
    closed: AtomicBool,
    restarts: AtomicU64,
}

impl Lifetime {
    /// From now on nothing starts.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// From now on sandboxes that were started before are replaced.
    pub(super) fn restart(&self) {
        self.restarts.fetch_add(1, Ordering::AcqRel);
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Acquire)
    }
}

impl Place {
    pub(super) fn new(number: u32) -> Self {
        Self {
            number,
            sandbox: AsyncMutex::new(None),
            current: Mutex::new(None),
            unreported: Mutex::new(None),
        }
    }

    /// Starts a sandbox before an invocation needs it, and returns how long that took.
    pub(super) async fn start(&self, config: &Builder, lifetime: &Lifetime) -> Result<Duration, StartError> {
        let (_, init_duration) = self.ready(config, lifetime).await?;
        if init_duration.is_some() {
            *lock(&self.unreported) = init_duration;
        }
        Ok(init_duration.unwrap_or_default())
    }

    /// A sandbox with a running process, and the time it took to initialise if it had to be started.
    pub(super) async fn ready(
        &self,
        config: &Builder,
        lifetime: &Lifetime,
    ) -> Result<(Arc<Sandbox>, Option<Duration>), StartError> {
        let mut place = self.sandbox.lock().await;
        if let Some(generation) = place.take() {
            if generation.sandbox.is_over() {
                // What it holds, its successor may need.
                generation.sandbox.end(ShutdownReason::Failure).await;
            } else if generation.of == lifetime.restarts() {
                let sandbox = Arc::clone(&generation.sandbox);
                sandbox.forget_logs();
                *place = Some(generation);
                return Ok((sandbox, None));
            } else {
                retire(generation.sandbox);
            }
        }
        let (sandbox, of) = self.started(config, lifetime).await?;
        let init_duration = sandbox.init_duration();
        let sandbox = Arc::new(sandbox);
        *place = Some(Generation {
            sandbox: Arc::clone(&sandbox),
            of,
        });
        Ok((sandbox, Some(init_duration)))
    }

    async fn started(&self, config: &Builder, lifetime: &Lifetime) -> Result<(Sandbox, u64), StartError> {
        if lifetime.is_closed() {
            return Err(StartError::Io(Error::closed()));
        }
        let of = lifetime.restarts();
        let sandbox = Sandbox::start(config, self.number, &self.current).await?;
        // If the function was shut down meanwhile, there was no process to end yet.
        match lifetime.is_closed() {
            true => Err(StartError::Io(Error::closed())),
            false => Ok((sandbox, of)),
        }
    }

    /// Takes out a sandbox from before the last restart, if no invocation runs in it.
    pub(super) async fn outdated(&self, lifetime: &Lifetime) -> Option<Arc<Sandbox>> {
        let mut place = self.sandbox.lock().await;
        let is_idle = |known: &Generation| Arc::strong_count(&known.sandbox) == 1;
        let is_old = |known: &Generation| known.of != lifetime.restarts();
        let old = place.take_if(|known| is_old(known) && is_idle(known));
        old.map(|known| known.sandbox)
    }

    /// Ends the sandbox, in which no invocation runs.
    pub(super) async fn end(&self) {
        let ended = self.sandbox.lock().await.take();
        if let Some(ended) = ended {
            ended.sandbox.end(ShutdownReason::Spindown).await;
        }
    }

    /// Frees the port of processes that have exited and need no Runtime API. Extensions may still need it.
    pub(super) async fn tidy(&self) {
        let mut place = self.sandbox.lock().await;
        let is_over = |known: &mut Generation| known.sandbox.is_over() && !known.sandbox.has_extensions();
        drop(place.take_if(is_over));
    }

    /// The time of the start that no invocation has reported yet.
    pub(super) fn unreported(&self) -> Option<Duration> {
        lock(&self.unreported).take()
    }

    /// The function's process, if it runs.
    pub(super) fn running(&self) -> Option<Arc<Process>> {
        let current = self.processes()?;
        let process = current.runtime().filter(|process| !process.has_exited());
        process.cloned()
    }

    /// The processes, running or not.
    pub(super) fn processes(&self) -> Option<Arc<Processes>> {
        lock(&self.current).clone()
    }
}

/// Ends a sandbox. Invocations that still run in it are finished first; then it is killed by being dropped.
fn retire(sandbox: Arc<Sandbox>) {
    if Arc::strong_count(&sandbox) == 1 {
        tokio::spawn(async move { sandbox.end(ShutdownReason::Spindown).await });
    }
}
