//! Reports invocations that run out of time, from a separate thread, so that it also reports handlers that block their
//! thread. A tokio timer would be set and cancelled by the system whenever the invocation waits, which costs more than
//! everything that is logged.

use super::scope::Scope;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// Enough for writing log lines from the thread.
const STACK: usize = 256 * 1024;

/// Watches the invocations of a process. The first one starts the thread.
#[derive(Default)]
pub(super) struct Watchdog {
    watched: Mutex<WatchdogState>,
    changed: Condvar,
}

#[derive(Default)]
struct WatchdogState {
    started: bool,
    /// When the thread looks next; `None`: when it is notified.
    wakes: Option<Instant>,
    invocations: Vec<(Instant, Arc<Scope>)>,
}

impl Watchdog {
    /// Reports the invocation at this time, unless it was [dismissed](Self::dismiss) before.
    pub(super) fn watch(self: &Arc<Self>, scope: &Arc<Scope>, until: Instant) {
        let mut watched = self.lock();
        watched.invocations.push((until, Arc::clone(scope)));
        if !std::mem::replace(&mut watched.started, true) {
            drop(watched);
            if let Err(error) = self.start() {
                tracing::warn!(%error, "invocations that run out of time cannot be reported");
            }
        } else if watched.wakes.is_none_or(|wakes| until < wakes) {
            // Rarely: usually the next invocation ends later than the last one, and the thread finds it by itself.
            self.changed.notify_one();
        }
    }

    /// The invocation has ended.
    pub(super) fn dismiss(&self, scope: &Arc<Scope>) {
        let mut watched = self.lock();
        watched
            .invocations
            .retain(|(_, other)| !Arc::ptr_eq(other, scope));
    }

    fn start(self: &Arc<Self>) -> io::Result<()> {
        let watchdog = Arc::clone(self);
        let thread = thread::Builder::new().name("switchboard-watchdog".to_owned());
        thread.stack_size(STACK).spawn(move || watchdog.run()).map(drop)
    }

    fn run(&self) {
        let mut watched = self.lock();
        loop {
            let now = Instant::now();
            let due = watched.due(now);
            if !due.is_empty() {
                drop(watched);
                due.iter().for_each(|(_, scope)| scope.run_out());
                watched = self.lock();
                continue;
            }
            watched.wakes = watched.invocations.iter().map(|(until, _)| *until).min();
            watched = match watched.wakes {
                None => self.changed.wait(watched).unwrap_or_else(PoisonError::into_inner),
                Some(wakes) => {
                    let woken = self.changed.wait_timeout(watched, wakes - now);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, WatchdogState> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WatchdogState {
    /// Takes the invocations whose time is over.
    fn due(&mut self, now: Instant) -> Vec<(Instant, Arc<Scope>)> {
        self.invocations
            .extract_if(.., |(until, _)| *until <= now)
            .collect()
    }
}
