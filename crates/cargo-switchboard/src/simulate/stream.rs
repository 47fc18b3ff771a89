//! A lane of a shard, in tumbling windows or not, in virtual time: the mapping says what comes next.

use std::time::Duration;

use event_source_mapping::{Batch, Lane, Record as _, Settled, StreamCommand};
use tokio::time::sleep_until;

use super::delivery::{BatchResult, Invocable, PATIENCE, Poller};
use super::mapped::MappedRecord;
use crate::Error;
use crate::sync::lock;

/// Failures in a row of a batch that the simulation did not cause.
#[derive(Default)]
struct Unasked {
    batch: u64,
    failures: u32,
}

/// Delivers all `records`, an ordered part of the shard.
///
/// # Errors
/// If the function cannot be invoked or the ledger cannot be read.
pub(super) async fn play<T: Invocable>(mapping: &Poller<T>, records: Vec<MappedRecord>) -> Result<(), Error> {
    let mut lane = Lane::new(mapping.simulation.stream_settings());
    for record in records {
        lane.received(Duration::ZERO, record.index as u64, record);
    }
    lane.close();
    let (mut now, mut unasked) = (Duration::ZERO, Unasked::default());
    while !lane.is_idle() {
        match lane.next(now) {
            Some(StreamCommand::Invoke(batch)) => {
                now = batch
                    .records
                    .iter()
                    .map(|record| record.sent())
                    .fold(now, Duration::max);
                deliver(mapping, &mut lane, batch, now, &mut unasked).await?;
            }
            Some(StreamCommand::Discard(discarded)) => {
                let mut book = lock(&mapping.book);
                discarded
                    .records
                    .iter()
                    .for_each(|record| book.discard(record.index));
                lane.discarded(&discarded);
            }
            None => now = lane.wake_at().map_or(now, |wake| wake.max(now)),
        }
    }
    Ok(())
}

async fn deliver<T: Invocable>(
    mapping: &Poller<T>,
    lane: &mut Lane<MappedRecord>,
    batch: Batch<MappedRecord>,
    now: Duration,
    unasked: &mut Unasked,
) -> Result<(), Error> {
    let records: Vec<usize> = batch.records.iter().map(|record| record.index).collect();
    let verdict = mapping.deliver_in(&records, batch.window.as_ref()).await?;
    if unasked.batch != batch.number() {
        *unasked = Unasked {
            batch: batch.number(),
            failures: 0,
        };
    }
    if has_expired(mapping, &batch, &verdict, unasked) {
        lane.expired(&batch);
        return Ok(());
    }
    let Settled {
        done,
        again,
        discarded,
        bisected,
    } = lane.answered(now, batch, verdict.answer());
    let is_over = records.is_empty() && !verdict.has_failed(0);
    if discarded == 0 && !is_over && (again > 0 || records.is_empty()) {
        sleep_until(verdict.not_before).await;
        let comes_whole = done == 0 && !bisected;
        mapping
            .back_off(if comes_whole { unasked.failures } else { 0 })
            .await;
    }
    Ok(())
}

/// Without an end to retries, records expire that fail again and again for no reason.
fn has_expired<T>(
    mapping: &Poller<T>,
    batch: &Batch<MappedRecord>,
    verdict: &BatchResult,
    unasked: &mut Unasked,
) -> bool {
    let count = batch.records.len();
    if verdict.is_lost || !verdict.has_failed(count) {
        return false;
    }
    unasked.failures += u32::from(verdict.is_clean);
    let simulation = &mapping.simulation;
    let bisects = simulation.bisect && count > 1;
    simulation.max_retries.is_none() && !bisects && unasked.failures >= PATIENCE
}

impl BatchResult {
    /// Whether the batch comes again whole, or the end of a window does.
    fn has_failed(&self, count: usize) -> bool {
        self.failed == event_source_mapping::Failed::All || (count > 0 && self.failed.contains(0))
    }
}
