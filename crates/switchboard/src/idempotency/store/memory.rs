//! The store in memory.

use super::table::KeyTable;
use super::{Claim, Claimed, Done, Lease, Store, StoreFuture};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Twice the largest batch that Lambda delivers.
const CAPACITY: usize = 20_000;

/// A store in memory. It only knows what this execution environment did.
///
/// Useful against duplicates within one environment, and for tests. It keeps 20,000 keys, or as many as you choose.
/// When it is full, the oldest finished keys are removed first, and keys in progress never.
pub struct Memory {
    shared: MemoryStore<Mutex<KeyTable>>,
}

impl Memory {
    /// An empty store for 20,000 keys.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// An empty store for this many keys, at least one.
    #[must_use]
    pub fn with_capacity(keys: usize) -> Self {
        Self {
            shared: MemoryStore::with_capacity(keys.max(1)),
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

impl Store for Memory {
    fn claim<'a>(&'a self, claim: &'a Claim<'a>) -> StoreFuture<'a, Claimed> {
        self.shared.claim(claim)
    }

    fn finish<'a>(&'a self, lease: &'a Lease, done: &'a Done) -> StoreFuture<'a, bool> {
        self.shared.finish(lease, done)
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, bool> {
        self.shared.release(lease)
    }

    fn recall<'a>(&'a self, id: &'a str, now: SystemTime) -> StoreFuture<'a, Option<String>> {
        self.shared.recall(id, now)
    }

    fn remember<'a>(&'a self, id: &'a str, done: &'a Done) -> StoreFuture<'a, ()> {
        self.shared.remember(id, done)
    }

    fn is_private(&self) -> bool {
        true
    }
}

/// A lock around the table: the standard library's, or that of the model checker, which tries every order.
pub(crate) trait Lock: Send + Sync {
    fn new(table: KeyTable) -> Self;
    fn with<T>(&self, work: impl FnOnce(&mut KeyTable) -> T) -> T;
}

impl Lock for Mutex<KeyTable> {
    fn new(table: KeyTable) -> Self {
        Self::new(table)
    }

    fn with<T>(&self, work: impl FnOnce(&mut KeyTable) -> T) -> T {
        // No code panics while it has the lock.
        work(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The store with any lock. Each operation locks it once.
pub(crate) struct MemoryStore<L> {
    table: L,
}

impl<L: Lock> MemoryStore<L> {
    pub(crate) fn with_capacity(keys: usize) -> Self {
        Self {
            table: L::new(KeyTable::new(keys)),
        }
    }
}

impl<L> fmt::Debug for MemoryStore<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl<L: Lock> Store for MemoryStore<L> {
    fn claim<'a>(&'a self, claim: &'a Claim<'a>) -> StoreFuture<'a, Claimed> {
        Box::pin(async move { self.table.with(|table| table.claim(claim)) })
    }

    fn finish<'a>(&'a self, lease: &'a Lease, done: &'a Done) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.table.with(|table| table.finish(lease, done))) })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.table.with(|table| table.release(lease))) })
    }

    fn recall<'a>(&'a self, id: &'a str, now: SystemTime) -> StoreFuture<'a, Option<String>> {
        Box::pin(async move { Ok(self.table.with(|table| table.recall(id, now))) })
    }

    fn remember<'a>(&'a self, id: &'a str, done: &'a Done) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.table.with(|table| table.remember(id, done)) })
    }
}
