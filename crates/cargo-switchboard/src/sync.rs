//! Locks and tasks.

use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::task::JoinHandle;

/// Locks `mutex`. The data behind the companion's locks is whole between any two statements, so a panic elsewhere
/// while one was held is no reason to stop.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A task that ends when its owner goes.
#[derive(Debug)]
pub(crate) struct Owned(JoinHandle<()>);

impl Owned {
    pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(task))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.abort();
    }
}
