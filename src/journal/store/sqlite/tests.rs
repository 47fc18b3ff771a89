//! The store's contract, held by the embedded store.

use super::Sqlite;
use crate::journal::{
    Append, Cursor, Entry, EntryQuery, Identity, Limit, Order, ResourceQuery, StateChange, Store,
};
use chrono::DateTime;
use proptest::prelude::*;
use rusqlite::Connection;

fn entry(id: &str, identity: &str) -> Entry {
    Entry::builder(id, "/s", "t")
        .identity(Identity::new([identity]))
        .build()
        .unwrap()
}

fn change(state: &str, number: &str) -> StateChange {
    StateChange {
        urn: "urn:x".into(),
        resource_type: "x",
        state: state.into(),
        order: Order::sequencer(number).unwrap(),
        data: None,
    }
}

#[tokio::test]
async fn an_identity_is_kept_once_and_a_taken_id_loses_nothing() {
    let store = Sqlite::memory();
    let batch = [
        entry("1", "a").into(),
        entry("1", "b").into(),
        entry("1", "a").into(),
    ];
    let first = store.append(&batch).await.unwrap();
    assert_eq!((first[0].id.as_str(), first[0].new), ("1", true));
    assert!(first[1].id.starts_with("1.") && first[1].new);
    assert_eq!((first[2].id.as_str(), first[2].new), ("1", false));
    let again = store.append(&batch[1..2]).await.unwrap();
    assert_eq!((&again[0].id, again[0].new), (&first[1].id, false));
    let kept = store.entry("/s", &first[1].id).await.unwrap().unwrap();
    assert_eq!(kept.identity(), Identity::new(["b"]).as_str());
    assert_eq!(
        store.entries(&EntryQuery::default()).await.unwrap().items.len(),
        2
    );
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let store = Sqlite::memory();
    let batch: Vec<Append> = (0..25)
        .map(|n| entry(&n.to_string(), &n.to_string()).into())
        .collect();
    store.append(&batch).await.unwrap();
    let mut query = EntryQuery {
        limit: Limit::new(10).unwrap(),
        ..EntryQuery::default()
    };
    let mut ids = Vec::new();
    loop {
        let page = store.entries(&query).await.unwrap();
        ids.extend(page.items.iter().map(|entry| entry.id().parse::<u32>().unwrap()));
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(ids, (0..25).collect::<Vec<_>>());
    query.cursor = Some(Cursor::new("zzz"));
    assert!(store.entries(&query).await.unwrap_err().is_invalid_cursor());
}

#[tokio::test]
async fn filters_match_exactly_and_ranges_are_half_open() {
    let store = Sqlite::memory();
    let at = |seconds| DateTime::from_timestamp(seconds, 0);
    let make = |id: &str, time| {
        Entry::builder(id, "/s", "t")
            .subject("x y")
            .time(time)
            .build()
            .unwrap()
            .into()
    };
    store
        .append(&[
            make("1", at(1)),
            make("2", at(2)),
            make("3", at(3)),
            make("4", None),
        ])
        .await
        .unwrap();
    let query = EntryQuery {
        subject: Some("x y".into()),
        since: at(1),
        until: at(3),
        ..EntryQuery::default()
    };
    let ids: Vec<_> = store
        .entries(&query)
        .await
        .unwrap()
        .items
        .iter()
        .map(|e| e.id().to_owned())
        .collect();
    assert_eq!(ids, ["1", "2"]);
    let other = EntryQuery {
        source: Some("/S".into()),
        ..EntryQuery::default()
    };
    assert!(store.entries(&other).await.unwrap().items.is_empty());
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

#[tokio::test]
async fn resources_come_by_name_and_type() {
    let store = Sqlite::memory();
    let batch: Vec<Append> = (0..5)
        .map(|n| Append {
            entry: entry(&n.to_string(), &n.to_string()),
            change: Some(StateChange {
                urn: format!("urn:{n}"),
                ..change("here", "1")
            }),
        })
        .collect();
    store.append(&batch).await.unwrap();
    let mut query = ResourceQuery {
        resource_type: Some("x".into()),
        limit: Limit::new(3).unwrap(),
        cursor: None,
    };
    let page = store.resources(&query).await.unwrap();
    query.cursor = page.next;
    let rest = store.resources(&query).await.unwrap();
    let urns = |page: &[crate::journal::Resource]| page.iter().map(|r| r.urn.clone()).collect::<Vec<_>>();
    assert_eq!(urns(&page.items), ["urn:0", "urn:1", "urn:2"]);
    assert_eq!(urns(&rest.items), ["urn:3", "urn:4"]);
    assert!(rest.next.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn however_events_arrive_the_outcome_is_the_same(
        arrival in proptest::collection::vec(0usize..6, 0..20).prop_flat_map(|extra| {
            let all: Vec<usize> = (0..6).chain(extra).collect();
            Just(all).prop_shuffle()
        }),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = Sqlite::memory();
            for number in arrival {
                let text = format!("{number}");
                let append = Append {
                    entry: entry(&text, &text),
                    change: Some(change(&text, &"9".repeat(number + 1))),
                };
                store.append(&[append]).await.unwrap();
            }
            prop_assert_eq!(store.resource("urn:x").await.unwrap().unwrap().state, "5");
            prop_assert_eq!(store.entries(&EntryQuery::default()).await.unwrap().items.len(), 6);
            Ok(())
        })?;
    }
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
