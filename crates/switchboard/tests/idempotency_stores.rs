//! What every idempotency store has to do, held by the one in memory and the one in a file.

use crate::support::schedule::{check, steps};
use proptest::test_runner::{Config, TestRunner};
use rusqlite::Connection;
use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use switchboard::idempotency::{Claim, Claimed, Done, Lease, Memory, Sqlite, Store};

const START: SystemTime = SystemTime::UNIX_EPOCH;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

/// Runs random schedules, each under keys of its own.
fn schedules(store: &dyn Store, cases: u32) {
    let (runtime, round) = (runtime(), Cell::new(0));
    let start = START + Duration::from_millis(1_800_000_000_123);
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&steps(40), |steps| {
        round.set(round.get() + 1);
        runtime.block_on(check(store, &round.get().to_string(), start, &steps));
        Ok(())
    });
    result.unwrap();
}

#[test]
fn the_memory_does_what_the_model_does() {
    schedules(&Memory::new(), 2_000);
}

#[test]
fn the_file_does_what_the_model_does() {
    let directory = tempfile::tempdir().unwrap();
    schedules(&Sqlite::file(directory.path().join("i.sqlite")), 200);
}

fn claim(id: &str, now_s: u64) -> Claim<'_> {
    let now = START + Duration::from_secs(now_s);
    Claim {
        id,
        validation: None,
        now,
        lease_until: now + Duration::from_secs(10),
        expiration: now + Duration::from_secs(60),
    }
}

fn done(now_s: u64) -> Done {
    Done {
        data: "\"ü\"".to_owned(),
        expiration: START + Duration::from_secs(now_s + 60),
    }
}

async fn own(store: &impl Store, id: &str, now_s: u64) -> Lease {
    match store.claim(&claim(id, now_s)).await.unwrap() {
        Claimed::Owned(lease) => lease,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_in_the_file_is_there_for_the_next_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("i.sqlite");
    let (one, other) = (Sqlite::file(&path), Sqlite::file(&path));
    let lease = own(&one, "k", 0).await;
    let until = START + Duration::from_secs(10);
    assert_eq!(
        other.claim(&claim("k", 5)).await.unwrap(),
        Claimed::InProgress(until)
    );
    assert!(one.finish(&lease, &done(5)).await.unwrap());
    assert_eq!(
        other.claim(&claim("k", 5)).await.unwrap(),
        Claimed::Done(done(5).data)
    );
}

#[tokio::test]
async fn what_is_forgotten_leaves_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("i.sqlite");
    let store = Sqlite::file(&path);
    for round in 0..50 {
        let now = round * 1_000;
        let lease = own(&store, &format!("k{round}"), now).await;
        if round % 2 == 0 {
            assert!(store.finish(&lease, &done(now)).await.unwrap());
        }
    }
    let count = Connection::open(&path).unwrap();
    let count = count.query_row("SELECT count(*) FROM record", [], |row| row.get::<_, u32>(0));
    assert_eq!(count.unwrap(), 1);
}

#[tokio::test]
async fn a_file_of_another_kind_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.sqlite");
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("PRAGMA application_id = 7; CREATE TABLE entry (id TEXT);")
        .unwrap();
    drop(other);
    let error = Sqlite::file(&path).claim(&claim("k", 0)).await.unwrap_err();
    assert!(error.is_damaged(), "{error}");
    assert!(error.to_string().contains("journal.sqlite"), "{error}");
}

#[tokio::test]
async fn an_arc_of_any_store_is_a_store() {
    let store: Arc<dyn Store> = Arc::new(Memory::with_capacity(0));
    store.remember("k", &done(0)).await.unwrap();
    assert_eq!(store.recall("k", START).await.unwrap(), Some(done(0).data));
    assert!(store.claim(&claim("other", 0)).await.is_ok());
    assert_eq!(store.recall("k", START).await.unwrap(), None);
}
