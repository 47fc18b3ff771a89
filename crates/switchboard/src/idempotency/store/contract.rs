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

/// A request for a key.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'c> {
    /// The key's id in the store.
    pub id: &'c str,
    /// The hash of the payload; `None`: any payload matches.
    pub validation: Option<&'c str>,
    /// The requester's current time.
    pub now: SystemTime,
    /// When the key becomes free again if its owner does not finish.
    pub lease_until: SystemTime,
    /// When the record expires. A store keeps it at least as long as the lease.
    pub expiration: SystemTime,
}

/// The outcome of a claim.
#[derive(Debug, Eq, PartialEq)]
pub enum Claimed {
    /// The requester owns the key, and must finish or release it.
    Owned(Lease),
    /// The effect happened, with this result.
    Done(String),
    /// Another owner has the key, until this time at the latest.
    InProgress(SystemTime),
    /// The key belongs to another payload.
    Mismatch,
}

/// Ownership of a key until a moment, and its proof.
///
/// The moment, in whole milliseconds, is the fencing token. It is stored in the record as `in_progress_expiration`, and
/// distinguishes successive owners:
///
/// 1. A key in progress gets another owner only when `now` is later than the stored moment,
/// 2. and then with a moment of `now` or later. So the moments of a record's owners strictly increase.
/// 3. Finishing and releasing name the moment, and the store does either only if the record is in progress with exactly
///    this moment. So an owner that was replaced cannot change anything.
///
/// A released key is deleted, and its next owner may get the same moment again. This is safe, because the previous
/// owner has released the key, and that is the last thing an owner does. An owner whose lease has expired can still
/// finish if no other owner has taken the key: the effect happened once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lease {
    id: Arc<str>,
    until: u64,
}

impl Lease {
    /// The lease of the key with this id until a moment, in whole milliseconds.
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

    /// The end in milliseconds since 1970: the fencing token.
    pub(super) fn token(&self) -> u64 {
        self.until
    }

    /// The id, shared with the record.
    pub(super) fn shared_id(&self) -> &Arc<str> {
        &self.id
    }

    pub(super) fn with_token(id: Arc<str>, until: u64) -> Self {
        Self { id, until }
    }
}

/// The result of an effect that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Done {
    /// Its JSON.
    pub data: String,
    /// When it expires. Stores count whole seconds, and keep it up to a second longer.
    pub expiration: SystemTime,
}

/// A store of keys. Each method is atomic, whatever other users of the store do.
///
/// An [`Arc`] of a store is a store, including an `Arc<dyn Store>`.
pub trait Store: Send + Sync + Debug {
    /// Grants the key to the requester if it is unknown, expired (`expiration` has passed), or in progress under an
    /// expired lease (see [`Lease`]). Otherwise reports the key's state and changes nothing.
    fn claim<'a>(&'a self, claim: &'a Claim<'a>) -> StoreFuture<'a, Claimed>;

    /// Stores the result. Returns `false` and changes nothing if the key is no longer in progress under this lease.
    fn finish<'a>(&'a self, lease: &'a Lease, done: &'a Done) -> StoreFuture<'a, bool>;

    /// Deletes the key. Returns `false` and changes nothing if it is no longer in progress under this lease.
    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, bool>;

    /// The result stored under an id, unless it has expired at this time.
    fn recall<'a>(&'a self, id: &'a str, now: SystemTime) -> StoreFuture<'a, Option<String>>;

    /// Stores a result under an id that is never claimed, and replaces an earlier one.
    fn remember<'a>(&'a self, id: &'a str, done: &'a Done) -> StoreFuture<'a, ()>;

    /// How ids in this store are hashed. The default is the way of Powertools for Python.
    fn layout(&self) -> Layout {
        Layout::default()
    }

    /// Whether only this process reads the store, as with [`Memory`](super::Memory). Then [`Claim::validation`] need
    /// not be a hash that others can compute, and is a faster one.
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
