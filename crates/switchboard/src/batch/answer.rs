//! What became of a batch's records, in the words of its source.

use super::open::{Open, OpenRecord};
use super::results;
use super::tally::Tally;
use crate::error::Error;
use crate::event::{Delivery, Event, SequenceNumber, identify, number, text_at};
use crate::handler::{Ids, Offsets, Reply};
use crate::source::{Source, is_bare, key_text, records};
use bytes::Bytes;
use chrono::Utc;

/// The answer to a batch; `target`: to one of EventBridge Pipes as its target.
pub(super) fn compose<E: Event>(
    source: Source,
    payload: &Bytes,
    tally: &mut Tally<E::Reply>,
    target: bool,
) -> Result<Reply, Error> {
    tally.open.sort();
    match E::DELIVERY {
        Delivery::Transformation => {
            results::compose::<E>(payload, tally).unwrap_or_else(|| Err(nameless::<E>(source, tally)))
        }
        Delivery::Notification if tally.open.is_empty() => Ok(Reply::nothing()),
        Delivery::Notification | Delivery::Whole => Err(tally.error(source)),
        _ if is_bare(payload) => to_pipe::<E>(source, payload, tally, target),
        _ if tally.open.is_empty() => Ok(Reply::failures(Ids::default())),
        _ => report::<E>(source, payload, tally),
    }
}

/// The answer to a batch of which something has to come again.
#[cold]
fn report<E: Event>(source: Source, payload: &Bytes, tally: &Tally<E::Reply>) -> Result<Reply, Error> {
    let reply = match E::DELIVERY {
        Delivery::Queue => each::<E>(payload, &tally.open),
        Delivery::Stream => checkpoint::<E>(payload, &tally.open).map(|id| Reply::failures(Ids::one(&id))),
        Delivery::Partitions => offsets(payload, &tally.open),
        _ => None,
    };
    reply.ok_or_else(|| tally.error(source))
}

/// The answer to a batch of EventBridge Pipes.
///
/// A target names what has to come again, and no more than that comes. What an enrichment answers its target gets, so that
/// where it is not said which of the two this is, an answer says nothing: an empty object is all done to the one and no call
/// of the target to the other, and a failure is a function error, after which all comes again.
fn to_pipe<E: Event>(
    source: Source,
    payload: &Bytes,
    tally: &Tally<E::Reply>,
    target: bool,
) -> Result<Reply, Error> {
    match (target, tally.open.is_empty()) {
        (true, true) => Ok(Reply::failures(Ids::default())),
        (false, true) => Ok(Reply::empty()),
        (true, false) => named::<E>(payload, &tally.open).ok_or_else(|| tally.error(source)),
        (false, false) => Err(tally.error(source)),
    }
}

/// Every record that is not done, as Pipes knows it: a message by its `messageId`, a stream's record by its `eventID`.
fn named<E: Event>(payload: &[u8], open: &Open) -> Option<Reply> {
    let ([path], Delivery::Queue | Delivery::Stream) = (E::IDENTITY, E::DELIVERY) else {
        return None;
    };
    ids(payload, open, |raw| {
        text_at(raw, path).filter(|id| !id.is_empty())
    })
}

/// Every record that is not done, by its id.
fn each<E: Event>(payload: &[u8], open: &Open) -> Option<Reply> {
    ids(payload, open, |raw| identify::<E>(raw, Utc::now()))
}

/// Every record that is not done, by what names it. One without a name cannot be reported, nor can more than Lambda returns.
fn ids(payload: &[u8], open: &Open, name: impl Fn(&[u8]) -> Option<String>) -> Option<Reply> {
    let mut ids = Ids::default();
    for OpenRecord { raw, .. } in open.records(payload) {
        ids.push(&name(raw?)?);
        if !ids.fit() {
            return None;
        }
    }
    (ids.len() == open.len()).then(|| Reply::failures(ids))
}

/// Where the source has to deliver from again: the lowest record that is not done; if that has no number, the last
/// before it that has one.
pub(super) fn checkpoint<E: Event>(payload: &[u8], open: &Open) -> Option<String> {
    let first = open.records(payload).next()?;
    match identify::<E>(first.raw?, Utc::now()) {
        Some(id) => Some(lowest::<E>(payload, id, open)),
        None => {
            let mut last = None;
            let before = records(payload).take(first.index).map_while(Result::ok);
            before.for_each(|raw| last = identify::<E>(raw, Utc::now()).or(last.take()));
            last
        }
    }
}

/// A batch comes in the order of its numbers; should it not, the lowest number still covers all that is open.
fn lowest<E: Event>(payload: &[u8], first: String, open: &Open) -> String {
    if SequenceNumber::new(&first).is_none() {
        return first;
    }
    let ids = open.records(payload).skip(1);
    ids.filter_map(|record| identify::<E>(record.raw?, Utc::now()))
        .fold(first, |lowest, id| {
            match (SequenceNumber::new(&id), SequenceNumber::new(&lowest)) {
                (Some(number), Some(least)) if number < least => id,
                _ => lowest,
            }
        })
}

/// Every record that is not done, by its partition and offset: the one that failed, and all behind it. So nothing is left
/// out whether the source goes back to a partition's lowest offset or delivers no more than what is named. A record
/// without an offset cannot be reported, nor can more than Lambda returns.
fn offsets(payload: &[u8], open: &Open) -> Option<Reply> {
    let (mut offsets, mut found) = (Offsets::default(), 0);
    for OpenRecord { raw, group, .. } in open.records(payload) {
        offsets.push(key_text(group?), number(raw?, "offset")?);
        found += 1;
        if !offsets.fit() {
            return None;
        }
    }
    (found == open.len()).then(|| Reply::offsets(offsets))
}

/// A record whose result cannot be told, because there is nothing to name it by.
#[cold]
fn nameless<E: Event>(source: Source, tally: &Tally<E::Reply>) -> Error {
    let [id, ..] = E::ID else {
        return tally.error(source);
    };
    let nameless = format!("a record has no `{id}` that is a text, and cannot be answered without");
    tally.error_beside(source, Some(nameless))
}
