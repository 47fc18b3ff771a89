//! Opens a database: creates or upgrades its tables, and switches it to write-ahead mode. If that is not possible, the
//! database is opened for reading.

use super::super::StoreError;
use super::file::{FileIdentity, OpenedFile, log_of};
use super::schema::Schema;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// How long to wait for other processes' locks.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// An open database.
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// Its file, unless it is in memory.
    pub(super) file: Option<OpenedFile>,
    read_only: bool,
    /// Whether its tables are those of this release. If not, they could not be upgraded, but can be read.
    current: bool,
}

impl Opened {
    /// Makes sure that the database can be written, as far as this can be checked beforehand.
    pub(super) fn make_writable(&mut self, schema: &Schema) -> Result<(), StoreError> {
        if self.read_only {
            return Err(schema.read_only());
        }
        if !self.current {
            let made = bring_up_to_date(schema, &mut self.connection);
            self.current = made.map_err(|error| schema.failed(error))?;
        }
        Ok(())
    }
}

pub(super) fn open(schema: &Schema, path: Option<&Path>) -> Result<Opened, StoreError> {
    let Some(path) = path else {
        let connection = Connection::open_in_memory().map_err(|error| schema.failed(error))?;
        return prepare(schema, connection, None);
    };
    let opened = open_file(schema, path);
    opened.map_err(|error| error.within(format!("cannot open `{}`", path.display())))
}

fn open_file(schema: &Schema, path: &Path) -> Result<Opened, StoreError> {
    let before = FileIdentity::of(path);
    let open = || {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // The first access to its contents.
        version(&connection).map(|_| connection)
    };
    let connection = match open() {
        Err(error) if before.is_some() && cannot_be_written(&error) && !log_of(path).exists() => alone(path),
        opened => opened,
    };
    let connection = connection.map_err(|error| schema.failed(error))?;
    let file = OpenedFile::new(path, before)?;
    prepare(schema, connection, Some(file))
}

/// Opens a file in write-ahead mode where no log can be created beside it, although every reader would need one. No
/// process with the same rights can be writing it.
fn alone(path: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut uri = "file:".to_owned();
    // Escapes every byte that is special or forbidden in a URI.
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(*byte))
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    Connection::open_with_flags(format!("{uri}?immutable=1"), flags)
}

/// Sets up the connection, and creates the tables unless they are current.
fn prepare(
    schema: &Schema,
    mut connection: Connection,
    file: Option<OpenedFile>,
) -> Result<Opened, StoreError> {
    let failed = |error| schema.failed(error);
    connection
        .pragma_update(None, "synchronous", "NORMAL")
        .map_err(failed)?;
    // If the schema is current, nothing is written: opening takes a few reads of the header.
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
    let read_only = connection.is_readonly("main").map_err(failed)?;
    let current = version == schema.version
        || match bring_up_to_date(schema, &mut connection) {
            Ok(true) => true,
            Ok(false) => return Err(foreign(schema)),
            Err(error) if version >= schema.readable && cannot_be_written(&error) => false,
            Err(error) => return Err(failed(error)),
        };
    if !read_only {
        write_ahead(&connection).map_err(failed)?;
    }
    // Every combination of filters is a statement of its own.
    connection.set_prepared_statement_cache_capacity(32);
    Ok(Opened {
        connection,
        file,
        read_only,
        current,
    })
}

/// Whether this is the only problem, so that the database can still be read.
fn cannot_be_written(error: &rusqlite::Error) -> bool {
    use ErrorCode::{CannotOpen, DatabaseBusy, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure};
    let code = error.sqlite_error_code();
    code.is_some_and(|code| {
        matches!(
            code,
            CannotOpen | DatabaseBusy | DiskFull | PermissionDenied | ReadOnly | SystemIoFailure
        )
    })
}

fn foreign(schema: &Schema) -> StoreError {
    StoreError::damaged(format!(
        "it is the database of another program: it has tables, but not {}'s",
        schema.name
    ))
}

/// Switches the file to write-ahead mode, which is permanent. It fails while others use the file, or if there is no
/// space. That is no problem: the other mode is as safe, only slower, and the next open tries again.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "delete" {
        return Ok(());
    }
    match connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())) {
        Err(error) if cannot_be_written(&error) => Ok(()),
        switched => switched,
    }
}

/// Creates the tables, or upgrades those of an older version. `false` if the tables belong to another program.
fn bring_up_to_date(schema: &Schema, connection: &mut Connection) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again under the lock: another process may have been faster.
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
