//! What a test sees of an invocation: the outcome of each record.

use super::DeadLetter;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Watches one invocation.
#[derive(Clone)]
pub(crate) struct Watch {
    /// When the invocation is received, by a stopped clock.
    pub(crate) received: DateTime<Utc>,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen.
#[derive(Default)]
pub(crate) struct Seen {
    /// The records that did not succeed.
    pub(crate) settled: Vec<Settled>,
    /// All records of the batch, if the event was one.
    pub(crate) records: Vec<SeenRecord>,
    pub(crate) dead_letters: Vec<DeadLetter>,
}

/// A record that failed, or was rejected.
pub(crate) struct Settled {
    pub(crate) index: usize,
    pub(crate) failure: String,
    pub(crate) rejected: bool,
}

/// A record at the end of its batch.
pub(crate) struct SeenRecord {
    pub(crate) id: Option<String>,
    /// It is delivered again.
    pub(crate) open: bool,
}

impl Watch {
    pub(crate) fn new(received: DateTime<Utc>) -> Self {
        Self {
            received,
            seen: Arc::default(),
        }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
