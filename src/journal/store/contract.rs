//! What every store must do.

use super::StoreError;
use crate::journal::{
    Arrivals, Entry, EntryQuery, Follow, Order, Page, Resource, ResourceQuery, StateChange,
};
use std::future::Future;
use std::pin::Pin;

/// What a store's methods return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// An entry to append, and what it says of a resource's state.
#[derive(Clone, Debug)]
pub struct Append {
    /// The entry.
    pub entry: Entry,
    /// How late it is among the entries of the same moment, if its source says so.
    pub order: Option<Order>,
    /// The state it brings a resource into.
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

/// What became of an entry that was appended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Appended {
    /// The `id` the entry has in the journal: its own, unless that was taken by another event.
    pub id: String,
    /// Whether the entry is new; if not, its identity was there already and nothing changed.
    pub new: bool,
}

/// A journal: entries, each identity once, by their [position](crate::journal::Position), and the state of resources.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Appends a batch: all of it is kept once this returns. If it fails, some of it may be kept; appended again,
    /// whole or with others, it is completed and nothing is kept twice.
    ///
    /// An entry whose identity is there already changes nothing (the same event comes with the same `source` and `id`,
    /// whenever it comes). If another identity has its `source` and `id`, the entry is kept [beside](Entry::beside)
    /// that one. The state of a resource changes if the change's order is greater than that of the change before, and
    /// never before the entry that says so is kept.
    fn append<'a>(&'a self, batch: &'a [Append]) -> StoreFuture<'a, Vec<Appended>>;

    /// The entry with this `source` and `id`.
    fn entry<'a>(&'a self, source: &'a str, id: &'a str) -> StoreFuture<'a, Option<Entry>>;

    /// Entries by their position, the oldest first. What is damaged is named and left out. A page may hold fewer than were asked for, even none, though more
    /// follow: it has a cursor then.
    fn entries<'a>(&'a self, query: &'a EntryQuery) -> StoreFuture<'a, Page<Entry>>;

    /// Entries in the order in which they arrived, or in a few such orders beside each other, which followers may get mixed otherwise.
    /// Nothing is ever inserted before a cursor that was handed out: who goes on from each [`next`](Arrivals::next) gets every entry, and
    /// none twice. What is acknowledged may be followed a moment later. By default, a store has no such order.
    fn follow<'a>(&'a self, _follow: &'a Follow) -> StoreFuture<'a, Arrivals> {
        let error = StoreError::unsupported("this store of the journal has no order of arrival");
        Box::pin(std::future::ready(Err(error)))
    }

    /// The resource of this name.
    fn resource<'a>(&'a self, urn: &'a str) -> StoreFuture<'a, Option<Resource>>;

    /// Resources by name.
    fn resources<'a>(&'a self, query: &'a ResourceQuery) -> StoreFuture<'a, Page<Resource>>;

    /// Makes what the store needs for its first use and can be made before, a client for instance; connects to nothing.
    /// Called before Lambda takes a snapshot of the function (SnapStart). By default there is nothing to make.
    fn prepare(&self) -> StoreFuture<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Whether the store can be read and written, which is tried. The error's [reason](StoreError::reason) says what keeps it from that.
    fn health(&self) -> StoreFuture<'_, ()>;
}
