//! Locks and tasks.

use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::task::JoinHandle;

/// Locks `mutex` and ignores poisoning. The data behind these locks is consistent between any two statements, so a panic
/// while one is held is no reason to stop.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A task that is aborted when its handle is dropped.
#[derive(Debug)]
pub(crate) struct AbortOnDrop(JoinHandle<()>);

impl AbortOnDrop {
    pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(task))
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
