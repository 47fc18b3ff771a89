//! What became of a batch's records, in the words of its source.

use super::item::Failed;
use super::results;
use super::tally::Tally;
use crate::error::Error;
use crate::event::{Delivery, Event, SequenceNumber, identify, number, text_at};
use crate::router::{Offset, Reply};
use crate::source::{Source, is_bare, records};
use bytes::Bytes;
use chrono::Utc;

/// The answer to a batch; `target`: to one of EventBridge Pipes as its target.
pub(super) fn compose<E: Event>(
    source: Source,
    payload: &Bytes,
    tally: &mut Tally<E::Reply>,
    target: bool,
) -> Result<Reply, Error> {
    tally.sort_open();
    match E::DELIVERY {
        Delivery::Transformation => {
            results::compose::<E>(payload, tally).unwrap_or_else(|| Err(nameless::<E>(source, tally)))
        }
        Delivery::Notification if tally.open.is_empty() => Ok(Reply::nothing()),
        Delivery::Notification | Delivery::Whole => Err(failed(source, tally)),
        _ if is_bare(payload) => to_pipe::<E>(source, tally, target),
        _ if tally.open.is_empty() => Ok(Reply::failures(Vec::new())),
        _ => report::<E>(source, payload, tally),
    }
}

/// The answer to a batch of which something has to come again.
#[cold]
fn report<E: Event>(source: Source, payload: &Bytes, tally: &Tally<E::Reply>) -> Result<Reply, Error> {
    let reply = match E::DELIVERY {
        Delivery::Queue => each(&tally.open),
        Delivery::Stream => checkpoint::<E>(payload, &tally.open).map(|id| Reply::failures(vec![id])),
        Delivery::Partitions => offsets(&tally.open),
        _ => None,
    };
    reply.ok_or_else(|| failed(source, tally))
}

/// The answer to a batch of EventBridge Pipes.
///
/// A target names what has to come again, and no more than that comes. What an enrichment answers its target gets, so that
/// where it is not said which of the two this is, an answer says nothing: an empty object is all done to the one and no call
/// of the target to the other, and a failure is a function error, after which all comes again.
fn to_pipe<E: Event>(source: Source, tally: &Tally<E::Reply>, target: bool) -> Result<Reply, Error> {
    match (target, tally.open.is_empty()) {
        (true, true) => Ok(Reply::failures(Vec::new())),
        (false, true) => Ok(Reply::empty()),
        (true, false) => named::<E>(&tally.open).ok_or_else(|| failed(source, tally)),
        (false, false) => Err(failed(source, tally)),
    }
}

/// Every record that is not done, as Pipes knows it: a message by its `messageId`, a stream's record by its `eventID`.
fn named<E: Event>(open: &[Failed]) -> Option<Reply> {
    let ([path], Delivery::Queue | Delivery::Stream) = (E::IDENTITY, E::DELIVERY) else {
        return None;
    };
    let id = |failed: &Failed| text_at(&failed.raw, path).filter(|id| !id.is_empty());
    let ids: Option<Vec<String>> = open.iter().map(id).collect();
    ids.map(Reply::failures)
}

/// Every record that is not done, by its id. One without an id cannot be reported.
fn each(open: &[Failed]) -> Option<Reply> {
    let ids: Option<Vec<String>> = open.iter().map(|failed| failed.id.clone()).collect();
    ids.map(Reply::failures)
}

/// Where the source has to deliver from again: the lowest record that is not done; if that has no number, the last
/// before it that has one.
pub(super) fn checkpoint<E: Event>(payload: &Bytes, open: &[Failed]) -> Option<String> {
    let first = open.first().filter(|failed| !failed.is_cut())?;
    match &first.id {
        Some(id) => Some(lowest(id, open)),
        None => {
            let before: Vec<&[u8]> = records(payload).take(first.index).map_while(Result::ok).collect();
            before.iter().rev().find_map(|raw| identify::<E>(raw, Utc::now()))
        }
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

/// Every record that is not done, by its partition and offset: the one that failed, and all behind it. So nothing is left
/// out whether the source goes back to a partition's lowest offset or delivers no more than what is named. A record
/// without an offset cannot be reported.
fn offsets(open: &[Failed]) -> Option<Reply> {
    let offset = |failed: &Failed| {
        let partition = failed.group.as_deref()?.to_owned();
        let offset = number(&failed.raw, "offset")?;
        Some(Offset { partition, offset })
    };
    let mut offsets: Vec<Offset> = open.iter().map(offset).collect::<Option<_>>()?;
    offsets.dedup();
    Some(Reply::offsets(offsets))
}

/// A record whose result cannot be told, because there is nothing to name it by.
#[cold]
fn nameless<E: Event>(source: Source, tally: &Tally<E::Reply>) -> Error {
    let [id, ..] = E::ID else {
        return failed(source, tally);
    };
    let mut failures = vec![format!(
        "a record has no `{id}` that is a text, and cannot be answered without"
    )];
    failures.extend(tally.open.iter().map(ToString::to_string));
    Error::failed(source, failures, tally.count)
}

pub(super) fn failed<R>(source: Source, tally: &Tally<R>) -> Error {
    Error::failed(
        source,
        tally.open.iter().map(ToString::to_string).collect(),
        tally.count,
    )
}
