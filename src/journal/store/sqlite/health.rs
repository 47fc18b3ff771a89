//! Whether the journal can be read and written, by trying both.

use super::super::StoreError;
use super::connection::failed;
use rusqlite::{Connection, TransactionBehavior};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How much is written if no write has failed before: more than fits the page that contains it.
const LEAST: usize = 8 * 1024;

/// How much is written at most.
const MOST: usize = 1024 * 1024;

/// How many bytes did not fit at the last attempt; 0 if they did.
#[derive(Debug, Default)]
pub(super) struct FreeSpace(AtomicUsize);

impl FreeSpace {
    /// Remembers whether an attempt to write this many bytes succeeded.
    pub(super) fn tried<T>(&self, bytes: impl Fn() -> usize, outcome: &Result<T, StoreError>) {
        match outcome {
            Err(error) if error.is_full() || error.is_io() => self.0.store(bytes(), Ordering::Relaxed),
            Err(_) => {}
            Ok(_) => self.0.store(0, Ordering::Relaxed),
        }
    }

    /// Reads, and writes as many bytes as did not fit before: a little free space might be enough for less.
    pub(super) fn probe(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let bytes = self.0.load(Ordering::Relaxed).clamp(LEAST, MOST);
        let outcome = probe(connection, bytes).map_err(failed);
        self.tried(|| bytes, &outcome);
        outcome
    }
}

/// Writes this many bytes, and frees their space again. Each is a transaction: data that is freed before the commit is
/// not written. The table is not part of the schema, so older releases are not affected.
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
