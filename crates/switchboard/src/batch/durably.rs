//! Records in a durable execution: each in a child context of its own, and the answer from how those ended.
//!
//! Which operations there are, and in which order, follows from the payload and from recorded outcomes only: no clock, no deadline
//! and no memo decides what is started.

use super::cursor::RecordCursor;
use super::deliver::{begin, conclude, deliver_whole};
use super::item::{FailedItem, ItemReader, ReadItem, called};
use super::outcomes::{BatchOutcomes, Blocks};
use crate::error::Error;
use crate::event::{Asked, Delivery, Event, LogFields, StableFields};
use crate::handler::{
    Call, DurableScope, DurableWork, Failure, Handler, Invocation, Options, Reply, WorkFailure,
};
use crate::panics;
use crate::telemetry;
use bytes::Bytes;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, OnceLock};

/// The longest name that Lambda takes, in characters of printable ASCII.
const LONGEST_NAME: usize = 256;

/// What a record's child context ends with if it is done.
const DONE: &str = "null";

/// A route's handler with its options.
type SharedHandler<H> = Arc<(Options, H)>;

/// A record, or why it could not be read.
type DurableRecord<T> = Result<ReadItem<T>, Box<FailedItem>>;

/// The records that must not run side by side, in their order.
struct DurableLane<T> {
    name: String,
    records: Vec<NamedRecord<T>>,
}

impl<T> DurableLane<T> {
    fn kept(&self) -> Vec<RecordKept> {
        let kept = |record: &NamedRecord<T>| (record.index, record.raw.clone());
        self.records.iter().map(kept).collect()
    }
}

struct NamedRecord<T> {
    index: usize,
    name: String,
    raw: Bytes,
    record: DurableRecord<T>,
}

/// Runs the records of an execution, and composes the answer.
pub(crate) async fn deliver_durably<A, H, S>(call: Call<S>, shared: SharedHandler<H>) -> Result<Reply, Error>
where
    A: Asked,
    H: Handler<A::Item, S, Reply = <A::Event as Event>::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let Some(scope) = call.invocation.durable.clone() else {
        return Err(Error::not_durable(call.invocation.source, &shared.1.name()));
    };
    if <A::Event as Event>::DELIVERY == Delivery::Whole {
        return deliver_whole::<A, H, S>(call, &shared.0, &shared.1).await;
    }
    let Call { payload, invocation } = call;
    let items = ItemReader::new(Arc::clone(&invocation), &shared.0);
    let mut outcomes = begin::<A::Event>(&shared.0);
    let mut cursor = RecordCursor::new(&payload);
    let lanes = lanes::<A, S>(&mut cursor, &items, outcomes.stop());
    outcomes.count = match scope.is_replaying() {
        true => cursor.count,
        // Counted once, by the first invocation.
        false => cursor.end::<A::Event, S>(&items),
    };
    for (records, ended) in run::<A, H, S>(&scope, lanes, &shared, &invocation).await? {
        note::<A, H::Reply, S>(&items, &mut outcomes, records, ended);
    }
    conclude::<A::Event, S>(&items, &payload, &mut outcomes).await
}

/// How the records of a lane ended, as far as they were started: `None` if one is done.
type LaneEnd = Vec<Option<WorkFailure>>;

/// What is kept of a record to answer for it.
type RecordKept = (usize, Bytes);

/// Runs all lanes, side by side if there are several.
async fn run<A, H, S>(
    scope: &Arc<dyn DurableScope>,
    lanes: Vec<DurableLane<A::Item>>,
    shared: &SharedHandler<H>,
    invocation: &Arc<Invocation<S>>,
) -> Result<Vec<(Vec<RecordKept>, LaneEnd)>, Error>
where
    A: Asked,
    H: Handler<A::Item, S>,
    S: Clone + Send + Sync + 'static,
{
    let kept: Vec<Vec<RecordKept>> = lanes.iter().map(DurableLane::kept).collect();
    let ended = match lanes.len() {
        0 | 1 => {
            let mut ended = Vec::new();
            for lane in lanes {
                ended.push(one_by_one::<A, H, S>(scope, lane.records, shared, invocation).await);
            }
            ended
        }
        _ => {
            let limit = Some(shared.0.concurrency).filter(|lanes| *lanes > 1);
            let single: Vec<bool> = lanes.iter().map(|lane| lane.records.len() == 1).collect();
            let works = lanes
                .into_iter()
                .map(|lane| lane_work::<A, H, S>(lane, shared, invocation));
            let ended = scope.side_by_side(works.collect(), limit).await;
            let ended = ended.map_err(|failure| Error::durable_operation(failure.message))?;
            let mut lanes = Vec::new();
            for (ended, single) in ended.into_iter().zip(single) {
                lanes.push(match (single, ended) {
                    (true, ended) => vec![ended.err()],
                    (false, Ok(ended)) => serde_json::from_str(&ended).map_err(Error::reply)?,
                    (false, Err(failure)) => vec![Some(failure)],
                });
            }
            lanes
        }
    };
    Ok(kept.into_iter().zip(ended).collect())
}

/// A lane's work in its child context. That of a single record is the record's own.
fn lane_work<A, H, S>(
    lane: DurableLane<A::Item>,
    shared: &SharedHandler<H>,
    invocation: &Arc<Invocation<S>>,
) -> (String, DurableWork)
where
    A: Asked,
    H: Handler<A::Item, S>,
    S: Clone + Send + Sync + 'static,
{
    let DurableLane { name, mut records } = lane;
    if records.len() == 1
        && let Some(record) = records.pop()
    {
        return (record.name, work::<A, H, S>(record.record, shared, invocation));
    }
    let (shared, invocation) = (Arc::clone(shared), Arc::clone(invocation));
    let run = in_scope(|scope| async move {
        let ended = one_by_one::<A, H, S>(&scope, records, &shared, &invocation).await;
        serde_json::to_string(&ended).map_err(|error| WorkFailure::new(error.to_string()))
    });
    (name, run)
}

/// The records of a lane in their order, up to the first that fails.
async fn one_by_one<A, H, S>(
    scope: &Arc<dyn DurableScope>,
    records: Vec<NamedRecord<A::Item>>,
    shared: &SharedHandler<H>,
    invocation: &Arc<Invocation<S>>,
) -> LaneEnd
where
    A: Asked,
    H: Handler<A::Item, S>,
    S: Clone + Send + Sync + 'static,
{
    let mut ended = Vec::new();
    for record in records {
        let end = scope.child(record.name, work::<A, H, S>(record.record, shared, invocation));
        let failure = end.await.err();
        let failed = failure.is_some();
        ended.push(failure);
        if failed {
            break;
        }
    }
    ended
}

/// A record's work in its child context: the handler, and the dead-letter sink for what is rejected.
fn work<A, H, S>(
    record: DurableRecord<A::Item>,
    shared: &SharedHandler<H>,
    invocation: &Arc<Invocation<S>>,
) -> DurableWork
where
    A: Asked,
    H: Handler<A::Item, S>,
    S: Clone + Send + Sync + 'static,
{
    let (shared, invocation) = (Arc::clone(shared), Arc::clone(invocation));
    in_scope(|scope| async move {
        let items = ItemReader::new(invocation, &shared.0);
        let failed = match record {
            Ok(item) => match handle::<A, H, S>(&items, item, &scope, &shared.1).await {
                Ok(()) => return Ok(DONE.to_owned()),
                Err(failed) => failed,
            },
            Err(unreadable) => unreadable,
        };
        let (raw, log_fields) = (failed.raw.clone(), failed.log_fields);
        telemetry::within(|| items.scope(raw, log_fields), settle(&items, failed, &scope)).await
    })
}

/// Work in the invocation's scope of log lines, whatever task it runs in.
fn in_scope<F, Fut>(work: F) -> DurableWork
where
    F: FnOnce(Arc<dyn DurableScope>) -> Fut + Send + 'static,
    Fut: Future<Output = Result<String, WorkFailure>> + Send,
{
    let given: Arc<OnceLock<Arc<dyn DurableScope>>> = Arc::default();
    let scope = Arc::clone(&given);
    // Taken here: the SDK may call the work in a task of its own.
    let run = telemetry::in_scope(async move {
        let scope = scope.get().expect("the scope is given before the first poll");
        let replaying = Arc::clone(scope);
        let run = work(Arc::clone(scope));
        telemetry::replaying(Arc::new(move || replaying.is_replaying()), run).await
    });
    Box::new(move |scope| {
        given.get_or_init(|| scope);
        Box::pin(run)
    })
}

/// Calls the handler. No deadline ends it: what is under way when the time runs out goes on in the next invocation.
async fn handle<A, H, S>(
    items: &ItemReader<'_, S>,
    item: ReadItem<A::Item>,
    scope: &Arc<dyn DurableScope>,
    handler: &H,
) -> Result<(), Box<FailedItem>>
where
    A: Asked,
    H: Handler<A::Item, S>,
    S: Clone + Send + Sync + 'static,
{
    let ReadItem {
        mended, raw, index, ..
    } = item;
    let cx = items.context::<A::Event>(raw.clone(), mended.filled);
    let cx = cx.in_child(Arc::clone(scope));
    let span = items.span::<A::Event>(&raw);
    let handling = pin!(called(handler, || *mended.item, cx));
    let handling = pin!(telemetry::within(
        || items.scope(raw.clone(), const { &LogFields::of::<A::Event>() }),
        span.around(handling)
    ));
    let failure = match panics::catching(handling).await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(failure)) => items.options.judge(failure),
        Err(panic) => items.options.panic.judge(Failure::panicked("the handler", panic)),
    };
    span.failed(failure.error_type(), &failure);
    Err(items.failed::<A::Event>(raw, index, failure))
}

/// A rejected record is done once the dead-letter sink has it, which it gets in a step. Every other one has failed.
async fn settle<S>(
    items: &ItemReader<'_, S>,
    mut failed: Box<FailedItem>,
    scope: &Arc<dyn DurableScope>,
) -> Result<String, WorkFailure> {
    if failed.failure.is_rejection() {
        let Some(sink) = items.invocation.router.sink().cloned() else {
            return fail(items, &items.sinkless(failed));
        };
        let letter = items.letter(&failed);
        let sending = scope.step(
            "dead letter",
            Box::new(move || {
                Box::pin(async move {
                    let sent = sink.send(letter).await;
                    sent.map_err(|error| WorkFailure::new(Failure::new(error).to_string()))
                })
            }),
        );
        match sending.await {
            Ok(()) => {
                items.log(&failed, true);
                return Ok(DONE.to_owned());
            }
            Err(error) => {
                failed = failed.unburied(format!("rejected, but the dead-letter sink failed: {error}"));
            }
        }
    }
    fail(items, &failed)
}

fn fail<S>(items: &ItemReader<'_, S>, failed: &FailedItem) -> Result<String, WorkFailure> {
    items.log(failed, false);
    Err(WorkFailure::new(failed.failure.to_string()))
}

/// Reads all records, and sorts them into lanes: those that a failure would keep from being started.
fn lanes<A, S>(
    cursor: &mut RecordCursor<'_>,
    items: &ItemReader<'_, S>,
    stop: Blocks,
) -> Vec<DurableLane<A::Item>>
where
    A: Asked,
    S: Clone + Send + Sync + 'static,
{
    let mut lanes: Vec<DurableLane<A::Item>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    while let Some(record) = cursor.next::<A, S>(items) {
        let (index, raw, lane) = match &record {
            Ok(item) => (item.index, item.raw.clone(), order(stop, || item.lane::<A>())),
            Err(failed) => (
                failed.index,
                failed.raw.clone(),
                order(stop, || failed.lane::<A::Event>()),
            ),
        };
        let name = name::<A::Event, S>(items, &raw, index);
        let named = NamedRecord {
            index,
            name,
            raw,
            record,
        };
        let place = lane.as_ref().and_then(|lane| places.get(lane).copied());
        match place.and_then(|place| lanes.get_mut(place)) {
            Some(lane) => lane.records.push(named),
            None => {
                if let Some(lane) = &lane {
                    places.insert(lane.clone(), lanes.len());
                }
                lanes.push(DurableLane {
                    name: printable(&format!("lane {}", lane.as_deref().unwrap_or(&named.name))),
                    records: vec![named],
                });
            }
        }
    }
    lanes
}

/// What keeps its records in order: the batch as a whole, or the record's own lane.
fn order(stop: Blocks, lane: impl FnOnce() -> Option<String>) -> Option<String> {
    match stop {
        Blocks::Nothing => None,
        Blocks::Batch => Some(String::new()),
        Blocks::Lane => lane(),
    }
}

/// The name of a record's child context: what it is identified by, or else its place.
fn name<E: Event, S>(items: &ItemReader<'_, S>, raw: &[u8], index: usize) -> String {
    let fields = const { &StableFields::of::<E>() };
    let identity = fields.identity(raw, items.invocation.received);
    printable(&identity.unwrap_or_else(|| format!("record {index}")))
}

/// The text as a name that Lambda takes.
fn printable(text: &str) -> String {
    let printable = |character: char| match character {
        ' '..='~' => character,
        _ => '?',
    };
    text.chars().map(printable).take(LONGEST_NAME).collect()
}

/// Notes how the records of a lane ended. Those that were not started are to be delivered again.
fn note<A, R, S>(
    items: &ItemReader<'_, S>,
    outcomes: &mut BatchOutcomes<R>,
    records: Vec<RecordKept>,
    ended: LaneEnd,
) where
    A: Asked,
{
    let mut ended = ended.into_iter();
    for (index, raw) in records {
        let failed = match ended.next() {
            Some(None) => {
                outcomes.done(index, raw, None);
                continue;
            }
            Some(Some(failure)) => items.failed::<A::Event>(raw, index, Failure::msg(failure.message)),
            None => FailedItem::unstarted::<A::Event, S>(items, raw, index),
        };
        outcomes.failed(&failed, None);
    }
}
