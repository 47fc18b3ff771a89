//! Lambda's queue of asynchronous events: two retries, a maximum age, a destination.
//!
//! Lambda Developer Guide, “How Lambda handles errors and retries with asynchronous invocation”.

use std::collections::BTreeMap;
use std::time::Duration;

use event_source_mapping::Failed;
use oorandom::Rand64;
use tokio::time::{Instant, sleep_until};

use super::delivery::{Invocable, Poller};
use super::plan::own;
use super::simulation::MOST_RETRIES;
use crate::Error;
use crate::sync::lock;

/// The wait before the first retry. The second wait is twice as long.
const FIRST_RETRY: Duration = Duration::from_secs(60);
/// The time between two events, and the maximum delay of an event.
const BETWEEN: Duration = Duration::from_millis(100);
const LATE_MS: u64 = 1_000;
/// When a duplicate of a finished event is delivered.
const DUPLICATE: Duration = Duration::from_secs(5);

struct Event {
    records: Vec<usize>,
    sent: Duration,
    failures: u32,
    not_before: Option<Instant>,
}

/// Delivers the events of `count` records.
///
/// # Errors
/// If the function cannot be invoked or the ledger cannot be read.
pub(super) async fn play<T: Invocable>(mapping: &Poller<T>, count: usize) -> Result<(), Error> {
    let simulation = &mapping.simulation;
    let mut random = Rand64::new(own(simulation, 1));
    let records: Vec<usize> = (0..count).collect();
    // Ordered by due time; the number distinguishes events of the same time.
    let mut queue: BTreeMap<(Duration, usize), Event> = BTreeMap::new();
    for (number, records) in records.chunks(simulation.batch_size).enumerate() {
        let sent = BETWEEN * u32::try_from(number).unwrap_or(u32::MAX);
        let late = Duration::from_millis(random.rand_range(0..LATE_MS));
        queue.insert((sent + late, number), Event::new(records, sent));
    }
    while let Some(((now, number), event)) = queue.pop_first() {
        if simulation.max_age.is_some_and(|most| now - event.sent > most) {
            discard(mapping, &event);
        } else if let Some((wait, event)) = deliver(mapping, event).await? {
            queue.insert((now + wait, number), event);
        }
    }
    Ok(())
}

impl Event {
    fn new(records: &[usize], sent: Duration) -> Self {
        Self {
            records: records.to_vec(),
            sent,
            failures: 0,
            not_before: None,
        }
    }
}

fn discard<T>(mapping: &Poller<T>, event: &Event) {
    let mut book = lock(&mapping.book);
    event.records.iter().for_each(|index| book.discard(*index));
}

/// Delivers the event. Returns it with a wait if it must be retried.
async fn deliver<T: Invocable>(
    mapping: &Poller<T>,
    mut event: Event,
) -> Result<Option<(Duration, Event)>, Error> {
    if let Some(not_before) = event.not_before {
        sleep_until(not_before).await;
    }
    let verdict = mapping.deliver(&event.records).await?;
    event.not_before = Some(verdict.not_before);
    if verdict.failed != Failed::All {
        // Not `any`: every record of the event must be recorded.
        let again = event
            .records
            .iter()
            .filter(|&&index| mapping.comes_again(index))
            .count();
        return Ok((again > 0).then_some((DUPLICATE, event)));
    }
    event.failures += 1;
    if event.failures > mapping.simulation.max_retries.unwrap_or(MOST_RETRIES) {
        discard(mapping, &event);
        return Ok(None);
    }
    Ok(Some((FIRST_RETRY * event.failures, event)))
}
