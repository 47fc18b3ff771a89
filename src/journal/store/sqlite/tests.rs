//! What is the file's own: other processes, other files, older releases.

use super::Sqlite;
use crate::journal::{Append, Entry, EntryQuery, Identity, Order, StateChange, Store};
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
