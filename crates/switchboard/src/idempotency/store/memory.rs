//! The store in memory.

use super::table::KeyTable;
use super::{Claim, Claimed, Done, Lease, Store, StoreFuture};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// As many as two of the largest batches that Lambda hands over.
const CAPACITY: usize = 20_000;

/// A store in memory: it knows what this execution environment did, and nothing of any other's.
///
/// Good against records that one environment gets twice, and for tests. It holds 20,000 keys, or as many as it is
/// made for; when it is full, the oldest that are done go first, and keys in progress never.
pub struct Memory {
    shared: MemoryStore<Mutex<KeyTable>>,
}

impl Memory {
    /// An empty store for 20,000 keys.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// An empty store for so many keys, and at least one.
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

/// A lock around the table: the standard library's, and in the model check one whose every order is tried.
pub(crate) trait Lock: Send + Sync {
    fn new(table: KeyTable) -> Self;
    fn with<T>(&self, work: impl FnOnce(&mut KeyTable) -> T) -> T;
}

impl Lock for Mutex<KeyTable> {
    fn new(table: KeyTable) -> Self {
        Self::new(table)
    }

    fn with<T>(&self, work: impl FnOnce(&mut KeyTable) -> T) -> T {
        // Nothing panics while it holds the lock.
        work(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The store around any lock. Each operation takes it once.
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
