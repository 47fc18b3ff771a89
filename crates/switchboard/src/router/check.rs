//! The final check of an answer: whether its source will accept it. An invalid answer counts as a failure of all
//! records or, worse, as the success of all.

use super::results;
use crate::error::Error;
use crate::event::{number, text_at};
use crate::handler::{MAX_REPLY, Offset, Reply, ReplyKind};
use crate::source::{Delivery, ReplyForm, Source, is_bare, key_text, parts, records};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Checks a reply against its source's contract.
///
/// # Errors
/// The contract is violated. The invocation then fails, so that the event is delivered again instead of being lost.
pub(super) fn check(source: Source, payload: &[u8], reply: &Reply) -> Result<(), Error> {
    let found = match &reply.kind {
        ReplyKind::Nothing | ReplyKind::Empty => Ok(()),
        ReplyKind::Failures(ids) => ids_of(source, payload, ids.iter()),
        ReplyKind::Offsets(offsets) => offsets_of(payload, offsets.iter()),
        ReplyKind::Window { state, failures } => {
            fits(state.get()).and_then(|()| ids_of(source, payload, failures.iter()))
        }
        ReplyKind::Pipe(json) => fits(json.get()),
        ReplyKind::Json(json) => fits(json.get()).and_then(|()| own_answer(source, payload, json)),
        // Composed and measured for its source.
        #[cfg(feature = "http")]
        ReplyKind::Http(_) => Ok(()),
        // Composed by the SDK.
        #[cfg(feature = "durable")]
        ReplyKind::Enveloped(_) => Ok(()),
        // Known when it has been sent.
        ReplyKind::Stream(_) => Ok(()),
    };
    found.map_err(|problem| {
        tracing::error!(%source, problem, "the reply violates its source's contract and is not sent");
        Error::invalid_reply(source, problem)
    })
}

fn fits(json: &str) -> Result<(), String> {
    match json.len() {
        0..=MAX_REPLY => Ok(()),
        size => Err(format!(
            "it has {size} bytes, but Lambda returns at most {MAX_REPLY}"
        )),
    }
}

/// A handler's reply to the whole event.
fn own_answer(source: Source, payload: &[u8], json: &RawValue) -> Result<(), String> {
    // The reply of an enrichment may be anything: it goes to the pipe's target.
    if is_bare(payload) && !names_failures(json) {
        return Ok(());
    }
    match source.delivery() {
        Delivery::Stream | Delivery::Queue => {
            let ids: Vec<Id<'_>> = partial(json)?;
            ids_of(source, payload, ids.iter().map(|Id(id)| &**id))
        }
        Delivery::Partitions => {
            let offsets: Vec<AnswerOffset<'_>> = partial(json)?;
            offsets_of(payload, offsets.iter().map(AnswerOffset::named))
        }
        Delivery::Transformation => results::check(payload, json),
        Delivery::Notification | Delivery::Ordered | Delivery::Whole => {
            match source.proxy().map(|proxy| proxy.reply) {
                Some(ReplyForm::MultiValue | ReplyForm::LoadBalancer) => no_cookies(json),
                Some(ReplyForm::Cookies) | None => Ok(()),
            }
        }
    }
}

fn no_cookies(json: &RawValue) -> Result<(), String> {
    match parts(json.get().as_bytes(), [Some("cookies")]) {
        [Some(_)] => Err(
            "it has `cookies`, which only HTTP APIs and function URLs take: set them in \
                        `multiValueHeaders`"
                .to_owned(),
        ),
        [None] => Ok(()),
    }
}

/// An id in a handler's own answer.
#[derive(Deserialize)]
struct Id<'a>(#[serde(borrow)] Cow<'a, str>);

/// The same of Kafka.
#[derive(Deserialize)]
struct AnswerOffset<'a> {
    #[serde(borrow)]
    partition: Cow<'a, str>,
    offset: i64,
}

impl AnswerOffset<'_> {
    fn named(&self) -> Offset<'_> {
        Offset {
            partition: &self.partition,
            offset: self.offset,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartialReply<T> {
    batch_item_failures: Option<Vec<ItemFailure<T>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure<T> {
    item_identifier: T,
}

fn names_failures(json: &RawValue) -> bool {
    let [failures] = parts(json.get().as_bytes(), [Some("batchItemFailures")]);
    failures.is_some()
}

/// The identifiers in a partial answer. An answer that names no failures means that all records are done.
fn partial<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Result<Vec<T>, String> {
    let read: Result<Option<PartialReply<T>>, _> = serde_json::from_str(json.get());
    let partial = read.map_err(|_| {
        "its `batchItemFailures` is no list of objects with an `itemIdentifier` of this source each: all would count \
         as failed"
    })?;
    let failures = partial.and_then(|partial| partial.batch_item_failures);
    let ids = failures
        .into_iter()
        .flatten()
        .map(|failure| failure.item_identifier);
    Ok(ids.collect())
}

/// Whether each id is that of a record in the batch.
fn ids_of<'r>(source: Source, payload: &[u8], ids: impl Iterator<Item = &'r str>) -> Result<(), String> {
    let mut ids = ids.peekable();
    if ids.peek().is_none() {
        return Ok(());
    }
    // No other source has a documented partial answer.
    let (Delivery::Stream | Delivery::Queue, [path]) = (source.delivery(), source.identifier()) else {
        return Ok(());
    };
    let in_pipe = source.pipe_identifier().filter(|_| is_bare(payload));
    let path = in_pipe.unwrap_or(path);
    let mut known = records(payload)
        .map_while(Result::ok)
        .filter_map(|raw| text_at(raw, path));
    // Usually in the order of the batch: then no other ids need to be kept.
    while ids
        .next_if(|id| !id.is_empty() && known.by_ref().any(|known| known == **id))
        .is_some()
    {}
    let mut strangers: HashSet<&str> = ids.collect();
    if strangers.is_empty() {
        return Ok(());
    }
    for raw in records(payload).map_while(Result::ok) {
        if let Some(known) = text_at(raw, path).filter(|id| !id.is_empty()) {
            strangers.remove(&*known);
        }
    }
    match strangers.into_iter().min() {
        Some("") => Err("an `itemIdentifier` is empty: all would count as failed".to_owned()),
        Some(id) => Err(format!(
            "the `itemIdentifier` {id:?} is not a `{path}` of the batch: all would count as failed"
        )),
        None => Ok(()),
    }
}

fn offsets_of<'r>(payload: &[u8], offsets: impl Iterator<Item = Offset<'r>>) -> Result<(), String> {
    let (mut all, mut offsets) = (records(payload), offsets.peekable());
    // Usually in the order of the batch: then no other ids need to be kept.
    while let (Some(named), Some(Ok(raw))) = (offsets.peek(), all.next()) {
        if is_at(raw, all.group(), *named) {
            offsets.next();
        }
    }
    let mut strangers: HashMap<&str, HashSet<i64>> = HashMap::new();
    for Offset { partition, offset } in offsets {
        strangers.entry(partition).or_default().insert(offset);
    }
    if strangers.is_empty() {
        return Ok(());
    }
    let mut all = records(payload);
    while let Some(Ok(raw)) = all.next() {
        let named = all.group().and_then(|group| strangers.get_mut(&*key_text(group)));
        if let (Some(named), Some(offset)) = (named, number(raw, "offset")) {
            named.remove(&offset);
        }
    }
    let left = strangers
        .into_iter()
        .filter_map(|(name, left)| Some((name, left.into_iter().min()?)));
    match left.min() {
        Some((partition, offset)) => Err(format!(
            "offset {offset} of partition {partition:?} is not in the batch: all would count as failed"
        )),
        None => Ok(()),
    }
}

fn is_at(raw: &[u8], group: Option<&[u8]>, named: Offset<'_>) -> bool {
    number(raw, "offset") == Some(named.offset)
        && group
            .is_some_and(|group| group == named.partition.as_bytes() || key_text(group) == named.partition)
}
