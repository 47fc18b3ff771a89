//! What is kept of an execution's invocations while somebody waits for its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::Outcome;
use crate::sync::lock;

/// How many lines of an execution's log are kept for its caller.
const LINES: usize = 10_000;

/// What is known of the invocations of executions whose callers wait.
#[derive(Default)]
pub(super) struct Waiters(Mutex<HashMap<Arc<str>, Seen>>);

/// What was seen of an execution's invocations.
#[derive(Default)]
pub(super) struct Seen {
    callers: u32,
    pub(super) logs: Vec<String>,
    pub(super) init: Option<Duration>,
    pub(super) environment: u32,
    pub(super) peak_memory: Option<u64>,
}

impl Waiters {
    /// Keeps what a caller of an execution is told about this invocation.
    pub(super) fn remember(&self, arn: &str, outcome: &Outcome) {
        if let Some(seen) = lock(&self.0).get_mut(arn) {
            let room = LINES.saturating_sub(seen.logs.len());
            seen.logs.extend(outcome.logs.iter().take(room).cloned());
            seen.init = seen.init.or(outcome.init_duration);
            seen.environment = outcome.environment;
            seen.peak_memory = outcome.peak_memory.or(seen.peak_memory);
        }
    }

    /// A caller waits for this execution.
    pub(super) fn wait<'s>(&'s self, arn: &'s Arc<str>) -> WaitingCaller<'s> {
        lock(&self.0).entry(Arc::clone(arn)).or_default().callers += 1;
        WaitingCaller { waiters: self, arn }
    }
}

/// A caller that waits for an execution.
pub(super) struct WaitingCaller<'s> {
    waiters: &'s Waiters,
    arn: &'s Arc<str>,
}

impl WaitingCaller<'_> {
    /// What was seen, which goes to the first caller that asks.
    pub(super) fn seen(&self) -> Seen {
        let mut waiters = lock(&self.waiters.0);
        let Some(seen) = waiters.get_mut(self.arn) else {
            return Seen::default();
        };
        let callers = seen.callers;
        std::mem::replace(
            seen,
            Seen {
                callers,
                ..Seen::default()
            },
        )
    }
}

impl Drop for WaitingCaller<'_> {
    fn drop(&mut self) {
        let mut waiters = lock(&self.waiters.0);
        if let Some(seen) = waiters.get_mut(self.arn) {
            seen.callers -= 1;
            if seen.callers == 0 {
                waiters.remove(self.arn);
            }
        }
    }
}
