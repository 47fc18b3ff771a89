//! Entries in the order of arrival. Their numbers are assigned under the write lock, each only once, so a reader that
//! sees a number sees all earlier ones.

use super::super::StoreError;
use super::super::page::{PageKind, decode, encode};
use super::connection::failed;
use super::walk::PageBuilder;
use crate::journal::{Arrivals, Arrived, Cursor, EntryQuery, Follow};
use rusqlite::Connection;

pub(super) fn follow(connection: &Connection, follow: &Follow) -> Result<Arrivals, StoreError> {
    // One view of the file for everything, in which the journal and its last number agree.
    let view = connection.unchecked_transaction().map_err(failed)?;
    let journal = Journal::of(&view)?;
    let mut last = journal.after(follow.after.as_ref())?;
    let query = EntryQuery {
        source: follow.source.clone(),
        event_type: follow.event_type.clone(),
        subject: follow.subject.clone(),
        limit: follow.limit,
        ..EntryQuery::default()
    };
    let mut statement = view
        .prepare_cached("SELECT sequence FROM entry WHERE sequence > ?1 ORDER BY sequence")
        .map_err(failed)?;
    let mut rows = statement.query([last]).map_err(failed)?;
    let mut page = PageBuilder::new(&view, &query)?;
    let (mut items, mut more) = (Vec::new(), false);
    while let Some(row) = rows.next().map_err(failed)? {
        let sequence = row.get(0).map_err(failed)?;
        if !page.look(sequence, "?")? {
            more = true;
            break;
        }
        last = sequence;
        let cursor = || journal.cursor(sequence);
        items.extend(page.entries.pop().map(|entry| Arrived {
            cursor: cursor(),
            entry,
        }));
    }
    Ok(Arrivals {
        items,
        damaged: std::mem::take(&mut page.damaged),
        next: journal.cursor(last),
        more,
    })
}

/// The journal's name, and the number of its last entry.
struct Journal {
    name: String,
    last: i64,
}

impl Journal {
    fn of(connection: &Connection) -> Result<Self, StoreError> {
        let name = || {
            connection
                .prepare_cached("SELECT name FROM journal")?
                .query_row([], |row| row.get(0))
        };
        let last = || {
            connection
                .prepare_cached("SELECT ifnull(max(sequence), 0) FROM entry")?
                .query_row([], |row| row.get(0))
        };
        Ok(Self {
            // A journal of an older release that cannot be written has none.
            name: name().unwrap_or_default(),
            last: last().map_err(failed)?,
        })
    }

    fn cursor(&self, sequence: i64) -> Cursor {
        encode(PageKind::Arrivals, &format!("{} {sequence}", self.name))
    }

    /// The number to continue after.
    fn after(&self, cursor: Option<&Cursor>) -> Result<i64, StoreError> {
        let Some(text) = decode(PageKind::Arrivals, cursor)? else {
            return Ok(0);
        };
        let parts = text.split_once(' ');
        let parts = parts.and_then(|(name, number)| Some((name, number.parse().ok()?)));
        match parts {
            Some((name, number)) if name == self.name && number <= self.last => Ok(number),
            _ => Err(StoreError::invalid_cursor(
                "it belongs to another journal; start again without a cursor",
            )),
        }
    }
}
