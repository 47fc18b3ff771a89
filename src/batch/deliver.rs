//! From a payload to its answer, by the event's kind of delivery.

use super::clock::Clock;
use super::item::{Failed, Items, handle};
use super::run::run;
use super::tally::{Stop, Tally};
use crate::error::Error;
use crate::event::{Delivery, Event, SequenceNumber};
use crate::router::{Call, Handler, Reply};
use crate::source::Source;
use bytes::Bytes;

/// Hands the payload's items to the handler and composes the answer.
pub(crate) async fn deliver<E, H, S>(call: Call<S>, handler: &H) -> Result<Reply, Error>
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let Call {
        payload,
        state,
        invocation,
        sink,
    } = call;
    let unreadable = handler.options().unreadable;
    let items = Items {
        state,
        invocation,
        sink,
        unreadable,
    };
    let source = items.source();
    match E::DELIVERY {
        Delivery::Whole => whole::<E, H, S>(&items, payload, handler).await,
        Delivery::Notification => answer_nothing(
            source,
            &run::<E, H, S>(&items, &payload, Stop::Nothing, handler).await,
        ),
        Delivery::Queue => answer_failures(
            source,
            &payload,
            &run::<E, H, S>(&items, &payload, Stop::Lane, handler).await,
        ),
        Delivery::Stream => answer_checkpoint(
            source,
            &payload,
            &run::<E, H, S>(&items, &payload, Stop::Batch, handler).await,
        ),
    }
}

async fn whole<E, H, S>(items: &Items<S>, payload: Bytes, handler: &H) -> Result<Reply, Error>
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let clock = Clock::new(items.invocation.lambda.deadline(), None);
    let outcome = match items.mend::<E>(payload, 0) {
        Ok(item) => handle::<E, H, S>(items, item, &clock, handler).await,
        Err(failed) => Err(failed),
    };
    let failed = match outcome {
        Ok(reply) => return Reply::json(&reply).map_err(Error::reply),
        Err(failed) => failed,
    };
    match items.settle(failed).await {
        Ok(()) => Ok(Reply::nothing()),
        Err(failed) => Err(Error::failed(items.source(), vec![failed.to_string()], 1)),
    }
}

/// The source takes no answer: what failed fails the invocation.
fn answer_nothing(source: Source, tally: &Tally) -> Result<Reply, Error> {
    if tally.open.is_empty() {
        return Ok(Reply::nothing());
    }
    Err(failed(source, tally))
}

/// Every record that is not done by its id. One without an id cannot be reported, and what reports a batch of
/// EventBridge Pipes (a bare array) is not the source's own mapping: there, all of it has to come again.
fn answer_failures(source: Source, payload: &Bytes, tally: &Tally) -> Result<Reply, Error> {
    let ids: Option<Vec<String>> = tally.open.iter().map(|failed| failed.id.clone()).collect();
    match ids {
        Some(ids) if ids.is_empty() || !is_pipe(payload) => Ok(Reply::failures(ids)),
        _ => Err(failed(source, tally)),
    }
}

/// Where the source has to deliver from again: the lowest record that is not done. What is said of ids and pipes
/// above holds here for that record.
fn answer_checkpoint(source: Source, payload: &Bytes, tally: &Tally) -> Result<Reply, Error> {
    let Some(first) = tally.open.iter().min_by_key(|failed| failed.index) else {
        return Ok(Reply::failures(Vec::new()));
    };
    match &first.id {
        Some(id) if !is_pipe(payload) => Ok(Reply::failures(vec![lowest(id, &tally.open)])),
        _ => Err(failed(source, tally)),
    }
}

/// A batch comes in the order of its numbers; should it not, the lowest number still covers all that is open.
fn lowest(first: &str, open: &[Failed]) -> String {
    let numbers = open
        .iter()
        .filter_map(|failed| SequenceNumber::new(failed.id.as_deref()?).zip(failed.id.as_deref()));
    let lowest = SequenceNumber::new(first).and_then(|_| numbers.min_by_key(|(number, _)| *number));
    lowest.map_or(first, |(_, id)| id).to_owned()
}

fn failed(source: Source, tally: &Tally) -> Error {
    let mut open: Vec<&Failed> = tally.open.iter().collect();
    open.sort_by_key(|failed| failed.index);
    Error::failed(
        source,
        open.into_iter().map(ToString::to_string).collect(),
        tally.count,
    )
}

fn is_pipe(payload: &Bytes) -> bool {
    payload.trim_ascii_start().first() == Some(&b'[')
}
