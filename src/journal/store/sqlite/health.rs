//! Whether the journal can be read and written: it is tried.

use super::super::StoreError;
use super::connection::failed;
use rusqlite::{Connection, TransactionBehavior};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is written if nothing is known of what would not fit: more than fits the page that holds it.
const LEAST: usize = 8 * 1024;

/// What is written at most.
const MOST: usize = 1024 * 1024;

/// How many bytes there was no room for when they were last tried; 0 if there was.
#[derive(Debug, Default)]
pub(super) struct FreeSpace(AtomicUsize);

impl FreeSpace {
    /// Keeps in mind how an attempt to write so many bytes went.
    pub(super) fn tried<T>(&self, bytes: impl Fn() -> usize, outcome: &Result<T, StoreError>) {
        match outcome {
            Err(error) if error.is_full() || error.is_io() => self.0.store(bytes(), Ordering::Relaxed),
            Err(_) => {}
            Ok(_) => self.0.store(0, Ordering::Relaxed),
        }
    }

    /// Reads, and writes as much as there was no room for: what is free may be enough for a little.
    pub(super) fn probe(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let bytes = self.0.load(Ordering::Relaxed).clamp(LEAST, MOST);
        let outcome = probe(connection, bytes).map_err(failed);
        self.tried(|| bytes, &outcome);
        outcome
    }
}

/// Writes so many bytes, and frees their room again. Each is a transaction of its own: what is freed before it is committed is
/// not written. The table is not among those of a version, so that this changes nothing for older releases.
fn probe(connection: &mut Connection, bytes: usize) -> rusqlite::Result<()> {
    connection
        .prepare_cached("SELECT 1 FROM entry LIMIT 1")?
        .exists([])?;
    for bytes in [bytes, 0] {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(
            "CREATE TABLE IF NOT EXISTS probe (one INTEGER PRIMARY KEY, filler BLOB NOT NULL)",
        )?;
        let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO probe VALUES (1, zeroblob(?1))")?;
        put.execute([i64::try_from(bytes).unwrap_or(i64::MAX)])?;
        drop(put);
        transaction.commit()?;
    }
    Ok(())
}
