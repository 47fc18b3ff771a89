//! What became of a batch's records, in the words of its source.

use super::item::Failed;
use super::results;
use super::tally::Tally;
use crate::error::Error;
use crate::event::{Delivery, Event, SequenceNumber, identify, number};
use crate::router::{Offset, Reply};
use crate::source::{Source, records};
use bytes::Bytes;
use chrono::Utc;
use std::collections::BTreeMap;

/// The answer to a batch.
pub(super) fn compose<E: Event>(
    source: Source,
    payload: &Bytes,
    tally: &mut Tally<E::Reply>,
) -> Result<Reply, Error> {
    tally.sort_open();
    match E::DELIVERY {
        Delivery::Transformation => {
            results::compose::<E>(tally).unwrap_or_else(|| Err(failed(source, tally)))
        }
        _ if !tally.open.is_empty() => report::<E>(source, payload, tally),
        Delivery::Notification => Ok(Reply::nothing()),
        _ => Ok(Reply::failures(Vec::new())),
    }
}

/// The answer to a batch of which something has to come again.
#[cold]
fn report<E: Event>(source: Source, payload: &Bytes, tally: &Tally<E::Reply>) -> Result<Reply, Error> {
    // What reports a batch of EventBridge Pipes (a bare array) is not the source's own mapping: there, all of it has
    // to come again.
    let reply = match E::DELIVERY {
        _ if is_pipe(payload) => None,
        Delivery::Queue => each(&tally.open),
        Delivery::Stream => checkpoint::<E>(payload, &tally.open).map(|id| Reply::failures(vec![id])),
        Delivery::Partitions => offsets(payload, &tally.open),
        _ => None,
    };
    reply.ok_or_else(|| failed(source, tally))
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

/// Where each partition has to be delivered from again: at its lowest record that is not done; if that has no
/// offset, at the last before it that has one.
fn offsets(payload: &Bytes, open: &[Failed]) -> Option<Reply> {
    let mut lowest: BTreeMap<&str, i64> = BTreeMap::new();
    for failed in open {
        let partition = failed.group.as_deref()?;
        let offset = offset(&failed.raw).or_else(|| offset_before(payload, failed.index, &failed.group));
        let lowest = lowest.entry(partition).or_insert(i64::MAX);
        *lowest = offset?.min(*lowest);
    }
    let offset = |(partition, offset): (&str, i64)| Offset {
        partition: partition.to_owned(),
        offset,
    };
    Some(Reply::offsets(lowest.into_iter().map(offset).collect()))
}

fn offset(raw: &[u8]) -> Option<i64> {
    number(raw, "offset")
}

fn offset_before(payload: &Bytes, index: usize, group: &Option<std::sync::Arc<str>>) -> Option<i64> {
    let mut all = records(payload);
    let mut found = None;
    for _ in 0..index {
        let raw = all.next()?.ok()?;
        let same = all.group() == group.as_deref().map(str::as_bytes);
        found = if same { offset(raw).or(found) } else { None };
    }
    found
}

fn failed<R>(source: Source, tally: &Tally<R>) -> Error {
    Error::failed(
        source,
        tally.open.iter().map(ToString::to_string).collect(),
        tally.count,
    )
}

fn is_pipe(payload: &Bytes) -> bool {
    payload.trim_ascii_start().first() == Some(&b'[')
}
