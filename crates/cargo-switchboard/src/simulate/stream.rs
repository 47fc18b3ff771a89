//! A shard of a stream: order, checkpoints, retries, bisection.
//!
//! Lambda Developer Guide, “Using Lambda to process records from Amazon Kinesis Data Streams”, “Configuring partial batch
//! response”, “Retaining discarded batch records”.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::sleep_until;

use super::delivery::{BatchResult, Failed, Invocable, PATIENCE, Poller};
use super::payload::WindowFrame;
use super::simulation::Simulation;
use crate::Error;
use crate::sync::lock;

/// The time between two records, and the first and the longest wait before a retry.
const BETWEEN: Duration = Duration::from_millis(100);
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);

/// Records that are delivered in one batch.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Batch {
    records: Vec<usize>,
    failures: u32,
    /// Failures that the simulation did not cause.
    unasked: u32,
}

/// What happens to a batch.
#[derive(Debug, Eq, PartialEq)]
enum Next {
    Done,
    /// These come next, in this order.
    Again(Vec<Batch>),
    /// It goes to the destination.
    Discard(Batch),
    /// Its records have expired.
    Expire,
}

/// Delivers all `records`, an ordered part of the shard.
///
/// # Errors
/// If the function cannot be invoked or the ledger cannot be read.
pub(super) async fn play<T: Invocable>(mapping: &Poller<T>, records: &[usize]) -> Result<(), Error> {
    Shard::new(mapping).deliver(records, None).await
}

/// A shard, and its virtual time.
pub(super) struct Shard<'m, T> {
    mapping: &'m Poller<T>,
    now: Duration,
}

impl<'m, T: Invocable> Shard<'m, T> {
    pub(super) fn new(mapping: &'m Poller<T>) -> Self {
        Self {
            mapping,
            now: Duration::ZERO,
        }
    }

    /// Delivers these records, in a window whose state the answers change.
    ///
    /// # Errors
    /// If the function cannot be invoked or the ledger cannot be read.
    pub(super) async fn deliver(
        &mut self,
        records: &[usize],
        mut window: Option<&mut WindowFrame>,
    ) -> Result<(), Error> {
        let (mapping, simulation) = (self.mapping, &self.mapping.simulation);
        let batches = records.chunks(simulation.batch_size);
        let mut waiting: VecDeque<Batch> = batches.map(|records| Batch::new(records.to_vec())).collect();
        while let Some(batch) = waiting.pop_front() {
            self.now = self
                .now
                .max(batch.records.last().map_or(self.now, |last| sent(*last)));
            let batch = too_old(mapping, batch, self.now);
            if batch.records.is_empty() {
                continue;
            }
            let verdict = mapping.deliver_in(&batch.records, window.as_deref()).await?;
            if let Some(window) = &mut window {
                window.accept(&verdict);
            }
            match batch.next(&verdict, simulation) {
                Next::Done | Next::Expire => {}
                Next::Discard(batch) => discard(mapping, &batch.records),
                Next::Again(batches) => {
                    let first = batches.first().cloned().unwrap_or_default();
                    self.now += back_off(first.failures);
                    sleep_until(verdict.not_before).await;
                    mapping.back_off(first.unasked).await;
                    batches
                        .into_iter()
                        .rev()
                        .for_each(|batch| waiting.push_front(batch));
                }
            }
        }
        Ok(())
    }
}

impl WindowFrame {
    /// Takes the state of an answer, unless the batch comes again whole.
    fn accept(&mut self, verdict: &BatchResult) {
        if let (Failed::Some(_), Some(state)) = (&verdict.failed, &verdict.state) {
            self.state = state.clone();
        }
    }
}

/// When this record was sent.
pub(super) fn sent(index: usize) -> Duration {
    BETWEEN * u32::try_from(index).unwrap_or(u32::MAX)
}

fn back_off(failures: u32) -> Duration {
    match failures {
        0 => Duration::ZERO,
        failures => (FIRST_BACK_OFF * 2u32.saturating_pow(failures - 1)).min(LONGEST_BACK_OFF),
    }
}

/// Discards the records of the batch that are too old.
fn too_old<T>(mapping: &Poller<T>, mut batch: Batch, now: Duration) -> Batch {
    if let Some(most) = mapping.simulation.max_age {
        let young = |index: &usize| now - sent(*index) <= most;
        let (young, old): (Vec<usize>, Vec<usize>) = batch.records.into_iter().partition(young);
        discard(mapping, &old);
        batch.records = young;
    }
    batch
}

fn discard<T>(mapping: &Poller<T>, records: &[usize]) {
    let mut book = lock(&mapping.book);
    records.iter().for_each(|index| book.discard(*index));
}

impl Batch {
    fn new(records: Vec<usize>) -> Self {
        Self {
            records,
            ..Self::default()
        }
    }

    fn next(mut self, verdict: &BatchResult, simulation: &Simulation) -> Next {
        if verdict.is_lost {
            return Next::Again(vec![self]);
        }
        let checkpoint = match &verdict.failed {
            Failed::All => 0,
            Failed::Some(places) => match places.first() {
                Some(lowest) => *lowest,
                None => return Next::Done,
            },
        };
        if checkpoint > 0 {
            let rest = self.records.split_off(checkpoint);
            return Next::Again(vec![Self::new(rest)]);
        }
        self.failures += 1;
        self.unasked += u32::from(verdict.is_clean);
        self.retry(simulation)
    }

    fn retry(mut self, simulation: &Simulation) -> Next {
        let half = self.records.len() / 2;
        match simulation.max_retries {
            _ if simulation.bisect && half > 0 => {
                let second = self.records.split_off(half);
                Next::Again(vec![Self::new(self.records), Self::new(second)])
            }
            Some(most) if self.failures > most => Next::Discard(self),
            None if self.unasked >= PATIENCE => Next::Expire,
            _ => Next::Again(vec![self]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::source::Source;
    use std::collections::BTreeSet;
    use tokio::time::Instant;

    fn next(simulation: &Simulation, batch: Batch, failed: Failed) -> Next {
        let verdict = BatchResult {
            failed,
            is_clean: true,
            is_lost: false,
            not_before: Instant::now(),
            state: None,
        };
        batch.next(&verdict, simulation)
    }

    fn some<const N: usize>(places: [usize; N]) -> Failed {
        Failed::Some(BTreeSet::from(places))
    }

    fn batch(records: &[usize]) -> Batch {
        Batch::new(records.to_vec())
    }

    #[test]
    fn the_lowest_failure_is_the_checkpoint() {
        let simulation = Simulation::new(Source::Kinesis).max_retries(0);
        assert_eq!(next(&simulation, batch(&[4, 5, 6]), some([])), Next::Done);
        let rest = next(&simulation, batch(&[4, 5, 6, 7]), some([3, 2]));
        assert_eq!(rest, Next::Again(vec![batch(&[6, 7])]));
    }

    #[test]
    fn a_failed_batch_comes_again_until_its_retries_are_used_up() {
        let simulation = Simulation::new(Source::Kinesis).max_retries(1);
        for failed in [Failed::All, some([0, 1])] {
            let Next::Again(mut again) = next(&simulation, batch(&[4, 5]), failed.clone()) else {
                panic!("it should come again");
            };
            assert_eq!(again[0].records, [4, 5]);
            let end = next(&simulation, again.remove(0), failed);
            assert!(matches!(end, Next::Discard(batch) if batch.records == [4, 5]));
        }
    }

    #[test]
    fn halves_have_their_retries_to_themselves() {
        let simulation = Simulation::new(Source::Kinesis).max_retries(0).bisect(true);
        let halves = next(&simulation, batch(&[4, 5, 6]), Failed::All);
        assert_eq!(halves, Next::Again(vec![batch(&[4]), batch(&[5, 6])]));
        assert!(matches!(
            next(&simulation, batch(&[4]), Failed::All),
            Next::Discard(_)
        ));
    }

    #[test]
    fn without_an_end_to_retries_the_records_expire() {
        let simulation = Simulation::new(Source::Kinesis);
        let mut batch = batch(&[1]);
        for _ in 1..PATIENCE {
            let Next::Again(mut again) = next(&simulation, batch, Failed::All) else {
                panic!("it should come again");
            };
            batch = again.remove(0);
        }
        assert_eq!(next(&simulation, batch, Failed::All), Next::Expire);
    }

    #[test]
    fn a_back_off_grows_to_a_minute() {
        assert_eq!(back_off(1), FIRST_BACK_OFF);
        assert_eq!(back_off(4), Duration::from_secs(8));
        assert_eq!(back_off(40), LONGEST_BACK_OFF);
    }
}
