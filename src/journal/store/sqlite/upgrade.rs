//! Upgrades of older journals.

use crate::journal::{Order, Position};
use chrono::{DateTime, Utc};
use rusqlite::{Transaction, params};

/// Version 4 filed entries under pairs of filters, and version 3 had an index for each filter. Their entries are filed
/// later, some with every append, because there may be too many to wait for.
pub(super) fn to_version_5(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 4 {
        return transaction.execute_batch(
            "CREATE TABLE unfiled_three (sequence INTEGER NOT NULL) STRICT; \
             INSERT INTO unfiled_three SELECT ifnull(max(sequence), 0) FROM entry",
        );
    }
    if version < 2 {
        to_version_2(transaction)?;
    }
    if version < 3 {
        to_version_3(transaction)?;
    }
    transaction.execute_batch(include_str!("filed.sql"))?;
    transaction.execute_batch("INSERT INTO unfiled SELECT ifnull(max(sequence), 0) FROM entry")
}

/// Version 2 had S3's sequencers in the old format.
fn to_version_3(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut resources =
        transaction.prepare("SELECT urn, ordering FROM resource WHERE ordering LIKE 'z0% [\"s3\",%'")?;
    let mut update = transaction.prepare("UPDATE resource SET ordering = ?2 WHERE urn = ?1")?;
    let mut rows = resources.query([])?;
    while let Some(row) = rows.next()? {
        let (urn, ordering): (String, String) = (row.get(0)?, row.get(1)?);
        if let Some(order) = Order::rewritten(&ordering) {
            update.execute(params![urn, order.as_str()])?;
        }
    }
    Ok(())
}

/// Version 1 had its entries in the order in which they were appended.
fn to_version_2(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "DROP INDEX entry_source; DROP INDEX entry_type; DROP INDEX entry_subject; DROP INDEX entry_time; \
         ALTER TABLE entry ADD COLUMN position TEXT NOT NULL DEFAULT '';",
    )?;
    // When an entry without a time was appended is not known any more.
    let now = Utc::now();
    let mut entries = transaction.prepare("SELECT sequence, time, id, identity FROM entry")?;
    let mut update = transaction.prepare("UPDATE entry SET position = ?2 WHERE sequence = ?1")?;
    let mut rows = entries.query([])?;
    while let Some(row) = rows.next()? {
        let (sequence, time): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        let (id, identity): (String, String) = (row.get(2)?, row.get(3)?);
        let time = time.and_then(DateTime::from_timestamp_micros).unwrap_or(now);
        let position = Position::new(time, "", &id, &identity);
        update.execute(params![sequence, position.as_str()])?;
    }
    transaction.execute_batch(include_str!("version_2_indexes.sql"))
}
