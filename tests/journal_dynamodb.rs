//! What every store of the journal has to do, held by the one in DynamoDB, on an emulator. `make test-aws` runs it.

use crate::support::emulator::journal_table;
use crate::support::journal::{arrivals, check, journal_suite};
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use switchboard_function::journal::Dynamodb;

/// The journal in a table of its own, reached as the deployed function reaches it.
async fn table(name: &str) -> Dynamodb {
    journal_table(name).await;
    Dynamodb::from_env(name)
}

journal_suite!(table);

#[test]
fn however_events_arrive_the_outcome_is_theirs() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let round = Cell::new(0);
    let config = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&arrivals(), |batches| {
        round.set(round.get() + 1);
        runtime.block_on(async {
            check(&table(&format!("arrivals-{}", round.get())).await, &batches).await;
        });
        Ok(())
    });
    result.unwrap();
}
