//! Questions to the journal at a million entries, in this process: several filters against the rarer of them alone. SQLite is
//! measured by time, DynamoDB by what is asked of it.

#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "dynamodb")]
mod table;

use crate::report::{Limit, Report, median};
use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};
use switchboard_function::journal::{Append, Cursor, Entry, EntryQuery, Limit as Entries, Sqlite, Store};

const ENTRIES: u64 = 1_000_000;

/// How many entries are appended at once.
const BATCH: u64 = 5_000;

/// How often both of a row are asked.
const ROUNDS: usize = 21;

/// The first of them happened at this second.
const BEGIN: u64 = 1_700_000_000;

/// What the rows begin with.
const WHAT: &str = "journal, 1,000,000 entries";

/// A third of the entries has each source, type and subject; but one of a thousand has that of the next third instead. So two
/// filters let through a third, or a few thousandths, of which neither is rare alone.
fn entry(n: u64) -> Result<Append, Box<dyn Error>> {
    let [source_of, type_of, subject_of] = thirds(n);
    let entry = Entry::builder(format!("{n:07}"), source(source_of), event_type(type_of))
        .subject(subject(subject_of))
        .time(Some(
            (SystemTime::UNIX_EPOCH + Duration::from_secs(BEGIN + n)).into(),
        ));
    Ok(entry.build()?.into())
}

/// The thirds that an entry's source, type and subject are of.
fn thirds(n: u64) -> [u64; 3] {
    [1, 2, 3].map(|odd| (n + u64::from(n % 1_000 == odd)) % 3)
}

fn source(class: u64) -> String {
    format!("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks-{class}")
}

fn event_type(class: u64) -> String {
    format!("com.example.clicked-{class}")
}

fn subject(class: u64) -> String {
    format!("visitor-{class}")
}

/// A query by the thirds that source, type and subject are of, and from which entry on.
fn query(
    source_of: Option<u64>,
    type_of: Option<u64>,
    subject_of: Option<u64>,
    from: Option<u64>,
) -> EntryQuery {
    let since = from.map(|n| (SystemTime::UNIX_EPOCH + Duration::from_secs(BEGIN + n)).into());
    EntryQuery {
        source: source_of.map(source),
        event_type: type_of.map(event_type),
        subject: subject_of.map(subject),
        since,
        ..EntryQuery::default()
    }
}

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn Error>> {
    #[cfg(feature = "dynamodb")]
    dynamodb::measure(report).await?;
    if !report.wants_any(WHAT) {
        return Ok(());
    }
    let path = std::env::temp_dir().join(format!("switchboard-bench-{}.sqlite", std::process::id()));
    let measured = measure_in(report, path.clone()).await;
    for end in ["", "-wal", "-shm"] {
        let mut file = path.clone().into_os_string();
        file.push(end);
        // What is not there need not be removed.
        let _ = std::fs::remove_file(file);
    }
    measured
}

async fn measure_in(report: &mut Report, path: PathBuf) -> Result<(), Box<dyn Error>> {
    let store = Sqlite::file(path);
    let start = Instant::now();
    for first in (0..ENTRIES).step_by(usize::try_from(BATCH)?) {
        let batch = (first..first + BATCH).map(entry).collect::<Result<Vec<_>, _>>()?;
        store.append(&batch).await?;
    }
    report.limited(
        &format!("{WHAT}: appended"),
        start.elapsed(),
        Duration::from_secs(60),
    );
    let late = Some(ENTRIES / 10 * 9);
    let rows = [
        (
            "source and type",
            query(Some(0), Some(1), None, None),
            query(Some(0), None, None, None),
        ),
        (
            "source and subject",
            query(Some(0), None, Some(1), None),
            query(Some(0), None, None, None),
        ),
        (
            "type and subject",
            query(None, Some(0), Some(1), None),
            query(None, Some(0), None, None),
        ),
        (
            "source, type and subject",
            // Of these, a third of a million entries has source and subject, and no other two.
            query(Some(0), Some(1), Some(0), None),
            query(Some(0), None, None, None),
        ),
        (
            "source, type, subject and time",
            query(Some(0), Some(1), Some(0), late),
            query(Some(0), None, None, None),
        ),
        (
            "source and time",
            query(Some(0), None, None, late),
            query(Some(0), None, None, None),
        ),
        (
            "type and time",
            query(None, Some(0), None, late),
            query(None, Some(0), None, None),
        ),
        (
            "subject and time",
            query(None, None, Some(0), late),
            query(None, None, Some(0), None),
        ),
    ];
    for (what, ours, other) in rows {
        row(report, what, &store, &ours, &other).await?;
    }
    let pair = query(Some(0), Some(1), None, None);
    let deep = EntryQuery {
        cursor: cursor_at(&store, query(Some(0), None, None, None), late).await?,
        ..pair.clone()
    };
    row(
        report,
        "source and type, deep cursor",
        &store,
        &deep,
        &query(Some(0), None, None, None),
    )
    .await?;
    counts(report, &store).await
}

/// A cursor far behind the beginning.
async fn cursor_at(
    store: &Sqlite,
    query: EntryQuery,
    from: Option<u64>,
) -> Result<Option<Cursor>, Box<dyn Error>> {
    let since = from.map(|n| (SystemTime::UNIX_EPOCH + Duration::from_secs(BEGIN + n)).into());
    let page = store.entries(&EntryQuery { since, ..query }).await?;
    Ok(page.next)
}

/// All pages of a rare pair are counted, against as many entries of one filter alone.
async fn counts(report: &mut Report, store: &Sqlite) -> Result<(), Box<dyn Error>> {
    let what = format!("{WHAT}: count of source and type / alone");
    let pair = query(Some(0), Some(1), None, None);
    let alone = query(Some(0), None, None, None);
    let mut pairs = Vec::new();
    for _ in 0..ROUNDS {
        let (ours, found) = count(store, pair.clone(), usize::MAX).await?;
        let (other, _) = count(store, alone.clone(), found).await?;
        pairs.push((ours, other));
    }
    report.times(&what, &pairs, Limit::AtMost(5.0));
    Ok(())
}

/// How long it takes to count, page by page, up to so many; and how many there are.
async fn count(
    store: &dyn Store,
    mut query: EntryQuery,
    most: usize,
) -> Result<(Duration, usize), Box<dyn Error>> {
    query.limit = Entries::MAX;
    let (start, mut found) = (Instant::now(), 0);
    loop {
        let page = store.entries(&query).await?;
        found += page.items.len();
        query.cursor = page.next;
        if query.cursor.is_none() || found >= most {
            return Ok((start.elapsed(), found));
        }
    }
}

async fn row(
    report: &mut Report,
    what: &str,
    store: &Sqlite,
    ours: &EntryQuery,
    other: &EntryQuery,
) -> Result<(), Box<dyn Error>> {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (query, times) in [ours, other].into_iter().zip(&mut times) {
            let start = Instant::now();
            let page = store.entries(query).await?;
            times.push(start.elapsed());
            if page.items.is_empty() {
                return Err(format!("{what}: nothing is found, so nothing is measured").into());
            }
        }
    }
    let [mut ours, mut other] = times;
    let medians = (median(&mut ours), median(&mut other));
    report.times(&format!("{WHAT}: {what} / alone"), &[medians], Limit::AtMost(5.0));
    Ok(())
}
