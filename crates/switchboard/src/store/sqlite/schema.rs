//! What a database holds, and what its errors mean.

use super::super::StoreError;
use rusqlite::ffi::SQLITE_READONLY_DBMOVED;
use rusqlite::{ErrorCode, Transaction};

/// What a database holds.
pub struct Schema {
    /// What it is called in errors: `the journal`.
    pub name: &'static str,
    /// SQLite's `application_id`, which tells it from the databases of other programs.
    pub application: i64,
    /// Grows with every change of `tables`.
    pub version: i64,
    /// The oldest version whose tables can be read as they are, where they cannot be brought up to date.
    pub readable: i64,
    /// Makes the tables.
    pub tables: &'static str,
    /// Brings the tables of an older version up to date.
    pub upgrade: fn(&Transaction<'_>) -> rusqlite::Result<()>,
}

/// Whether a value is not of the kind that is written there.
pub fn misread(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, InvalidColumnType};
    matches!(error, FromSqlConversionFailure(..) | InvalidColumnType(..))
}

impl Schema {
    /// A failed statement, with what SQLite says of it.
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
            _ if misread(&error) => {
                StoreError::damaged(format!("what {name} holds is not as it was written"))
            }
            _ => StoreError::unavailable(format!("{name} cannot be read or written")),
        };
        context.caused_by(error)
    }

    /// What is kept can be read, and nothing can be added.
    pub(super) fn read_only(&self) -> StoreError {
        StoreError::read_only(format!(
            "{} can only be read: its file, directory or file system is read-only",
            self.name
        ))
    }
}
