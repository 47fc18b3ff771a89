//! An index of entries by filters: each entry is filed under every filter, every pair of them, and all three.

use crate::journal::identity::stable_hash;
use crate::journal::{Entry, EntryQuery};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use std::ops::RangeInclusive;

/// How many entries of an older release one append files at most; this takes a few hundredths of a second.
const AT_ONCE: i64 = 2_000;

/// The indexes of older releases, which this replaces for a single filter.
const OLD_INDEXES: [&str; 3] = ["entry_source", "entry_type", "entry_subject"];

/// The bits of a key after its first value.
const REST: u64 = 0xFF_FFFF;

/// Filters as bits: an entry is filed under every set of them.
const SOURCE: u8 = 1;
const TYPE: u8 = 2;
const SUBJECT: u8 = 4;
const ALL: u8 = SOURCE | TYPE | SUBJECT;

/// The filters of a query or the values of an entry: a hash of each.
#[derive(Clone, Copy)]
struct Hashes {
    source: Option<u64>,
    event_type: Option<u64>,
    subject: Option<u64>,
}

impl Hashes {
    fn of(source: Option<&str>, event_type: Option<&str>, subject: Option<&str>) -> Self {
        let hash = |tag: char, value: &str| stable_hash(&format!("{tag}{}#{value}", value.len()));
        Self {
            source: source.map(|source| hash('s', source)),
            event_type: event_type.map(|event_type| hash('t', event_type)),
            subject: subject.map(|subject| hash('u', subject)),
        }
    }

    /// The filters that are set.
    fn filters(self) -> u8 {
        let bit = |hash: Option<u64>, bit| if hash.is_some() { bit } else { 0 };
        bit(self.source, SOURCE) | bit(self.event_type, TYPE) | bit(self.subject, SUBJECT)
    }

    /// The key under which these filters are filed; `None` if there are none. Keys of one subject, or else of one
    /// source, are adjacent: so the four keys of an entry that is the only one of its subject are on one page of the
    /// file.
    fn key(self, filters: u8) -> Option<i64> {
        let parts = [
            (self.subject, SUBJECT),
            (self.source, SOURCE),
            (self.event_type, TYPE),
        ];
        let asked = parts.into_iter().filter(|(_, bit)| filters & bit != 0);
        let mut hashes = asked.filter_map(|(hash, _)| hash);
        let first = hashes.next()? & !REST;
        let rest = hashes.fold(0, |rest: u64, hash| rest.rotate_left(7) ^ hash) & REST;
        Some((first | rest).cast_signed())
    }
}

/// The key of a query's filters; `None` if it has none. `threes` says whether entries are filed under all three
/// together.
pub(super) fn key_of(query: &EntryQuery, threes: bool) -> Option<i64> {
    let hashes = Hashes::of(
        query.source.as_deref(),
        query.event_type.as_deref(),
        query.subject.as_deref(),
    );
    match hashes.filters() {
        ALL if !threes => hashes.key(SOURCE | SUBJECT),
        filters => hashes.key(filters),
    }
}

/// The index rows for the entries of one transaction.
#[derive(Default)]
pub(super) struct Filing(Vec<(i64, String, i64)>);

impl Filing {
    pub(super) fn add(&mut self, entry: &Entry, position: &str, sequence: i64) {
        let hashes = Hashes::of(Some(entry.source()), Some(entry.event_type()), entry.subject());
        self.add_sets(hashes, 1..=ALL, position, sequence);
    }

    /// Adds those of these sets of filters that the entry has.
    fn add_sets(&mut self, hashes: Hashes, sets: RangeInclusive<u8>, position: &str, sequence: i64) {
        let has = hashes.filters();
        let sets = sets.filter(|set| set & has == *set);
        let rows = sets.filter_map(|set| Some((hashes.key(set)?, position.to_owned(), sequence)));
        self.0.extend(rows);
    }

    /// Writes all rows in the order of the file, so that a batch touches each page once.
    pub(super) fn write(mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        self.0.sort_unstable();
        let mut insert = transaction
            .prepare_cached("INSERT OR IGNORE INTO filed (key, position, sequence) VALUES (?1, ?2, ?3)")?;
        for (key, position, sequence) in self.0 {
            insert.execute(params![key, position, sequence])?;
        }
        Ok(())
    }
}

/// Whether all entries are filed. Entries of an older release are not at first, and never in a file that cannot be
/// written.
pub(super) fn is_complete(connection: &Connection) -> bool {
    is_none(connection, "SELECT 1 FROM unfiled WHERE sequence > 0")
}

/// Whether all of them are also filed under their three filters together.
pub(super) fn has_threes(connection: &Connection) -> bool {
    is_none(connection, "SELECT 1 FROM unfiled_three WHERE sequence > 0")
}

fn is_none(connection: &Connection, unfiled: &str) -> bool {
    let unfiled = || connection.prepare_cached(unfiled)?.exists([]);
    unfiled().is_ok_and(|unfiled| !unfiled)
}

/// Files some entries of an older release, so that no request waits for all of them. At the end the old indexes are
/// dropped, one at a time.
pub(super) fn catch_up(connection: &mut Connection) -> rusqlite::Result<()> {
    let left = "SELECT 1 FROM unfiled UNION ALL SELECT 1 FROM unfiled_three";
    if !connection.prepare_cached(left)?.exists([])? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let unfiled = |table: &str| {
        transaction
            .prepare_cached(&format!("SELECT sequence FROM {table}"))?
            .query_row([], |row| row.get::<_, i64>(0))
            .optional()
    };
    // Read under the lock: another process may have been faster.
    match (unfiled("unfiled")?, unfiled("unfiled_three")?) {
        (Some(0), _) => drop_index(&transaction)?,
        (Some(last), _) => {
            let next = file_some(&transaction, last, 1..=ALL)?;
            transaction.execute("UPDATE unfiled SET sequence = ?1", [next])?;
        }
        (None, Some(0)) => transaction.execute_batch("DELETE FROM unfiled_three")?,
        (None, Some(last)) => {
            let next = file_some(&transaction, last, ALL..=ALL)?;
            transaction.execute("UPDATE unfiled_three SET sequence = ?1", [next])?;
        }
        (None, None) => {}
    }
    transaction.commit()
}

/// Files entries from this one downwards, under these sets of filters; returns the next one.
fn file_some(transaction: &Transaction<'_>, last: i64, sets: RangeInclusive<u8>) -> rusqlite::Result<i64> {
    let mut entries = transaction.prepare_cached(
        "SELECT sequence, source, type, subject, position FROM entry WHERE sequence <= ?1 ORDER BY sequence DESC LIMIT ?2",
    )?;
    let mut rows = entries.query([last, AT_ONCE])?;
    let (mut filing, mut next) = (Filing::default(), 0);
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let subject = row.get_ref(3)?.as_str_or_null()?;
        let hashes = Hashes::of(Some(text(1)?), Some(text(2)?), subject);
        filing.add_sets(hashes, sets.clone(), text(4)?, sequence);
        next = sequence - 1;
    }
    filing.write(transaction)?;
    Ok(next)
}

fn drop_index(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    for index in OLD_INDEXES {
        let there = transaction
            .prepare_cached("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1")?
            .exists([index])?;
        if there {
            return transaction.execute_batch(&format!("DROP INDEX {index}"));
        }
    }
    transaction.execute_batch("DELETE FROM unfiled")
}
