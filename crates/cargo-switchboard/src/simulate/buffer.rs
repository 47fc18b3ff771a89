//! A buffer of Firehose: each record gets a result, and an invocation that fails is tried again three times.
//!
//! Amazon Data Firehose Developer Guide, “Transform source data in Amazon Data Firehose” and “Handle failure in data transformation”.

use event_source_mapping::Failed;
use tokio::time::sleep_until;

use super::delivery::{Invocable, Poller};
use crate::Error;
use crate::sync::lock;

/// The default number of retries.
const MOST_RETRIES: u32 = 3;

/// Delivers `count` records. Those that failed go to where Firehose puts them.
///
/// # Errors
/// If the function cannot be invoked or the ledger cannot be read.
pub(super) async fn play<T: Invocable>(mapping: &Poller<T>, count: usize) -> Result<(), Error> {
    let records: Vec<usize> = (0..count).collect();
    for batch in records.chunks(mapping.simulation.batch_size) {
        deliver(mapping, batch).await?;
    }
    Ok(())
}

async fn deliver<T: Invocable>(mapping: &Poller<T>, batch: &[usize]) -> Result<(), Error> {
    let mut failures = 0;
    loop {
        let verdict = mapping.deliver(batch).await?;
        failures += u32::from(verdict.failed == Failed::All && !verdict.is_lost);
        let is_last = failures > mapping.simulation.max_retries.unwrap_or(MOST_RETRIES);
        if verdict.failed == Failed::All && !is_last {
            sleep_until(verdict.not_before).await;
            continue;
        }
        let mut book = lock(&mapping.book);
        let failed = (0..batch.len()).filter(|place| verdict.failed.contains(*place));
        failed.for_each(|place| book.discard(batch[place]));
        return Ok(());
    }
}
