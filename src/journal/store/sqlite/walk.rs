//! One page of entries. An index is scanned, and each entry is read separately, so that a damaged one does not affect
//! others.

use super::super::StoreError;
use super::super::page::{DAMAGED, PAGE_BYTES, damaged_entry};
use super::connection::failed;
use crate::journal::{Damaged, Entry, EntryQuery};
use rusqlite::{CachedStatement, Connection, ErrorCode, OptionalExtension as _, Row, params};
use switchboard::store::sqlite::misread;

/// How many entries a page examines at most. A page whose filters match little ends with what has been found, and its
/// cursor continues from there, instead of reading a whole journal for one answer.
const LOOKS: usize = 10_000;

/// The entry with this number, if it matches the given filters.
const ENTRY: &str = "SELECT identity, source, id, document FROM entry WHERE sequence = ?1 \
    AND (?2 IS NULL OR source = ?2) AND (?3 IS NULL OR type = ?3) AND (?4 IS NULL OR subject = ?4) \
    AND (NOT ?5 OR time IS NOT NULL)";

/// A page that is being filled.
pub(super) struct PageBuilder<'c, 'q> {
    connection: &'c Connection,
    statement: CachedStatement<'c>,
    query: &'q EntryQuery,
    looks: usize,
    bytes: usize,
    count: usize,
    pub(super) entries: Vec<Entry>,
    pub(super) damaged: Vec<Damaged>,
}

impl<'c, 'q> PageBuilder<'c, 'q> {
    pub(super) fn new(connection: &'c Connection, query: &'q EntryQuery) -> Result<Self, StoreError> {
        Ok(Self {
            connection,
            statement: connection.prepare_cached(ENTRY).map_err(failed)?,
            query,
            looks: 0,
            bytes: 0,
            count: 0,
            entries: Vec::new(),
            damaged: Vec::new(),
        })
    }

    /// Examines the entry with this number. Returns `false` if the page is full and ends before it. `place` names an
    /// entry of which nothing is readable.
    pub(super) fn look(&mut self, sequence: i64, place: &str) -> Result<bool, StoreError> {
        if self.looks == LOOKS || self.damaged.len() == DAMAGED {
            return Ok(false);
        }
        self.looks += 1;
        let query = self.query;
        let timed = query.since.is_some() || query.until.is_some();
        let filters = params![sequence, query.source, query.event_type, query.subject, timed];
        match self.statement.query_row(filters, kept).optional() {
            Ok(Some(ReadEntry {
                entry: Ok(entry),
                bytes,
            })) => {
                // A page without any entry would lead nowhere, so the first one always fits.
                let fits = self.count < query.limit.get() && self.bytes + bytes <= PAGE_BYTES;
                if !fits && self.count > 0 {
                    return Ok(false);
                }
                self.bytes += bytes;
                self.count += 1;
                self.entries.push(entry);
            }
            Ok(Some(ReadEntry {
                entry: Err(damaged), ..
            })) => self.damaged.push(damaged),
            Ok(None) => {}
            Err(error) if is_damage(&error) => {
                let (source, id) = self
                    .name(sequence)
                    .unwrap_or_else(|| (String::new(), place.to_owned()));
                self.damaged.push(damaged_entry(&source, &id, &error));
            }
            Err(error) => return Err(failed(error)),
        }
        Ok(true)
    }

    /// Source and id are stored before the document, so they are often readable when the document is not.
    fn name(&self, sequence: i64) -> Option<(String, String)> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT source, id FROM entry WHERE sequence = ?1")
            .ok()?;
        let name = |row: &Row<'_>| Ok((text(row, 0)?, text(row, 1)?));
        statement.query_row([sequence], name).ok()
    }
}

/// An entry, and how many bytes it adds to an answer.
struct ReadEntry {
    entry: Result<Entry, Damaged>,
    bytes: usize,
}

fn kept(row: &Row<'_>) -> rusqlite::Result<ReadEntry> {
    let document = row.get_ref(3)?.as_bytes()?;
    let entry = match entry_of(row.get_ref(0)?.as_bytes()?, document) {
        Ok(entry) => Ok(entry),
        Err(error) => Err(damaged_entry(&text(row, 1)?, &text(row, 2)?, &error)),
    };
    Ok(ReadEntry {
        entry,
        bytes: document.len(),
    })
}

/// The entry, from its identity and its document.
pub(super) fn entry_of(identity: &[u8], document: &[u8]) -> Result<Entry, StoreError> {
    let damaged = || StoreError::damaged("an entry of the journal is damaged");
    let identity = std::str::from_utf8(identity).map_err(|error| damaged().caused_by(error))?;
    Entry::from_json(document)
        .map(|entry| entry.identified_by(identity.to_owned()))
        .map_err(|error| damaged().caused_by(error))
}

/// The readable part of a text.
pub(super) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(String::from_utf8_lossy(row.get_ref(column)?.as_bytes()?).into_owned())
}

/// Whether only the requested data is damaged, so that another request may succeed.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    misread(error) || error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
}
