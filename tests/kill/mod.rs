//! The process is killed (SIGKILL) at random moments while it writes, again and again on the same store, and another one goes on
//! with the same records: nothing that was acknowledged is lost, nothing acknowledged is run again, nothing stays locked, and
//! nothing is damaged. The same is done to every store.
//!
//! `make kill` does it a thousand times for each store (`STORES=`, `KILLS=`; `SEED=` for other moments) and shows the figures.

#![expect(clippy::print_stdout, reason = "the figures are what `make kill` shows")]

mod killing;
mod place;

mod idempotency;
mod journal;

mod sqlite {
    use super::{idempotency, journal, place::Place};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_journal_loses_nothing_that_it_acknowledged_whenever_the_process_is_killed() {
        let directory = tempfile::tempdir().unwrap();
        journal::survives(&Place::Sqlite(directory.path().join("journal.sqlite"))).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nothing_acknowledged_is_run_again_and_nothing_stays_locked_whenever_the_process_is_killed() {
        let directory = tempfile::tempdir().unwrap();
        let ledger = directory.path().join("ledger");
        let store = directory.path().join("ledger.idempotency");
        idempotency::survives(&Place::Sqlite(store), &ledger).await;
    }
}

#[cfg(feature = "dynamodb")]
mod dynamodb {
    use super::{idempotency, journal, place::Place};
    use crate::support::emulator::{create_table, journal_table};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_journal_loses_nothing_that_it_acknowledged_whenever_the_process_is_killed() {
        journal_table("killed-journal").await;
        journal::survives(&Place::Dynamodb("killed-journal")).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nothing_acknowledged_is_run_again_and_nothing_stays_locked_whenever_the_process_is_killed() {
        let directory = tempfile::tempdir().unwrap();
        create_table("killed-idempotency", "id", &[], "").await;
        idempotency::survives(
            &Place::Dynamodb("killed-idempotency"),
            &directory.path().join("ledger"),
        )
        .await;
    }
}
