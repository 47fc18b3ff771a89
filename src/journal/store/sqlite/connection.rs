//! The connection, opened at its first use, and the schema.

use super::super::{Append, Appended, Store, StoreError, StoreFuture};
use super::{append, read};
use crate::journal::{Entry, EntryQuery, Page, Resource, ResourceQuery};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The version of the schema below; it grows with every change of it.
const SCHEMA_VERSION: i64 = 1;
const SCHEMA: &str = include_str!("schema.sql");
/// How long to wait for other processes' locks.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A journal in an SQLite file, or in memory.
///
/// Making one does nothing yet: the file is opened, and made if need be, at the first use, so that a function
/// that never touches its journal never pays for it. An open that failed is tried again at the next use.
pub struct Sqlite {
    path: Option<PathBuf>,
    connection: Mutex<Option<Connection>>,
}

impl Sqlite {
    /// The journal in the file at `path`.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            path: Some(path.into()),
            connection: Mutex::default(),
        }
    }

    /// A journal in memory, which is gone when this value is.
    #[must_use]
    pub fn memory() -> Self {
        Self {
            path: None,
            connection: Mutex::default(),
        }
    }

    /// Runs `work` on the connection. It blocks its thread, for a millisecond at most as a rule: handing it to
    /// another thread would cost more than it takes.
    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        // A panic rolled its transaction back when it dropped it; the connection is as good as before.
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out, so that an open that fails leaves nothing behind.
        let connection = match slot.take() {
            Some(connection) => connection,
            None => open(self.path.as_deref())?,
        };
        work(slot.insert(connection))
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Store for Sqlite {
    fn append<'a>(&'a self, batch: &'a [Append]) -> StoreFuture<'a, Vec<Appended>> {
        Box::pin(async move {
            if batch.is_empty() {
                return Ok(Vec::new());
            }
            self.with(|connection| append::append(connection, batch))
        })
    }

    fn entry<'a>(&'a self, source: &'a str, id: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(async move { self.with(|connection| read::entry(connection, source, id)) })
    }

    fn entries<'a>(&'a self, query: &'a EntryQuery) -> StoreFuture<'a, Page<Entry>> {
        Box::pin(async move { self.with(|connection| read::entries(connection, query)) })
    }

    fn resource<'a>(&'a self, urn: &'a str) -> StoreFuture<'a, Option<Resource>> {
        Box::pin(async move { self.with(|connection| read::resource(connection, urn)) })
    }

    fn resources<'a>(&'a self, query: &'a ResourceQuery) -> StoreFuture<'a, Page<Resource>> {
        Box::pin(async move { self.with(|connection| read::resources(connection, query)) })
    }

    fn health(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.with(|connection| read::health(connection)) })
    }
}

/// A failed statement, with what SQLite says of it.
pub(super) fn failed(error: rusqlite::Error) -> StoreError {
    let context = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::busy("the journal is locked by another process")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::damaged("the journal's file is damaged or no SQLite database")
        }
        _ => StoreError::unavailable("the journal cannot be read or written"),
    };
    context.caused_by(error)
}

fn open(path: Option<&Path>) -> Result<Connection, StoreError> {
    let Some(path) = path else {
        return prepare(Connection::open_in_memory().map_err(failed)?);
    };
    let opened = Connection::open(path).map_err(failed).and_then(prepare);
    opened.map_err(|error| error.within(format!("cannot open `{}`", path.display())))
}

/// Sets the connection up, and makes the schema unless it is current.
fn prepare(mut connection: Connection) -> Result<Connection, StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection
        .pragma_update(None, "synchronous", "NORMAL")
        .map_err(failed)?;
    // With a current schema nothing is written: opening is two reads of the header.
    let version = schema_version(&connection).map_err(failed)?;
    if version > SCHEMA_VERSION {
        let newer =
            format!("its schema version {version} is newer than {SCHEMA_VERSION}, which this release knows");
        return Err(StoreError::newer_schema(newer));
    }
    if version < SCHEMA_VERSION && !make_schema(&mut connection).map_err(failed)? {
        let foreign = "it is the database of another program: it has tables, but not the journal's";
        return Err(StoreError::damaged(foreign));
    }
    write_ahead(&connection).map_err(failed)?;
    // Every set of filters is a statement of its own.
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Switches the file to write-ahead mode, which lasts. While others use it that cannot be done, and need not be:
/// the other mode is as safe, only slower, and the next to open it tries again.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "delete" {
        return Ok(());
    }
    match connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
        switched => switched,
    }
}

/// Makes the tables; false if there are tables that are not the journal's.
fn make_schema(connection: &mut Connection) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process was quicker.
    if schema_version(&transaction)? == SCHEMA_VERSION {
        return Ok(true);
    }
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 {
        return Ok(false);
    }
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()?;
    Ok(true)
}

fn schema_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
