//! What every store of the journal has to do, held by the embedded one.
#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod support;

use proptest::prelude::*;
use support::journal::{arrivals, check, journal_suite};
use switchboard::journal::Sqlite;

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
