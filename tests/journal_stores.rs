//! What every store of the journal has to do, held by the embedded one.

use crate::support::journal::{arrivals, check, journal_suite};
use proptest::prelude::*;
use std::time::{Duration, SystemTime};
use switchboard::idempotency::{self, Done, Store as _};
use switchboard_function::journal::{Sqlite, Store as _};

async fn memory(_: &str) -> Sqlite {
    Sqlite::memory()
}

journal_suite!(memory);

proptest! {
    #[test]
    fn however_events_arrive_the_outcome_is_theirs(batches in arrivals()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check(&Sqlite::memory(), &batches));
    }
}

#[tokio::test]
async fn a_file_of_another_kind_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("i.sqlite");
    let done = Done {
        data: String::new(),
        expiration: SystemTime::now() + Duration::from_secs(60),
    };
    idempotency::Sqlite::file(&path)
        .remember("k", &done)
        .await
        .unwrap();
    let error = Sqlite::file(&path).health().await.unwrap_err();
    assert!(error.is_damaged(), "{error}");
}
