//! Appending: each identity once, states in their order, all in one transaction.

use super::super::{Append, Appended, StoreError};
use super::connection::failed;
use super::filed::{self, Filing};
use crate::journal::{Entry, Position, StateChange};
use chrono::Utc;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use std::borrow::Cow;

pub(super) fn append(connection: &mut Connection, batch: &[Append]) -> Result<Vec<Appended>, StoreError> {
    append_all(connection, batch).map_err(failed)
}

/// About how many bytes a batch takes.
pub(super) fn bytes(batch: &[Append]) -> usize {
    batch.iter().map(|append| append.entry.to_json().len()).sum()
}

fn append_all(connection: &mut Connection, batch: &[Append]) -> rusqlite::Result<Vec<Appended>> {
    filed::catch_up(connection)?;
    // Immediate: the lock is taken before the first read, so what was read is still true when it is written.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut filing = Filing::default();
    let one = |append: &Append| append_one(&transaction, append, &mut filing);
    let appended = batch.iter().map(one).collect::<rusqlite::Result<_>>()?;
    filing.write(&transaction)?;
    transaction.commit()?;
    Ok(appended)
}

fn append_one(
    transaction: &Transaction<'_>,
    append: &Append,
    filing: &mut Filing,
) -> rusqlite::Result<Appended> {
    let entry = &append.entry;
    let identity = entry.identity();
    // The identity decides, not source and id, which two events may claim.
    let known = transaction
        .prepare_cached("SELECT id FROM entry WHERE identity = ?1")?
        .query_row([&identity], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(Appended { id, new: false });
    }
    let entry = under_free_id(transaction, entry)?;
    let position = Position::of(append, &entry, Utc::now());
    insert(transaction, &entry, &position)?;
    filing.add(&entry, position.as_str(), transaction.last_insert_rowid());
    if let Some(change) = &append.change {
        apply(transaction, &entry, change)?;
    }
    let id = entry.id().to_owned();
    Ok(Appended { id, new: true })
}

/// The entry, under another id if another event has its id.
fn under_free_id<'e>(transaction: &Transaction<'_>, entry: &'e Entry) -> rusqlite::Result<Cow<'e, Entry>> {
    let mut statement = transaction.prepare_cached("SELECT 1 FROM entry WHERE source = ?1 AND id = ?2")?;
    let mut entry = Cow::Borrowed(entry);
    // A loop, because an event may have been posted under the other id, too.
    while statement.exists([entry.source(), entry.id()])? {
        entry = Cow::Owned(entry.into_owned().beside());
    }
    Ok(entry)
}

fn insert(transaction: &Transaction<'_>, entry: &Entry, position: &Position) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO entry (identity, source, id, type, subject, time, document, position) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    statement.execute(params![
        entry.identity(),
        entry.source(),
        entry.id(),
        entry.event_type(),
        entry.subject(),
        entry.time().map(|time| time.timestamp_micros()),
        entry.to_json(),
        position.as_str(),
    ])?;
    Ok(())
}

fn apply(transaction: &Transaction<'_>, entry: &Entry, change: &StateChange) -> rusqlite::Result<()> {
    // Greater, not equal: orders end with the identity, so an equal one is the same event.
    let mut statement = transaction.prepare_cached(
        "INSERT INTO resource (urn, type, state, ordering, time, source, id, data) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
         ON CONFLICT (urn) DO UPDATE SET type = ?2, state = ?3, ordering = ?4, time = ?5, source = ?6, id = ?7, \
         data = ?8 WHERE ?4 > ordering",
    )?;
    statement.execute(params![
        change.urn,
        change.resource_type,
        change.state,
        change.order.as_str(),
        entry.time().map(|time| time.timestamp_micros()),
        entry.source(),
        entry.id(),
        change.data.as_ref().map(|data| data.get()),
    ])?;
    Ok(())
}
