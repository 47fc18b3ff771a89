//! The outcomes of a batch's records, in the format of its source.

use super::open::{OpenRanges, OpenRecord};
use super::outcomes::BatchOutcomes;
use super::results;
use crate::error::Error;
use crate::event::{Delivery, Event, SequenceNumber, identify, number, text_at};
use crate::handler::{Ids, Offsets, Reply};
use crate::source::{Source, is_bare, key_text, records};
use bytes::Bytes;
use chrono::Utc;

/// The answer to a batch; `target` says that it is for an EventBridge pipe, as its target.
pub(super) fn compose<E: Event>(
    source: Source,
    payload: &Bytes,
    outcomes: &mut BatchOutcomes<E::Reply>,
    target: bool,
) -> Result<Reply, Error> {
    outcomes.open.sort();
    match E::DELIVERY {
        Delivery::Transformation => {
            results::compose::<E>(payload, outcomes).unwrap_or_else(|| Err(nameless::<E>(source, outcomes)))
        }
        Delivery::Notification | Delivery::Ordered if outcomes.open.is_empty() => Ok(Reply::nothing()),
        Delivery::Notification | Delivery::Ordered | Delivery::Whole => Err(outcomes.error(source)),
        _ if is_bare(payload) => to_pipe::<E>(source, payload, outcomes, target),
        _ if outcomes.open.is_empty() => Ok(Reply::failures(Ids::default())),
        _ => report::<E>(source, payload, outcomes),
    }
}

/// The answer to a batch of which some records must be delivered again.
#[cold]
fn report<E: Event>(
    source: Source,
    payload: &Bytes,
    outcomes: &BatchOutcomes<E::Reply>,
) -> Result<Reply, Error> {
    let reply = match E::DELIVERY {
        Delivery::Queue => each::<E>(payload, &outcomes.open),
        Delivery::Stream => checkpoint::<E>(payload, &outcomes.open).map(|id| Reply::failures(Ids::one(&id))),
        Delivery::Partitions => offsets(payload, &outcomes.open),
        _ => None,
    };
    reply.ok_or_else(|| outcomes.error(source))
}

/// The answer to a batch of EventBridge Pipes.
///
/// A target names the records to deliver again, and the pipe delivers only those. But the answer of an enrichment is
/// sent to the pipe's target. If the application does not say which of the two the function is, the answer must be
/// harmless for both: an empty object means success for a target, and no call of the target for an enrichment; a
/// failure is a function error, after which the whole batch is delivered again.
fn to_pipe<E: Event>(
    source: Source,
    payload: &Bytes,
    outcomes: &BatchOutcomes<E::Reply>,
    target: bool,
) -> Result<Reply, Error> {
    match (target, outcomes.open.is_empty()) {
        (true, true) => Ok(Reply::failures(Ids::default())),
        (false, true) => Ok(Reply::empty()),
        (true, false) => named::<E>(payload, &outcomes.open).ok_or_else(|| outcomes.error(source)),
        (false, false) => Err(outcomes.error(source)),
    }
}

/// Every record that is not done, under Pipes' name: a message's `messageId`, a stream record's `eventID`.
fn named<E: Event>(payload: &[u8], open: &OpenRanges) -> Option<Reply> {
    let ([path], Delivery::Queue | Delivery::Stream) = (E::IDENTITY, E::DELIVERY) else {
        return None;
    };
    ids(payload, open, |raw| {
        text_at(raw, path).filter(|id| !id.is_empty())
    })
}

/// Every record that is not done, by its id.
fn each<E: Event>(payload: &[u8], open: &OpenRanges) -> Option<Reply> {
    ids(payload, open, |raw| identify::<E>(raw, Utc::now()))
}

/// Every record that is not done, by its name. `None` if one has no name, or the answer would be larger than Lambda
/// returns.
fn ids(payload: &[u8], open: &OpenRanges, name: impl Fn(&[u8]) -> Option<String>) -> Option<Reply> {
    let mut ids = Ids::default();
    for OpenRecord { raw, .. } in open.records(payload) {
        ids.push(&name(raw?)?);
        if !ids.fit() {
            return None;
        }
    }
    (ids.len() == open.len()).then(|| Reply::failures(ids))
}

/// The position from which the source must deliver again: the lowest record that is not done, or, if that has no
/// number, the last record before it that has one.
pub(super) fn checkpoint<E: Event>(payload: &[u8], open: &OpenRanges) -> Option<String> {
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

/// A batch is usually in the order of its numbers. If it is not, the lowest number still covers all open records.
fn lowest<E: Event>(payload: &[u8], first: String, open: &OpenRanges) -> String {
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

/// Every record that is not done, by its partition and offset: the failed record, and all behind it. So none is lost,
/// whether the source resumes at a partition's lowest offset or delivers only the named records. `None` if a record has
/// no offset, or the answer would be larger than Lambda returns.
fn offsets(payload: &[u8], open: &OpenRanges) -> Option<Reply> {
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

/// A record whose result cannot be reported, because it has no name.
#[cold]
fn nameless<E: Event>(source: Source, outcomes: &BatchOutcomes<E::Reply>) -> Error {
    let [id, ..] = E::ID else {
        return outcomes.error(source);
    };
    let nameless = format!("a record has no `{id}` that is a text, and cannot be answered without");
    outcomes.error_beside(source, Some(nameless))
}
