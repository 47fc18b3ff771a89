//! All records of a batch in one call, for handlers that write in bulk. Each record has its own outcome.

use super::clock::Pace;
use super::deliver::{begin, conclude, recall};
use super::item::{ItemReader, called};
use super::outcomes::{BatchOutcomes, Blocks};
use super::pass::{Pass, RecordTurn};
use crate::error::Error;
use crate::event::{Asked, Event, Mended};
use crate::handler::{Call, Failure, Handler, Options, Reply};
use crate::telemetry;
use bytes::Bytes;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

/// All readable records of a batch, in order.
///
/// The handler reports each record through its [`Outcome`]. A record without a reported outcome, because the handler
/// forgot it, failed or panicked, is delivered again.
///
/// # Example
///
/// ```
/// use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
/// use switchboard::{Batch, Context, Failure, Router};
///
/// async fn on_batch(batch: Batch<KinesisEventRecord>, _cx: Context<()>) -> Result<(), Failure> {
///     let rows: Vec<&[u8]> = batch.iter().map(|pending| &pending.item.kinesis.data[..]).collect();
///     let taken = write_all(&rows).await?;
///     for (pending, taken) in batch.into_iter().zip(taken) {
///         match taken {
///             true => pending.outcome.done(()),
///             false => pending.outcome.failed(Failure::msg("the table is being throttled")),
///         }
///     }
///     Ok(())
/// }
///
/// /// Whether each row was accepted.
/// async fn write_all(rows: &[&[u8]]) -> Result<Vec<bool>, std::io::Error> {
///     Ok(rows.iter().map(|row| !row.is_empty()).collect())
/// }
///
/// let router = Router::new(()).on_batch::<KinesisEvent>(on_batch);
/// # let _ = router;
/// ```
#[derive(Debug)]
pub struct Batch<T, R = ()> {
    records: Vec<Pending<T, R>>,
}

/// A record without an outcome so far.
#[derive(Debug)]
#[non_exhaustive]
pub struct Pending<T, R = ()> {
    /// The typed record.
    pub item: T,
    /// The record's JSON, unchanged.
    pub raw: Bytes,
    /// JSON paths of defaults in the struct: [`Context::filled`](crate::Context::filled).
    pub filled: Vec<&'static str>,
    /// Reports the record's outcome, once.
    pub outcome: Outcome<R>,
}

/// The outcome of a record. If it is dropped without a report, the record is delivered again.
#[must_use = "a record without an outcome is delivered again"]
pub struct Outcome<R = ()> {
    slots: OutcomeSlots<R>,
    at: usize,
}

type OutcomeSlots<R> = Arc<Mutex<Vec<Option<Result<R, Failure>>>>>;

impl<T, R> Batch<T, R> {
    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none. A handler is never called with such a batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Pending<T, R>> {
        self.records.iter()
    }
}

impl<T> Batch<T> {
    /// Reports every record as done.
    pub fn done(self) {
        for pending in self {
            pending.outcome.done(());
        }
    }
}

impl<T, R> IntoIterator for Batch<T, R> {
    type Item = Pending<T, R>;
    type IntoIter = std::vec::IntoIter<Pending<T, R>>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.into_iter()
    }
}

impl<'b, T, R> IntoIterator for &'b Batch<T, R> {
    type Item = &'b Pending<T, R>;
    type IntoIter = std::slice::Iter<'b, Pending<T, R>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<R> Outcome<R> {
    /// The record is done. `reply` is what its source expects: `()` except for Firehose.
    pub fn done(self, reply: R) {
        self.say(Ok(reply));
    }

    /// The record must be delivered again, or is rejected, as the failure says.
    pub fn failed(self, failure: impl Into<Failure>) {
        self.say(Err(failure.into()));
    }

    fn say(self, outcome: Result<R, Failure>) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get_mut(self.at) {
            *slot = Some(outcome);
        }
    }
}

impl<R> fmt::Debug for Outcome<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// A record as the handler gets it, before it has a place for its outcome.
struct ReadRecord<T> {
    mended: Mended<Box<T>>,
    raw: Bytes,
}

/// What is kept of a record while the handler has it.
struct PendingPlace {
    turn: RecordTurn,
    raw: Bytes,
}

/// Passes all records to the handler at once and composes the answer.
pub(crate) async fn deliver<A, H, S>(call: Call<S>, options: &Options, handler: &H) -> Result<Reply, Error>
where
    A: Asked,
    H: Handler<Batch<A::Item, <A::Event as Event>::Reply>, S, Reply = ()>,
    S: Clone + Send + Sync + 'static,
{
    let Call { payload, invocation } = call;
    let items = ItemReader::new(invocation, options);
    let mut outcomes = begin::<A::Event>(options);
    recall::<A::Event, S>(&items, &payload, &mut outcomes).await;
    let (read, places) = read_all::<A, S>(&items, &payload, &mut outcomes).await;
    let slots: OutcomeSlots<<A::Event as Event>::Reply> =
        Arc::new(Mutex::new(read.iter().map(|_| None).collect()));
    let outcome = match read.is_empty() {
        true => Ok(()),
        false => {
            let cx = items.nameless_context(payload.clone(), Vec::new());
            let handling = pin!(called(handler, || batch(read, &slots), cx));
            items.guard("the handler", handling).await
        }
    };
    let said = std::mem::take(&mut *slots.lock().unwrap_or_else(PoisonError::into_inner));
    for (place, said) in places.into_iter().zip(said) {
        settle::<A::Event, S>(&items, &mut outcomes, place, said, &outcome).await;
    }
    conclude::<A::Event, S>(&items, &payload, &mut outcomes).await
}

fn batch<T, R>(read: Vec<ReadRecord<T>>, slots: &OutcomeSlots<R>) -> Batch<T, R> {
    let pending = |(at, ReadRecord { mended, raw }): (usize, ReadRecord<T>)| Pending {
        item: *mended.item,
        raw,
        filled: mended.filled,
        outcome: Outcome {
            slots: Arc::clone(slots),
            at,
        },
    };
    Batch {
        records: read.into_iter().enumerate().map(pending).collect(),
    }
}

/// A batch of one record, and a function that returns its outcome.
#[cfg(feature = "testing")]
pub(crate) fn single<T, R>(
    mended: Mended<Box<T>>,
    raw: Bytes,
) -> (Batch<T, R>, impl FnOnce() -> Option<Result<R, Failure>>) {
    let slots: OutcomeSlots<R> = Arc::new(Mutex::new(vec![None]));
    let batch = batch(vec![ReadRecord { mended, raw }], &slots);
    (batch, move || {
        slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .flatten()
    })
}

/// The records that the handler gets. The others are settled, or marked as open.
async fn read_all<A, S>(
    items: &ItemReader<'_, S>,
    payload: &Bytes,
    outcomes: &mut BatchOutcomes<<A::Event as Event>::Reply>,
) -> (Vec<ReadRecord<A::Item>>, Vec<PendingPlace>)
where
    A: Asked,
    S: Clone + Send + Sync + 'static,
{
    let mut pass = Pass::<A, S>::new(items, payload, outcomes, Pace::AtOnce);
    let (mut read, mut places) = (Vec::new(), Vec::new());
    while let Some((item, turn)) = pass.turn().await {
        places.push(PendingPlace {
            turn,
            raw: item.raw.clone(),
        });
        read.push(ReadRecord {
            mended: item.mended,
            raw: item.raw,
        });
    }
    pass.finish();
    telemetry::linked(items.source(), places.iter().map(|place| &place.raw));
    (read, places)
}

/// The handler reported no outcome: its return value counts for the record.
fn unsaid(outcome: &Result<(), Failure>) -> Failure {
    match outcome {
        Ok(()) => Failure::msg("the handler gave no outcome"),
        Err(failure) => failure.again(),
    }
}

/// Notes the outcome. A record behind a failure of its lane is open even if it is done: otherwise the source would not
/// deliver both in order.
async fn settle<E, S>(
    items: &ItemReader<'_, S>,
    outcomes: &mut BatchOutcomes<E::Reply>,
    place: PendingPlace,
    said: Option<Result<E::Reply, Failure>>,
    outcome: &Result<(), Failure>,
) where
    E: Event,
    S: Clone + Send + Sync + 'static,
{
    let PendingPlace { turn, raw } = place;
    let (index, lane) = (turn.index, turn.lane.as_deref());
    let behind = !outcomes.may_start(index, lane);
    let failed = match said {
        Some(Ok(reply)) if !behind || outcomes.stop() == Blocks::Batch => {
            return outcomes.done(index, raw, Some(reply));
        }
        // It is delivered again with the failure before it, which has been logged.
        Some(Ok(_)) | None if behind => {
            let failed = items.failed::<E>(raw, index, Failure::msg("behind a failure"));
            return outcomes.failed(&failed, lane);
        }
        Some(Err(failure)) => items.failed::<E>(raw, index, failure),
        _ => items.failed::<E>(raw, index, unsaid(outcome)),
    };
    let settled = items.settle(failed).await;
    outcomes.ended(index, lane, settled.map(|raw| (raw, None)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(items: &[u8]) -> Batch<u8> {
        let slots: OutcomeSlots<()> = Arc::new(Mutex::new(items.iter().map(|_| None).collect()));
        let pending = |(at, item): (usize, &u8)| Pending {
            item: *item,
            raw: Bytes::new(),
            filled: Vec::new(),
            outcome: Outcome {
                slots: Arc::clone(&slots),
                at,
            },
        };
        Batch {
            records: items.iter().enumerate().map(pending).collect(),
        }
    }

    #[test]
    fn a_batch_is_a_list_of_its_records() {
        let three = batch(&[7, 8, 9]);
        let items: Vec<u8> = three.iter().map(|pending| pending.item).collect();
        assert_eq!((items, three.len(), three.is_empty()), (vec![7, 8, 9], 3, false));
        assert!(batch(&[]).is_empty());
    }
}
