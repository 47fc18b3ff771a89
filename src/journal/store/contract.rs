//! What every store must do.

use super::StoreError;
use crate::journal::{
    Arrivals, Entry, EntryQuery, Follow, Order, Page, Resource, ResourceQuery, StateChange,
};
use std::future::Future;
use std::pin::Pin;

/// What a store's methods return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// An entry to append, and its change of a resource's state.
#[derive(Clone, Debug)]
pub struct Append {
    /// The entry.
    pub entry: Entry,
    /// The order among entries at the same time, if its source gives one.
    pub order: Option<Order>,
    /// The change of a resource's state.
    pub change: Option<StateChange>,
}

impl From<Entry> for Append {
    fn from(entry: Entry) -> Self {
        Self {
            entry,
            order: None,
            change: None,
        }
    }
}

/// The outcome of an appended entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Appended {
    /// The `id` of the entry in the journal: its own, unless another event has it.
    pub id: String,
    /// Whether the entry is new. If not, its identity existed already and nothing changed.
    pub new: bool,
}

/// A journal: entries, each identity once, by their [position](crate::journal::Position), and the states of resources.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Appends a batch. When this returns, all of it is stored. If it fails, a part may be stored; appending it again,
    /// alone or with others, completes it, and nothing is stored twice.
    ///
    /// An entry whose identity exists already changes nothing (an event always has the same `source` and `id`). If
    /// another identity has its `source` and `id`, the entry is stored [beside](Entry::beside) that one. The state of a
    /// resource changes if the change's order is greater than that of the previous change, and never before the
    /// change's entry is stored.
    fn append<'a>(&'a self, batch: &'a [Append]) -> StoreFuture<'a, Vec<Appended>>;

    /// The entry with this `source` and `id`.
    fn entry<'a>(&'a self, source: &'a str, id: &'a str) -> StoreFuture<'a, Option<Entry>>;

    /// Entries by position, the oldest first. Damaged ones are named and left out. A page may have fewer entries than
    /// the limit, or none, although more follow: it then has a cursor.
    fn entries<'a>(&'a self, query: &'a EntryQuery) -> StoreFuture<'a, Page<Entry>>;

    /// Entries in the order of arrival. A store may have several such orders side by side, which followers may see
    /// interleaved differently. Nothing is ever inserted before a returned cursor: a follower that continues from each
    /// [`next`](Arrivals::next) gets every entry exactly once. An acknowledged entry may appear a moment later. By
    /// default, a store has no such order.
    fn follow<'a>(&'a self, _follow: &'a Follow) -> StoreFuture<'a, Arrivals> {
        let error = StoreError::unsupported("this store of the journal has no order of arrival");
        Box::pin(std::future::ready(Err(error)))
    }

    /// The resource with this name.
    fn resource<'a>(&'a self, urn: &'a str) -> StoreFuture<'a, Option<Resource>>;

    /// Resources by name.
    fn resources<'a>(&'a self, query: &'a ResourceQuery) -> StoreFuture<'a, Page<Resource>>;

    /// Creates what the store needs for its first use and can be created earlier, such as a client; opens no
    /// connection. Called before Lambda takes a snapshot of the function (SnapStart). Does nothing by default.
    fn prepare(&self) -> StoreFuture<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Checks whether the store can be read and written, by trying both. The error's [reason](StoreError::reason) says
    /// why not.
    fn health(&self) -> StoreFuture<'_, ()>;
}
