//! What is the file's own: other processes, other files, older releases.

use super::Sqlite;
use crate::journal::{
    Append, Damaged, Entry, EntryQuery, Follow, Identity, Limit, Order, ResourceQuery, StateChange, Store,
};
use chrono::DateTime;
use rusqlite::Connection;

fn entry(id: &str, identity: &str) -> Entry {
    Entry::builder(id, "/s", "t")
        .identity(Identity::new([identity]))
        .build()
        .unwrap()
}

#[tokio::test]
async fn what_is_in_the_file_is_there_for_the_next_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.sqlite");
    let first = Sqlite::file(&path);
    first.append(&[entry("1", "a").into()]).await.unwrap();
    let second = Sqlite::file(&path);
    assert!(!second.append(&[entry("1", "a").into()]).await.unwrap()[0].new);
    second.health().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_the_journals_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.sqlite");
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let error = Sqlite::file(&path).health().await.unwrap_err();
    assert!(
        error.is_newer_schema()
            || std::error::Error::source(&error)
                .unwrap()
                .to_string()
                .contains("99")
    );
    let path = directory.path().join("other.sqlite");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x)")
        .unwrap();
    let error = Sqlite::file(&path).health().await.unwrap_err();
    assert!(
        std::error::Error::source(&error)
            .unwrap()
            .to_string()
            .contains("another program")
    );
    let path = directory.path().join("text");
    std::fs::write(&path, "not a database, but longer than a header of SQLite").unwrap();
    assert!(Sqlite::file(&path).health().await.is_err());
    assert!(
        Sqlite::file(directory.path().join("none/journal.sqlite"))
            .health()
            .await
            .is_err()
    );
}

#[test]
fn many_processes_may_start_on_one_file_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.sqlite");
    let run = |name: usize| {
        let store = Sqlite::file(&path);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for number in 0..20 {
                let own = format!("{name}-{number}");
                let shared = number.to_string();
                let batch = [entry(&own, &own).into(), entry(&shared, &shared).into()];
                store.append(&batch).await.unwrap();
            }
        });
    };
    std::thread::scope(|scope| (0..6).for_each(|name| drop(scope.spawn(move || run(name)))));
    let count: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM entry", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 6 * 20 + 20);
}

#[tokio::test]
async fn what_an_older_release_kept_is_taken_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.sqlite");
    let at = |seconds| DateTime::from_timestamp(seconds, 0);
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(include_str!("version_1.sql")).unwrap();
    for (id, time) in [("1", at(9)), ("2", None), ("3", at(7))] {
        let entry = Entry::builder(id, "/s", "t").time(time).build().unwrap();
        let micros = time.map(|time| time.timestamp_micros());
        connection
            .execute(
                "INSERT INTO entry (identity, source, id, type, time, document) VALUES (?1, '/s', ?2, 't', ?3, ?4)",
                rusqlite::params![entry.identity(), id, micros, entry.to_json()],
            )
            .unwrap();
    }
    drop(connection);
    let store = Sqlite::file(&path);
    let again = Entry::builder("1", "/s", "t").time(at(9)).build().unwrap();
    assert!(!store.append(&[again.into()]).await.unwrap()[0].new);
    let page = store.entries(&EntryQuery::default()).await.unwrap();
    let ids: Vec<&str> = page.items.iter().map(Entry::id).collect();
    assert_eq!(ids, ["3", "1", "2"]);
}

/// Takes a file of this release back to the one before version 4.
fn make_version_3(connection: &Connection) {
    let new = "DROP TABLE filed; DROP TABLE unfiled; DROP TABLE unfiled_three; DROP TABLE journal; DROP INDEX entry_position;";
    connection.execute_batch(new).unwrap();
    connection
        .execute_batch(include_str!("version_2_indexes.sql"))
        .unwrap();
    connection.pragma_update(None, "user_version", 3).unwrap();
}

/// Takes a file of entries as [`thirds`] makes them back to version 4, which filed none under three filters together.
fn make_version_4(connection: &Connection) {
    for n in 0..27_u8 {
        let three = asked(Some(n % 3), Some(n / 3 % 3), Some(n / 9), false);
        let key = super::filed::key_of(&three, true);
        connection
            .execute("DELETE FROM filed WHERE key = ?1", [key])
            .unwrap();
    }
    connection.execute_batch("DROP TABLE unfiled_three").unwrap();
    connection.pragma_update(None, "user_version", 4).unwrap();
}

/// Version 2 wrote sequencers as numbers, without the zeros before them.
#[tokio::test]
async fn objects_of_an_older_release_change_by_their_sequencers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.sqlite");
    Sqlite::file(&path).health().await.unwrap();
    let old =
        r#"z0000001855aed6dcd90281e5aa ["s3","photos","k","","ObjectCreated:Put","0055AED6DCD90281E5AA"]"#;
    let connection = Connection::open(&path).unwrap();
    let insert = "INSERT INTO resource (urn, type, state, ordering, source, id) VALUES (?1, 't', 'created', ?2, '/s', '1')";
    for (urn, ordering) in [
        ("urn:k", old),
        ("urn:own", "z0000001855aed6dcd90281e5aa"),
        ("urn:n", "z000000019 x"),
    ] {
        connection.execute(insert, [urn, ordering]).unwrap();
    }
    make_version_3(&connection);
    connection.pragma_update(None, "user_version", 2).unwrap();
    drop(connection);

    let store = Sqlite::file(&path);
    let append = |id: &str, urn: &str, state: &str, sequencer: &str| Append {
        change: Some(StateChange {
            urn: urn.into(),
            resource_type: "t",
            state: state.into(),
            order: Order::sequencer(sequencer).unwrap().tie("i"),
            data: None,
        }),
        ..entry(id, id).into()
    };
    let state = async |urn| store.resource(urn).await.unwrap().unwrap().state;
    store
        .append(&[append("2", "urn:k", "earlier", "0055AED6DCD90281E4")])
        .await
        .unwrap();
    assert_eq!(state("urn:k").await, "created");
    store
        .append(&[append("3", "urn:k", "deleted", "0055AED6DCD9028200")])
        .await
        .unwrap();
    assert_eq!(state("urn:k").await, "deleted");
    // Whose old order does not say its sequencer gives way to the first that does.
    store
        .append(&[append("4", "urn:own", "later", "0001")])
        .await
        .unwrap();
    assert_eq!(state("urn:own").await, "later");
    assert_eq!(state("urn:n").await, "created");
}

fn file() -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.sqlite");
    (directory, path)
}

async fn ids(store: &Sqlite) -> Vec<String> {
    let page = store.entries(&EntryQuery::default()).await.unwrap();
    page.items.iter().map(|entry| entry.id().to_owned()).collect()
}

#[tokio::test]
async fn nothing_is_acknowledged_that_goes_into_a_deleted_file() {
    let (_directory, path) = file();
    let store = Sqlite::file(&path);
    store.append(&[entry("1", "a").into()]).await.unwrap();
    let aside = path.with_extension("aside");
    std::fs::rename(&path, &aside).unwrap();
    let error = store.append(&[entry("2", "b").into()]).await.unwrap_err();
    assert!(error.is_moved(), "{error}");
    assert!(error.to_string().contains("put it back"), "{error}");
    for _ in 0..2 {
        assert_eq!(store.health().await.unwrap_err().reason(), "moved");
    }
    assert!(
        store
            .entries(&EntryQuery::default())
            .await
            .unwrap_err()
            .is_moved()
    );
    assert!(!path.exists(), "an empty journal must not be made in its place");
    // Back in its place, it is as it was.
    std::fs::rename(&aside, &path).unwrap();
    store.health().await.unwrap();
    store.append(&[entry("2", "b").into()]).await.unwrap();
    assert_eq!(ids(&Sqlite::file(&path)).await, ["1", "2"]);
}

#[tokio::test]
async fn a_replaced_file_is_noticed_and_opened() {
    let (_directory, path) = file();
    let other = path.with_extension("other");
    Sqlite::file(&other)
        .append(&[entry("9", "i").into()])
        .await
        .unwrap();
    let store = Sqlite::file(&path);
    store.append(&[entry("1", "a").into()]).await.unwrap();
    // The log of the one is none of the other's, and goes with it.
    let replace = || {
        std::fs::rename(path.with_extension("sqlite-wal"), path.with_extension("gone")).unwrap();
        std::fs::copy(&other, path.with_extension("copy")).unwrap();
        std::fs::rename(path.with_extension("copy"), &path).unwrap();
    };
    replace();
    store.append(&[entry("2", "b").into()]).await.unwrap();
    assert_eq!(ids(&store).await, ["9", "2"]);
    assert_eq!(ids(&Sqlite::file(&path)).await, ["9", "2"]);
    // The health check reports it once.
    replace();
    assert!(store.health().await.unwrap_err().is_moved());
    store.health().await.unwrap();
    assert_eq!(ids(&store).await, ["9"]);
}

#[tokio::test]
async fn what_is_in_a_log_that_is_deleted_is_not_lost() {
    let (_directory, path) = file();
    let store = Sqlite::file(&path);
    store.append(&[entry("1", "a").into()]).await.unwrap();
    std::fs::remove_file(path.with_extension("sqlite-wal")).unwrap();
    store.append(&[entry("2", "b").into()]).await.unwrap();
    assert_eq!(ids(&Sqlite::file(&path)).await, ["1", "2"]);
}

#[tokio::test]
async fn a_file_that_is_emptied_is_noticed() {
    let (_directory, path) = file();
    let store = Sqlite::file(&path);
    store.append(&[entry("1", "a").into()]).await.unwrap();
    std::fs::File::create(&path).unwrap();
    assert!(store.health().await.unwrap_err().is_moved());
}

#[tokio::test]
async fn a_full_disk_is_reported_until_the_refused_entries_fit() {
    let (_directory, path) = file();
    let store = Sqlite::file(&path);
    let large = |id: &str, bytes: usize| {
        let data = crate::journal::Data::Text("x".repeat(bytes));
        Append::from(Entry::builder(id, "/s", "t").detected(data).build().unwrap())
    };
    store.append(&[large("1", 10)]).await.unwrap();
    let pages = |pages: i64| {
        let limit = |connection: &mut Connection| {
            connection
                .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
                .map_err(super::connection::failed)
        };
        store.database.with(limit).unwrap();
    };
    pages(60);
    store.health().await.unwrap();
    let error = store.append(&[large("2", 500_000)]).await.unwrap_err();
    assert!(error.is_full(), "{error}");
    // There is still room for a little.
    assert!(store.health().await.unwrap_err().is_full());
    assert_eq!(ids(&store).await, ["1"]);
    pages(1_000);
    store.health().await.unwrap();
    store.append(&[large("2", 500_000)]).await.unwrap();
    assert_eq!(ids(&store).await.len(), 2);
}

/// Without the rights by which the superuser writes to what is read-only, on this thread.
#[cfg(target_os = "linux")]
fn as_anybody(work: impl Future<Output = ()> + Send + 'static) {
    use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
    let thread = std::thread::spawn(|| {
        let mut mine = capabilities(None).unwrap();
        mine.effective.remove(CapabilitySet::DAC_OVERRIDE);
        set_capabilities(None, mine).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(work);
    });
    thread.join().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_is_read_only_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let set = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    // In write-ahead mode and not, current and of the release before; where a log can be made beside it and where not.
    for (mode, version, in_directory) in [
        ("WAL", 0, 0o555),
        ("WAL", 0, 0o755),
        ("DELETE", 0, 0o555),
        ("DELETE", 2, 0o555),
    ] {
        let (directory, path) = file();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let changing = Append {
            change: Some(StateChange {
                urn: "urn:x".into(),
                resource_type: "t",
                state: "there".into(),
                order: Order::sequencer("1").unwrap(),
                data: None,
            }),
            ..entry("1", "a").into()
        };
        runtime.block_on(Sqlite::file(&path).append(&[changing])).unwrap();
        let connection = Connection::open(&path).unwrap();
        connection
            .pragma_update_and_check(None, "journal_mode", mode, |_| Ok(()))
            .unwrap();
        if version > 0 {
            make_version_3(&connection);
            connection.pragma_update(None, "user_version", version).unwrap();
        }
        drop(connection);
        set(&path, 0o444);
        set(directory.path(), in_directory);
        as_anybody(async move {
            let store = Sqlite::file(&path);
            assert_eq!(ids(&store).await, ["1"], "{mode}");
            assert!(store.entry("/s", "1").await.unwrap().is_some());
            assert_eq!(store.resource("urn:x").await.unwrap().unwrap().state, "there");
            let error = store.append(&[entry("2", "b").into()]).await.unwrap_err();
            assert!(error.is_read_only(), "{error:?}");
            assert_eq!(store.health().await.unwrap_err().reason(), "read-only");
        });
        set(directory.path(), 0o755);
    }
}

/// What no release wrote: broken JSON, and text that is none.
#[tokio::test]
async fn what_is_damaged_costs_itself_only() {
    let (_directory, path) = file();
    let store = Sqlite::file(&path);
    let batch: Vec<Append> = (10..60)
        .map(|n| entry(&n.to_string(), &n.to_string()).into())
        .collect();
    store.append(&batch).await.unwrap();
    let resource = |n: u8| Append {
        change: Some(StateChange {
            urn: format!("urn:{n}"),
            resource_type: "t",
            state: "there".into(),
            order: Order::sequencer("1").unwrap(),
            data: None,
        }),
        ..entry(&format!("r{n}"), &format!("r{n}")).into()
    };
    store
        .append(&[resource(1), resource(2), resource(3)])
        .await
        .unwrap();
    let connection = Connection::open(&path).unwrap();
    let damage = |sql: &str| assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
    damage("UPDATE entry SET document = '{\"id' WHERE id = '20'");
    damage("UPDATE entry SET document = CAST(x'ff' AS TEXT) WHERE id = '21'");
    damage("UPDATE entry SET identity = CAST(x'fe' AS TEXT) WHERE id = '22'");
    damage("UPDATE entry SET document = '' WHERE id > '29' AND id < '50'");
    damage("UPDATE resource SET data = '{' WHERE urn = 'urn:2'");
    let name = |id: usize| Damaged::Entry {
        source: "/s".into(),
        id: id.to_string(),
    };
    let (mut query, mut found, mut damaged) = (EntryQuery::default(), Vec::new(), Vec::new());
    loop {
        let page = store.entries(&query).await.unwrap();
        assert!(page.damaged.len() <= 8);
        found.extend(page.items.iter().map(|entry| entry.id().to_owned()));
        damaged.extend(page.damaged);
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    let is_damaged = |n: &usize| (20..=22).contains(n) || (30..50).contains(n);
    let (ill, well): (Vec<usize>, Vec<usize>) = (10..60).partition(is_damaged);
    assert_eq!(damaged, ill.into_iter().map(name).collect::<Vec<_>>());
    let well: Vec<String> = well
        .iter()
        .map(usize::to_string)
        .chain(["r1", "r2", "r3"].map(str::to_owned))
        .collect();
    assert_eq!(found, well);
    assert!(store.entry("/s", "20").await.unwrap_err().is_damaged());

    let page = store.resources(&ResourceQuery::default()).await.unwrap();
    let urns: Vec<&str> = page.items.iter().map(|resource| resource.urn.as_str()).collect();
    assert_eq!(urns, ["urn:1", "urn:3"]);
    assert_eq!(page.damaged, [Damaged::Resource { urn: "urn:2".into() }]);
    assert!(store.resource("urn:2").await.unwrap_err().is_damaged());
}

/// The file itself is damaged: pages of one long document.
#[tokio::test]
async fn a_document_whose_pages_are_damaged_costs_itself_only() {
    let (_directory, path) = file();
    let store = Sqlite::file(&path);
    for id in ["1", "2", "3"] {
        let data = crate::journal::Data::Text(id.repeat(100_000));
        let entry = Entry::builder(id, "/s", "t").time(DateTime::from_timestamp(id.parse().unwrap(), 0));
        store
            .append(&[entry.detected(data).build().unwrap().into()])
            .await
            .unwrap();
    }
    drop(store);
    // Each page of a long text begins with the number of the next; this leads out of the file.
    let mut bytes = std::fs::read(&path).unwrap();
    let text = bytes
        .windows(4000)
        .position(|window| window.iter().all(|byte| *byte == b'2'))
        .unwrap();
    let page = text / 4096 * 4096;
    bytes[page..page + 4].copy_from_slice(&[0x7f; 4]);
    std::fs::write(&path, bytes).unwrap();
    let store = Sqlite::file(&path);
    let page = store
        .entries(&EntryQuery {
            limit: Limit::MAX,
            ..EntryQuery::default()
        })
        .await
        .unwrap();
    assert_eq!(page.items.iter().map(Entry::id).collect::<Vec<_>>(), ["1", "3"]);
    let two = Damaged::Entry {
        source: "/s".into(),
        id: "2".into(),
    };
    assert_eq!(page.damaged, [two]);
}

/// More entries than one page looks at, of three sources, types and subjects, which but a few of them have in common; the whole
/// of it in few batches.
fn thirds(count: usize) -> Vec<Vec<Append>> {
    let at = |class: usize| class % 3;
    let one = |n: usize| {
        let [source, event_type, subject] = [1, 2, 3].map(|odd| at(n + usize::from(n % 1_000 == odd)));
        let entry = Entry::builder(n.to_string(), format!("/s{source}"), format!("t{event_type}"))
            .subject(format!("u{subject}"))
            .time(DateTime::from_timestamp(i64::try_from(n).unwrap(), 0));
        Append::from(entry.build().unwrap())
    };
    let all: Vec<Append> = (0..count).map(one).collect();
    all.chunks(5_000).map(<[Append]>::to_vec).collect()
}

/// A query by the numbers of source, type and subject; of the third's entries from 10,000 on, if it is of a range.
fn asked(source: Option<u8>, event_type: Option<u8>, subject: Option<u8>, late: bool) -> EntryQuery {
    EntryQuery {
        source: source.map(|n| format!("/s{n}")),
        event_type: event_type.map(|n| format!("t{n}")),
        subject: subject.map(|n| format!("u{n}")),
        since: late.then(|| DateTime::from_timestamp(10_000, 0).unwrap()),
        limit: Limit::MAX,
        ..EntryQuery::default()
    }
}

/// Every set of filters, as it is answered by looking at each entry.
async fn holds_what_filters_say(store: &Sqlite, batches: &[Vec<Append>], only_rare: bool) {
    let every = [None, Some(0), Some(1)];
    for (source, event_type, subject, late) in every.iter().flat_map(|source| {
        let rest = every
            .iter()
            .flat_map(|event_type| every.iter().map(move |subject| (event_type, subject)));
        rest.flat_map(move |(event_type, subject)| {
            [false, true].map(|late| (*source, *event_type, *subject, late))
        })
    }) {
        let mut query = asked(source, event_type, subject, late);
        let has = |value: &str, asked: &Option<String>| asked.as_ref().is_none_or(|asked| asked == value);
        let expected: Vec<&str> = batches
            .iter()
            .flatten()
            .map(|append| &append.entry)
            .filter(|entry| has(entry.source(), &query.source) && has(entry.event_type(), &query.event_type))
            .filter(|entry| {
                has(entry.subject().unwrap(), &query.subject)
                    && query.since.is_none_or(|since| entry.time().unwrap() >= since)
            })
            .map(Entry::id)
            .collect();
        if only_rare && expected.len() >= 100 {
            continue;
        }
        let (mut found, mut pages) = (Vec::new(), 0);
        loop {
            let page = store.entries(&query).await.unwrap();
            found.extend(page.items.into_iter().map(|entry| entry.id().to_owned()));
            pages += 1;
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "{query:?}");
        assert!(
            !only_rare || pages == 1,
            "{pages} pages for {} entries: {query:?}",
            found.len()
        );
    }
}

#[tokio::test]
async fn filters_together_look_at_what_they_let_through_only() {
    let store = Sqlite::memory();
    // One filter alone lets more through than a page looks at.
    let batches = thirds(31_000);
    for batch in &batches {
        store.append(batch).await.unwrap();
    }
    holds_what_filters_say(&store, &batches, true).await;
}

/// The file of an older release, with more entries than one append migrates.
#[tokio::test]
async fn what_an_older_release_kept_is_filed_bit_by_bit() {
    let (_directory, path) = file();
    let batches = thirds(4_500);
    let store = Sqlite::file(&path);
    for batch in &batches {
        store.append(batch).await.unwrap();
    }
    drop(store);
    let connection = Connection::open(&path).unwrap();
    make_version_3(&connection);
    let old = |name: &str| format!("SELECT count(*) FROM sqlite_schema WHERE name LIKE '{name}'");
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let store = Sqlite::file(&path);
    let mut filed = Vec::new();
    for round in 0..8_usize {
        holds_what_filters_say(&store, &batches, false).await;
        if round > 3 {
            holds_what_filters_say(&store, &batches, true).await;
        }
        assert!(!store.append(&batches[0][..1]).await.unwrap()[0].new);
        filed.push((count("SELECT count(*) FROM filed"), count(&old("entry_%"))));
    }
    let rows = |entries: i64| 7 * entries;
    let expected = [
        (2_000, 4),
        (4_000, 4),
        (4_500, 4),
        (4_500, 3),
        (4_500, 2),
        (4_500, 1),
        (4_500, 1),
        (4_500, 1),
    ];
    assert_eq!(filed, expected.map(|(entries, indexes)| (rows(entries), indexes)));
    assert_eq!(count("SELECT count(*) FROM unfiled"), 0);
}

#[tokio::test]
async fn what_version_4_kept_is_filed_under_three_filters_bit_by_bit() {
    let (_directory, path) = file();
    let batches = thirds(4_500);
    let store = Sqlite::file(&path);
    for batch in &batches {
        store.append(batch).await.unwrap();
    }
    drop(store);
    let connection = Connection::open(&path).unwrap();
    make_version_4(&connection);
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM filed"), 6 * 4_500);
    let store = Sqlite::file(&path);
    let mut filed = Vec::new();
    for _ in 0..5 {
        holds_what_filters_say(&store, &batches, false).await;
        assert!(!store.append(&batches[0][..1]).await.unwrap()[0].new);
        filed.push(count("SELECT count(*) FROM filed") - 6 * 4_500);
    }
    holds_what_filters_say(&store, &batches, true).await;
    assert_eq!(filed, [2_000, 4_000, 4_500, 4_500, 4_500]);
    assert_eq!(count("SELECT count(*) FROM unfiled_three"), 0);
}

/// All that arrives for a follower until `done` and nothing more is there.
async fn followed(store: &Sqlite, mut follow: Follow, done: impl Fn() -> bool) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        // Asked before, so that nothing comes between the last look and the end.
        let done = done();
        let arrivals = store.follow(&follow).await.unwrap();
        assert!(arrivals.items.len() <= follow.limit.get());
        ids.extend(arrivals.items.iter().map(|arrived| arrived.entry.id().to_owned()));
        follow.after = Some(arrivals.next);
        if done && !arrivals.more {
            return ids;
        }
        std::thread::yield_now();
    }
}

/// Writers and followers have connections of their own, as processes have.
#[test]
fn followers_miss_nothing_and_get_nothing_twice_while_others_write() {
    const WRITERS: usize = 4;
    const BATCHES: usize = 30;
    let (_directory, path) = file();
    let left = std::sync::atomic::AtomicUsize::new(WRITERS);
    let run = |work: &dyn Fn(&tokio::runtime::Runtime)| {
        work(&tokio::runtime::Builder::new_current_thread().build().unwrap());
    };
    let write = |writer: usize| {
        run(&|runtime| {
            let store = Sqlite::file(&path);
            for number in 0..BATCHES {
                // Of one to five entries, whose times have nothing to do with their arrival; one of them comes again and again.
                let one = |n: usize| {
                    let time = DateTime::from_timestamp(i64::try_from((number * 7919 + n) % 100).unwrap(), 0);
                    let entry = Entry::builder(format!("{writer}-{number}-{n}"), format!("/s{}", n % 2), "t");
                    Append::from(entry.time(time).build().unwrap())
                };
                let mut batch: Vec<Append> = (0..=number % 5).map(one).collect();
                batch.push(entry("again", "again").into());
                runtime.block_on(store.append(&batch)).unwrap();
            }
        });
        left.fetch_sub(1, std::sync::atomic::Ordering::Release);
    };
    let done = || left.load(std::sync::atomic::Ordering::Acquire) == 0;
    let follow = |limit: u16, source: Option<&str>| {
        let follow = Follow {
            source: source.map(str::to_owned),
            limit: Limit::new(limit).unwrap(),
            ..Follow::default()
        };
        let seen = std::sync::Mutex::new(Vec::new());
        run(&|runtime| {
            *seen.lock().unwrap() = runtime.block_on(followed(&Sqlite::file(&path), follow.clone(), done));
        });
        seen.into_inner().unwrap()
    };
    let (few, many, filtered) = std::thread::scope(|scope| {
        (0..WRITERS).for_each(|writer| drop(scope.spawn(move || write(writer))));
        let few = scope.spawn(|| follow(1, None));
        let many = scope.spawn(|| follow(1000, None));
        let filtered = scope.spawn(|| follow(3, Some("/s1")));
        (
            few.join().unwrap(),
            many.join().unwrap(),
            filtered.join().unwrap(),
        )
    });
    let connection = Connection::open(&path).unwrap();
    let kept = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let ids = statement.query_map([], |row| row.get(0)).unwrap();
        ids.map(Result::unwrap).collect()
    };
    let all = kept("SELECT id FROM entry ORDER BY sequence");
    assert_eq!(all.len(), WRITERS * BATCHES * 3 + 1);
    assert_eq!(few, all);
    assert_eq!(many, all);
    assert_eq!(
        filtered,
        kept("SELECT id FROM entry WHERE source = '/s1' ORDER BY sequence")
    );
}

proptest::proptest! {
    /// Whatever is appended between a follower's looks, and however much it takes at once.
    #[test]
    fn a_follower_gets_everything_once_in_its_order(
        steps in proptest::collection::vec((proptest::collection::vec((0..40_u8, 0..9_i64), 0..6), 1..4_u16), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = Sqlite::memory();
            let (mut follow, mut seen, mut kept) = (Follow::default(), Vec::new(), Vec::new());
            for (batch, limit) in steps {
                let one = |(id, time): &(u8, i64)| {
                    let entry = Entry::builder(id.to_string(), "/s", "t").time(DateTime::from_timestamp(*time, 0));
                    Append::from(entry.build().unwrap())
                };
                let batch: Vec<Append> = batch.iter().map(one).collect();
                let appended = store.append(&batch).await.unwrap();
                kept.extend(appended.into_iter().filter(|appended| appended.new).map(|appended| appended.id));
                follow.limit = Limit::new(limit).unwrap();
                let arrivals = store.follow(&follow).await.unwrap();
                proptest::prop_assert_eq!(arrivals.items.last().map_or(&arrivals.next, |last| &last.cursor), &arrivals.next);
                seen.extend(arrivals.items.into_iter().map(|arrived| arrived.entry.id().to_owned()));
                proptest::prop_assert_eq!(arrivals.more, seen.len() < kept.len());
                follow.after = Some(arrivals.next);
            }
            seen.extend(followed(&store, follow, || true).await);
            proptest::prop_assert_eq!(seen, kept);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_cursor_of_another_journal_is_refused() {
    let (first, second) = (Sqlite::memory(), Sqlite::memory());
    let batch: Vec<Append> = (0..3)
        .map(|n| entry(&n.to_string(), &n.to_string()).into())
        .collect();
    first.append(&batch).await.unwrap();
    second.append(&batch).await.unwrap();
    let after = Some(first.follow(&Follow::default()).await.unwrap().next);
    let follow = Follow {
        after,
        ..Follow::default()
    };
    assert!(first.follow(&follow).await.unwrap().items.is_empty());
    assert!(second.follow(&follow).await.unwrap_err().is_invalid_cursor());
}

/// What filters let nothing of through is walked a bounded way, and not again.
#[tokio::test]
async fn a_follower_of_rare_entries_continues_where_it_was() {
    let store = Sqlite::memory();
    for batch in thirds(12_000) {
        store.append(&batch).await.unwrap();
    }
    let mut follow = Follow {
        source: Some("/none".into()),
        ..Follow::default()
    };
    let first = store.follow(&follow).await.unwrap();
    assert!(first.items.is_empty() && first.more);
    follow.after = Some(first.next);
    let second = store.follow(&follow).await.unwrap();
    assert!(second.items.is_empty() && !second.more);
}
