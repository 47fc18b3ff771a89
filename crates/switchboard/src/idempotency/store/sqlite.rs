//! The store in an SQLite file.

use super::super::StoreError;
use super::rule::{KeyRecord, Status, Verdict, millis, seconds, token};
use super::{Claim, Claimed, Done, Lease, Store, StoreFuture};
use crate::store::sqlite::{Database, Schema};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use std::path::PathBuf;
use std::time::SystemTime;

static SCHEMA: Schema = Schema {
    name: "the idempotency store",
    // An arbitrary unique number, which spells `swid`.
    application: 0x7377_6964,
    version: 1,
    readable: 1,
    tables: include_str!("schema.sql"),
    upgrade: |_| Ok(()),
};

/// How many expired records each claim deletes: more than it adds, so that they cannot accumulate.
const SWEPT: i64 = 4;

/// A store in an SQLite file, for local use and for functions with a file system of their own.
///
/// Creating it does not open the file. The file is opened, and if necessary created, at the first use. It must not be
/// the journal's file. Several processes may share it; each waits up to 5 s for the others. Finished records survive
/// the end of the process at any point, including `kill -9`; a power failure may lose the last moments.
///
/// Every operation runs at once, on the caller's thread. So if an effect does not wait at its end, no other record of
/// the batch runs between the effect and the moment at which its result is stored.
///
/// # Example
///
/// ```
/// use switchboard::idempotency::{Idempotency, Sqlite};
///
/// let idempotency = Idempotency::new(Sqlite::file("/tmp/idempotency.sqlite"));
/// # let _ = idempotency;
/// ```
#[derive(Debug)]
pub struct Sqlite {
    database: Database,
}

impl Sqlite {
    /// The store in the file at `path`.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            database: Database::file(&SCHEMA, path.into()),
        }
    }

    /// A store in memory, which is dropped with this value.
    #[must_use]
    pub fn memory() -> Self {
        Self {
            database: Database::memory(&SCHEMA),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let failed = |error| SCHEMA.failed(error);
        self.database.with(|connection| work(connection).map_err(failed))
    }
}

impl Store for Sqlite {
    fn claim<'a>(&'a self, claim: &'a Claim<'a>) -> StoreFuture<'a, Claimed> {
        Box::pin(async move { self.with(|connection| claim_in(connection, claim)) })
    }

    fn finish<'a>(&'a self, lease: &'a Lease, done: &'a Done) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.with(|connection| finish_in(connection, lease, done)) })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.with(|connection| release_in(connection, lease)) })
    }

    fn recall<'a>(&'a self, id: &'a str, now: SystemTime) -> StoreFuture<'a, Option<String>> {
        Box::pin(async move {
            let record = self.with(|connection| record_in(connection, id))?;
            Ok(record.and_then(|record| record.recall(now).map(ToOwned::to_owned)))
        })
    }

    fn remember<'a>(&'a self, id: &'a str, done: &'a Done) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.with(|connection| put(connection, id, &KeyRecord::done(done))) })
    }
}

fn claim_in(connection: &mut Connection, claim: &Claim<'_>) -> rusqlite::Result<Claimed> {
    // Immediate: the lock is taken before the first read, so what was read is still true when it is written.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(record) = record_in(&transaction, claim.id)? {
        match record.judge(claim) {
            Verdict::Done(data) => return Ok(Claimed::Done(data.to_owned())),
            Verdict::InProgress(until) => return Ok(Claimed::InProgress(until)),
            Verdict::Mismatch => return Ok(Claimed::Mismatch),
            Verdict::Free => {}
        }
    }
    sweep(&transaction, claim.now)?;
    let token = token(claim);
    put(&transaction, claim.id, &KeyRecord::of(claim, token))?;
    transaction.commit()?;
    Ok(Claimed::Owned(Lease::with_token(claim.id.into(), token)))
}

fn finish_in(connection: &Connection, lease: &Lease, done: &Done) -> rusqlite::Result<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE record SET status = ?1, expiration = ?2, data = ?3 \
             WHERE id = ?4 AND status = ?5 AND in_progress_expiration = ?6",
        )?
        .execute(params![
            Status::Completed.as_str(),
            signed(seconds(done.expiration)),
            done.data,
            lease.id(),
            Status::InProgress.as_str(),
            signed(lease.token()),
        ])?;
    Ok(changed == 1)
}

fn release_in(connection: &Connection, lease: &Lease) -> rusqlite::Result<bool> {
    let changed = connection
        .prepare_cached("DELETE FROM record WHERE id = ?1 AND status = ?2 AND in_progress_expiration = ?3")?
        .execute(params![
            lease.id(),
            Status::InProgress.as_str(),
            signed(lease.token())
        ])?;
    Ok(changed == 1)
}

fn sweep(connection: &Connection, now: SystemTime) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM record WHERE id IN (SELECT id FROM record WHERE expiration < ?1 LIMIT ?2)",
        )?
        .execute(params![signed(millis(now) / 1000), SWEPT])?;
    Ok(())
}

fn put(connection: &Connection, id: &str, record: &KeyRecord) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO record (id, status, expiration, in_progress_expiration, data, validation) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            id,
            record.status.as_str(),
            signed(record.expiration),
            record.in_progress_expiration.map(signed),
            record.data,
            record.validation,
        ])?;
    Ok(())
}

fn record_in(connection: &Connection, id: &str) -> rusqlite::Result<Option<KeyRecord>> {
    connection
        .prepare_cached(
            "SELECT status, expiration, in_progress_expiration, data, validation FROM record WHERE id = ?1",
        )?
        .query_row([id], read)
        .optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<KeyRecord> {
    let status = Status::parse(row.get_ref(0)?.as_str()?);
    let unknown = || rusqlite::Error::InvalidColumnType(0, "status".to_owned(), Type::Text);
    Ok(KeyRecord {
        status: status.ok_or_else(unknown)?,
        expiration: unsigned(row.get(1)?),
        in_progress_expiration: row.get::<_, Option<i64>>(2)?.map(unsigned),
        data: row.get(3)?,
        validation: row.get(4)?,
    })
}

/// SQLite's integers are signed; these times fit for 292 million years.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
