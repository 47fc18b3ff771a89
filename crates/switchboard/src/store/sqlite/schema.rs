//! The contents of a database, and the meaning of its errors.

use super::super::StoreError;
use rusqlite::ffi::SQLITE_READONLY_DBMOVED;
use rusqlite::{ErrorCode, Transaction};

/// The contents of a database.
pub struct Schema {
    /// Its name in errors: `the journal`.
    pub name: &'static str,
    /// SQLite's `application_id`, which distinguishes it from databases of other programs.
    pub application: i64,
    /// Increases with every change of `tables`.
    pub version: i64,
    /// The oldest version whose tables can be read without an upgrade.
    pub readable: i64,
    /// Creates the tables.
    pub tables: &'static str,
    /// Upgrades the tables of an older version.
    pub upgrade: fn(&Transaction<'_>) -> rusqlite::Result<()>,
}

/// Whether a value does not have the type that is written there.
pub fn misread(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, InvalidColumnType};
    matches!(error, FromSqlConversionFailure(..) | InvalidColumnType(..))
}

impl Schema {
    /// A failed statement, with SQLite's error.
    pub fn failed(&self, error: rusqlite::Error) -> StoreError {
        let name = self.name;
        let moved = error
            .sqlite_error()
            .is_some_and(|error| error.extended_code == SQLITE_READONLY_DBMOVED);
        let context = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                StoreError::busy(format!("{name} is locked by another process"))
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::damaged(format!("{name}'s file is damaged or no SQLite database"))
            }
            Some(ErrorCode::DiskFull) => StoreError::full(format!("{name} has no room: its disk is full")),
            Some(ErrorCode::SystemIoFailure) => {
                StoreError::io(format!("{name}'s file system cannot read or write it"))
            }
            Some(ErrorCode::ReadOnly) if moved => {
                StoreError::moved(format!("{name}'s file was moved or deleted while it was open"))
            }
            Some(ErrorCode::ReadOnly) => self.read_only(),
            _ if misread(&error) => StoreError::damaged(format!("{name} has values of unexpected types")),
            _ => StoreError::unavailable(format!("{name} cannot be read or written")),
        };
        context.caused_by(error)
    }

    /// The contents can be read, but nothing can be added.
    pub(super) fn read_only(&self) -> StoreError {
        StoreError::read_only(format!(
            "{} can only be read: its file, directory or file system is read-only",
            self.name
        ))
    }
}
