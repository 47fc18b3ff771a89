//! Where the entries are that filters let through: each entry is filed under every filter, and every pair of them.

use crate::journal::identity::stable_hash;
use crate::journal::{Entry, EntryQuery};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

/// How many entries of an older release one append files, at most: a few hundredths of a second.
const AT_ONCE: i64 = 2_000;

/// The indexes of older releases, which do what is done here for one filter alone.
const OLD_INDEXES: [&str; 3] = ["entry_source", "entry_type", "entry_subject"];

/// The bits of a key that say what comes behind its first value.
const REST: u64 = 0xFF_FFFF;

/// What is asked of an entry, or what it has: one or two of the three.
#[derive(Clone, Copy)]
struct Values<'v> {
    source: Option<&'v str>,
    event_type: Option<&'v str>,
    subject: Option<&'v str>,
}

impl Values<'_> {
    /// The key they are filed under; `None` if there are none. Those of one subject, or else of one source, stand together: so the
    /// three of an entry that is the only one of its subject are on one page of the file.
    fn key(self) -> Option<i64> {
        let tagged =
            |tag: char, value: Option<&str>| value.map(|value| format!("{tag}{}#{value}", value.len()));
        let parts = [
            tagged('u', self.subject),
            tagged('s', self.source),
            tagged('t', self.event_type),
        ];
        let mut parts = parts.into_iter().flatten();
        let first = stable_hash(&parts.next()?) & !REST;
        let rest: String = parts.collect();
        let rest = if rest.is_empty() {
            0
        } else {
            stable_hash(&rest) & REST
        };
        Some((first | rest).cast_signed())
    }
}

/// The key under which what the query's filters let through is filed; `None` if it has none. With all three, that of subject and
/// source: a fourth row of each entry would cost every append, for what is hardly asked.
pub(super) fn key_of(query: &EntryQuery) -> Option<i64> {
    let all = query.source.is_some() && query.subject.is_some();
    let values = Values {
        source: query.source.as_deref(),
        event_type: query.event_type.as_deref().filter(|_| !all),
        subject: query.subject.as_deref(),
    };
    values.key()
}

/// What is to be filed of the entries of one transaction.
#[derive(Default)]
pub(super) struct Filing(Vec<(i64, String, i64)>);

impl Filing {
    pub(super) fn add(&mut self, entry: &Entry, position: &str, sequence: i64) {
        self.add_values(
            entry.source(),
            entry.event_type(),
            entry.subject(),
            position,
            sequence,
        );
    }

    fn add_values(
        &mut self,
        source: &str,
        event_type: &str,
        subject: Option<&str>,
        position: &str,
        sequence: i64,
    ) {
        let (s, t) = (Some(source), Some(event_type));
        let without_subject = [(s, None, None), (None, t, None), (s, t, None)];
        let with_subject = [(None, None), (s, None), (None, t)].map(|(s, t)| (s, t, subject));
        let with_subject = with_subject.into_iter().filter(|_| subject.is_some());
        for (source, event_type, subject) in without_subject.into_iter().chain(with_subject) {
            let values = Values {
                source,
                event_type,
                subject,
            };
            let row = values.key().map(|key| (key, position.to_owned(), sequence));
            self.0.extend(row);
        }
    }

    /// Files all of it, in the order in which it stands in the file: a batch touches each page once.
    pub(super) fn write(mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        self.0.sort_unstable();
        let mut insert =
            transaction.prepare_cached("INSERT INTO filed (key, position, sequence) VALUES (?1, ?2, ?3)")?;
        for (key, position, sequence) in self.0 {
            insert.execute(params![key, position, sequence])?;
        }
        Ok(())
    }
}

/// Whether all entries are filed. Those of an older release are not at first, nor those of one that cannot be written.
pub(super) fn is_complete(connection: &Connection) -> bool {
    let unfiled = || {
        connection
            .prepare_cached("SELECT 1 FROM unfiled WHERE sequence > 0")?
            .exists([])
    };
    unfiled().is_ok_and(|unfiled| !unfiled)
}

/// Files some of what an older release kept, so that nobody waits for all of it; in the end its indexes go, one at a time.
pub(super) fn catch_up(connection: &mut Connection) -> rusqlite::Result<()> {
    let unfiled = |connection: &Connection| {
        connection
            .prepare_cached("SELECT sequence FROM unfiled")?
            .query_row([], |row| row.get::<_, i64>(0))
            .optional()
    };
    if unfiled(connection)?.is_none() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Looked up again under the lock: another process may have been quicker.
    match unfiled(&transaction)? {
        None => {}
        Some(0) => drop_index(&transaction)?,
        Some(last) => {
            let next = file_some(&transaction, last)?;
            transaction.execute("UPDATE unfiled SET sequence = ?1", [next])?;
        }
    }
    transaction.commit()
}

/// Files entries from this one downwards; gives the next.
fn file_some(transaction: &Transaction<'_>, last: i64) -> rusqlite::Result<i64> {
    let mut entries = transaction.prepare_cached(
        "SELECT sequence, source, type, subject, position FROM entry WHERE sequence <= ?1 ORDER BY sequence DESC LIMIT ?2",
    )?;
    let mut rows = entries.query([last, AT_ONCE])?;
    let (mut filing, mut next) = (Filing::default(), 0);
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let subject = row.get_ref(3)?.as_str_or_null()?;
        filing.add_values(text(1)?, text(2)?, subject, text(4)?, sequence);
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
