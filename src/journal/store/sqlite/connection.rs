//! The journal in a database, opened at its first use.

use super::super::{Append, Appended, Store, StoreError, StoreFuture};
use super::health::FreeSpace;
use super::{append, follow, read, upgrade};
use crate::journal::{Arrivals, Entry, EntryQuery, Follow, Page, Resource, ResourceQuery};
use std::path::PathBuf;
use switchboard::store::sqlite::{Database, Schema};

static SCHEMA: Schema = Schema {
    name: "the journal",
    application: 0,
    version: 5,
    readable: 2,
    tables: concat!(
        include_str!("schema.sql"),
        include_str!("indexes.sql"),
        include_str!("filed.sql")
    ),
    upgrade: upgrade::to_version_5,
};

/// A failed statement, with SQLite's error.
pub(super) fn failed(error: rusqlite::Error) -> StoreError {
    SCHEMA.failed(error)
}

/// A journal in an SQLite file, or in memory.
///
/// Creating it does not open the file. The file is opened, and if necessary created, at the first use, so that a
/// function that does not use its journal does not pay for it. After an open that failed, the next use tries again.
#[derive(Debug)]
pub struct Sqlite {
    pub(super) database: Database,
    room: FreeSpace,
}

impl Sqlite {
    /// The journal in the file at `path`.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            database: Database::file(&SCHEMA, path.into()),
            room: FreeSpace::default(),
        }
    }

    /// A journal in memory, which is dropped with this value.
    #[must_use]
    pub fn memory() -> Self {
        Self {
            database: Database::memory(&SCHEMA),
            room: FreeSpace::default(),
        }
    }
}

impl Store for Sqlite {
    fn append<'a>(&'a self, batch: &'a [Append]) -> StoreFuture<'a, Vec<Appended>> {
        Box::pin(async move {
            if batch.is_empty() {
                return Ok(Vec::new());
            }
            let outcome = self.database.with(|connection| append::append(connection, batch));
            self.room.tried(|| append::bytes(batch), &outcome);
            outcome
        })
    }

    fn entry<'a>(&'a self, source: &'a str, id: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(async move {
            self.database
                .read(|connection| read::entry(connection, source, id))
        })
    }

    fn entries<'a>(&'a self, query: &'a EntryQuery) -> StoreFuture<'a, Page<Entry>> {
        Box::pin(async move { self.database.read(|connection| read::entries(connection, query)) })
    }

    fn follow<'a>(&'a self, asked: &'a Follow) -> StoreFuture<'a, Arrivals> {
        Box::pin(async move { self.database.read(|connection| follow::follow(connection, asked)) })
    }

    fn resource<'a>(&'a self, urn: &'a str) -> StoreFuture<'a, Option<Resource>> {
        Box::pin(async move { self.database.read(|connection| read::resource(connection, urn)) })
    }

    fn resources<'a>(&'a self, query: &'a ResourceQuery) -> StoreFuture<'a, Page<Resource>> {
        Box::pin(async move {
            self.database
                .read(|connection| read::resources(connection, query))
        })
    }

    fn health(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.database.check(|connection| self.room.probe(connection)) })
    }
}
