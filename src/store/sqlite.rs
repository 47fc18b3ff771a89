//! An SQLite database that is opened at its first use, and made if need be.

use super::StoreError;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long to wait for other processes' locks.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What a database holds.
pub(crate) struct Schema {
    /// What it is called in errors: `the journal`.
    pub(crate) name: &'static str,
    /// SQLite's `application_id`, which tells it from the databases of other programs.
    pub(crate) application: i64,
    /// Grows with every change of `tables`.
    pub(crate) version: i64,
    /// Makes the tables.
    pub(crate) tables: &'static str,
    /// Brings the tables of an older version up to date.
    pub(crate) upgrade: fn(&Transaction<'_>) -> rusqlite::Result<()>,
}

impl Schema {
    /// A failed statement, with what SQLite says of it.
    pub(crate) fn failed(&self, error: rusqlite::Error) -> StoreError {
        let name = self.name;
        let context = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                StoreError::busy(format!("{name} is locked by another process"))
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::damaged(format!("{name}'s file is damaged or no SQLite database"))
            }
            _ => StoreError::unavailable(format!("{name} cannot be read or written")),
        };
        context.caused_by(error)
    }
}

/// A database in a file, or in memory.
pub(crate) struct Database {
    schema: &'static Schema,
    path: Option<PathBuf>,
    connection: Mutex<Option<Connection>>,
}

impl Database {
    /// The database in the file at `path`.
    pub(crate) fn file(schema: &'static Schema, path: PathBuf) -> Self {
        Self {
            schema,
            path: Some(path),
            connection: Mutex::default(),
        }
    }

    /// A database that is gone when this value is.
    pub(crate) fn memory(schema: &'static Schema) -> Self {
        Self {
            schema,
            path: None,
            connection: Mutex::default(),
        }
    }

    /// Runs `work` on the connection. It blocks its thread, for a millisecond at most as a rule: handing it to
    /// another thread would cost more than it takes. An open that failed is tried again at the next use.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // A panic rolled its transaction back when it dropped it; the connection is as good as before.
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out, so that an open that fails leaves nothing behind.
        let connection = match slot.take() {
            Some(connection) => connection,
            None => open(self.schema, self.path.as_deref())?,
        };
        work(slot.insert(connection))
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn open(schema: &Schema, path: Option<&Path>) -> Result<Connection, StoreError> {
    let failed = |error| schema.failed(error);
    let Some(path) = path else {
        return prepare(schema, Connection::open_in_memory().map_err(failed)?);
    };
    let opened = Connection::open(path)
        .map_err(failed)
        .and_then(|connection| prepare(schema, connection));
    opened.map_err(|error| error.within(format!("cannot open `{}`", path.display())))
}

/// Sets the connection up, and makes the tables unless they are current.
fn prepare(schema: &Schema, mut connection: Connection) -> Result<Connection, StoreError> {
    let failed = |error| schema.failed(error);
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection
        .pragma_update(None, "synchronous", "NORMAL")
        .map_err(failed)?;
    // With a current schema nothing is written: opening is a few reads of the header.
    let version = version(&connection).map_err(failed)?;
    if version > 0 && application(&connection).map_err(failed)? != schema.application {
        return Err(foreign(schema));
    }
    if version > schema.version {
        let newer = format!(
            "its schema version {version} is newer than {}, which this release knows",
            schema.version
        );
        return Err(StoreError::newer_schema(newer));
    }
    if version < schema.version && !bring_up_to_date(schema, &mut connection).map_err(failed)? {
        return Err(foreign(schema));
    }
    write_ahead(&connection).map_err(failed)?;
    // Every set of filters is a statement of its own.
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn foreign(schema: &Schema) -> StoreError {
    StoreError::damaged(format!(
        "it is the database of another program: it has tables, but not {}'s",
        schema.name
    ))
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

/// Makes the tables, or those of an older version over; false if there are tables of something else.
fn bring_up_to_date(schema: &Schema, connection: &mut Connection) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Looked up again under the lock: another process may have been quicker.
    let version = version(&transaction)?;
    if version == schema.version {
        return Ok(application(&transaction)? == schema.application);
    }
    if version > 0 {
        (schema.upgrade)(&transaction)?;
    } else {
        let tables: i64 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 {
            return Ok(false);
        }
        transaction.execute_batch(schema.tables)?;
    }
    transaction.pragma_update(None, "application_id", schema.application)?;
    transaction.pragma_update(None, "user_version", schema.version)?;
    transaction.commit()?;
    Ok(true)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn application(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}
