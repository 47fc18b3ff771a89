//! What every store must do.

use super::super::{Layout, StoreError};
use super::rule::{millis, moment};
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

/// What a store's methods return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Somebody asks for a key.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'c> {
    /// The key's id in the store.
    pub id: &'c str,
    /// The hash of the payload; `None`: any payload is the same.
    pub validation: Option<&'c str>,
    /// What time it is for whoever asks.
    pub now: SystemTime,
    /// When the key is free again if its owner does not finish.
    pub lease_until: SystemTime,
    /// When the record is forgotten. A store keeps it at least as long as the lease.
    pub expiration: SystemTime,
}

/// What becomes of a claim.
#[derive(Debug, Eq, PartialEq)]
pub enum Claimed {
    /// The key is the asker's, who is to finish or to release it.
    Owned(Lease),
    /// The effect took place; this is its result.
    Done(String),
    /// Somebody else owns the key until then, at the latest.
    InProgress(SystemTime),
    /// The key stands for another payload.
    Mismatch,
}

/// Ownership of a key until a moment, and the proof of it.
///
/// The moment, in whole milliseconds, is the fencing token, kept in the record as `in_progress_expiration`. It tells
/// one owner from the next because
///
/// 1. a key in progress is given to another owner only when `now` is later than the moment kept,
/// 2. and then with a moment that is `now` or later: so along the owners of a record moments grow strictly;
/// 3. who finishes or releases names the moment, and the store does it only if the record is in progress with just
///    that: an owner that was followed by another changes nothing.
///
/// A released key is forgotten, and its next owner may get the same moment again. That gives the one before nothing
/// to do harm with, for it has released: finishing and releasing are the last thing an owner does. An owner whose
/// lease has passed while nobody followed still finishes: the effect took place, and nobody else had it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lease {
    id: Arc<str>,
    until: u64,
}

impl Lease {
    /// The lease of the key with this id until a moment, of which whole milliseconds count.
    #[must_use]
    pub fn new(id: impl Into<Arc<str>>, until: SystemTime) -> Self {
        Self {
            id: id.into(),
            until: millis(until),
        }
    }

    /// The key's id in the store.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it ends.
    #[must_use]
    pub fn until(&self) -> SystemTime {
        moment(self.until)
    }

    /// The same, in milliseconds since 1970: the fencing token.
    pub(super) fn token(&self) -> u64 {
        self.until
    }

    /// The id as it is shared with the record.
    pub(super) fn shared_id(&self) -> &Arc<str> {
        &self.id
    }

    pub(super) fn with_token(id: Arc<str>, until: u64) -> Self {
        Self { id, until }
    }
}

/// The result of an effect that took place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Done {
    /// Its JSON.
    pub data: String,
    /// When it is forgotten; stores count in whole seconds, and keep it a second longer rather than shorter.
    pub expiration: SystemTime,
}

/// A store of keys. Each method takes effect wholly or not at all, whoever else uses the store.
///
/// [`Arc`]s of stores are stores, those of `dyn Store` too.
pub trait Store: Send + Sync + Debug {
    /// Gives the key to whoever asks, if it is unknown, forgotten (`expiration` has passed), or in progress under a
    /// lease that has passed (see [`Lease`]). Otherwise says what becomes of it; nothing changes then.
    fn claim<'a>(&'a self, claim: &'a Claim<'a>) -> StoreFuture<'a, Claimed>;

    /// Keeps the result. False, and nothing changes, if the key is no longer in progress under this lease.
    fn finish<'a>(&'a self, lease: &'a Lease, done: &'a Done) -> StoreFuture<'a, bool>;

    /// Forgets the key. False, and nothing changes, if it is no longer in progress under this lease.
    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, bool>;

    /// The result kept under an id, if there is one at this time.
    fn recall<'a>(&'a self, id: &'a str, now: SystemTime) -> StoreFuture<'a, Option<String>>;

    /// Keeps a result under an id that nobody claims, over whatever was kept there.
    fn remember<'a>(&'a self, id: &'a str, done: &'a Done) -> StoreFuture<'a, ()>;

    /// How ids are hashed that are kept here: as Powertools for Python does, unless the store says otherwise.
    fn layout(&self) -> Layout {
        Layout::default()
    }

    /// Whether nothing but this process ever reads what is kept here, as in [`Memory`](super::Memory). Then
    /// [`Claim::validation`] need not be a hash that others make too, and is one that takes less time.
    fn is_private(&self) -> bool {
        false
    }
}

impl<St: Store + ?Sized> Store for Arc<St> {
    fn claim<'a>(&'a self, claim: &'a Claim<'a>) -> StoreFuture<'a, Claimed> {
        (**self).claim(claim)
    }

    fn finish<'a>(&'a self, lease: &'a Lease, done: &'a Done) -> StoreFuture<'a, bool> {
        (**self).finish(lease, done)
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, bool> {
        (**self).release(lease)
    }

    fn recall<'a>(&'a self, id: &'a str, now: SystemTime) -> StoreFuture<'a, Option<String>> {
        (**self).recall(id, now)
    }

    fn remember<'a>(&'a self, id: &'a str, done: &'a Done) -> StoreFuture<'a, ()> {
        (**self).remember(id, done)
    }

    fn layout(&self) -> Layout {
        (**self).layout()
    }

    fn is_private(&self) -> bool {
        (**self).is_private()
    }
}
