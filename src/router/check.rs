//! The last look at an answer: whether its source takes it. What it does not take it counts as all failed, or worse, as
//! all done.

use super::Reply;
use super::reply::{Kind, MAX_REPLY, Offset};
use crate::error::Error;
use crate::event::msk::{KAFKA_VALUE, data_key};
use crate::event::{Object, number, text_at};
use crate::source::{Source, is_bare, key_text, records};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// Holds a reply against its source's contract.
///
/// # Errors
/// What is wrong with it: the invocation fails then, so that the event comes again instead of being lost.
pub(super) fn check(source: Source, payload: &[u8], reply: &Reply) -> Result<(), Error> {
    let found = match &reply.kind {
        Kind::Nothing | Kind::Empty => Ok(()),
        Kind::Failures(ids) => ids_of(source, payload, ids.iter().map(String::as_str)),
        Kind::Offsets(offsets) => offsets_of(payload, offsets),
        Kind::Window { state, failures } => {
            fits(state.get()).and_then(|()| ids_of(source, payload, failures.iter().map(String::as_str)))
        }
        Kind::Pipe(json) => fits(json.get()),
        Kind::Json(json) => fits(json.get()).and_then(|()| own_answer(source, payload, json)),
        // Composed for its source, and measured then.
        #[cfg(feature = "http")]
        Kind::Http(_) => Ok(()),
    };
    found.map_err(|problem| {
        tracing::error!(%source, problem, "the reply is not sent");
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

/// A handler's own answer to the whole event.
fn own_answer(source: Source, payload: &[u8], json: &RawValue) -> Result<(), String> {
    match source {
        // What an enrichment answers is its target's, whatever it is.
        _ if is_bare(payload) && !names_failures(json) => Ok(()),
        Source::Sqs | Source::Kinesis | Source::KinesisWindow | Source::Dynamodb | Source::DynamodbWindow => {
            let ids: Vec<String> = partial(json)?;
            ids_of(source, payload, ids.iter().map(String::as_str))
        }
        Source::Kafka => offsets_of(payload, &partial(json)?),
        Source::KinesisFirehose => results_of(payload, json),
        Source::ApiGatewayRest | Source::ApiGatewayWebsocket | Source::Alb => no_cookies(json),
        _ => Ok(()),
    }
}

fn no_cookies(json: &RawValue) -> Result<(), String> {
    match Object::parse(json.get().as_bytes()).and_then(|reply| reply.get("cookies")) {
        Some(_) => Err(
            "it has `cookies`, which only HTTP APIs and function URLs take: set them in \
                        `multiValueHeaders`"
                .to_owned(),
        ),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Partial<T> {
    batch_item_failures: Option<Vec<Failure<T>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure<T> {
    item_identifier: T,
}

fn names_failures(json: &RawValue) -> bool {
    let reply = Object::parse(json.get().as_bytes());
    reply.is_some_and(|reply| reply.get("batchItemFailures").is_some())
}

/// The identifiers of a partial answer. What says nothing of failures counts as all done.
fn partial<T: for<'de> Deserialize<'de>>(json: &RawValue) -> Result<Vec<T>, String> {
    let read: Result<Option<Partial<T>>, _> = serde_json::from_str(json.get());
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
    let path = match source {
        Source::Sqs => "messageId",
        // A pipe's records are flat, and known by another id.
        Source::Dynamodb | Source::Kinesis if is_bare(payload) => "eventID",
        Source::Dynamodb | Source::DynamodbWindow => "dynamodb.SequenceNumber",
        Source::Kinesis | Source::KinesisWindow => "kinesis.sequenceNumber",
        // Another source has no documented answer of this kind.
        _ => return Ok(()),
    };
    let known: HashSet<String> = records(payload)
        .map_while(Result::ok)
        .filter_map(|raw| text_at(raw, path))
        .collect();
    match ids.find(|id| id.is_empty() || !known.contains(*id)) {
        Some("") => Err("an `itemIdentifier` is empty: all would count as failed".to_owned()),
        Some(id) => Err(format!(
            "the `itemIdentifier` {id:?} is no `{path}` of the batch: all would count as failed"
        )),
        None => Ok(()),
    }
}

fn offsets_of(payload: &[u8], offsets: &[Offset]) -> Result<(), String> {
    if offsets.is_empty() {
        return Ok(());
    }
    let mut known = HashSet::new();
    let mut all = records(payload);
    while let Some(Ok(raw)) = all.next() {
        let partition = all.group().map(key_text);
        known.extend(partition.zip(number(raw, "offset")));
    }
    let wrong = |offset: &&Offset| !known.contains(&(offset.partition.clone(), offset.offset));
    match offsets.iter().find(wrong) {
        Some(Offset { partition, offset }) => Err(format!(
            "offset {offset} of partition {partition:?} is not in the batch: all would count as failed"
        )),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
struct Results {
    records: Vec<ResultRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultRecord {
    record_id: String,
    result: String,
    data: Option<String>,
    kafka_record_value: Option<String>,
}

/// Whether each record of the event has one result.
fn results_of(payload: &[u8], json: &RawValue) -> Result<(), String> {
    let results: Results = serde_json::from_str(json.get())
        .map_err(|_| "it is no object with `records`, each with its `recordId` and `result`")?;
    // A list for each id: AWS's own sample of syslog lines has one id twice.
    let mut open: HashMap<String, Vec<&'static str>> = HashMap::new();
    for raw in records(payload).map_while(Result::ok) {
        if let Some(id) = text_at(raw, "recordId") {
            open.entry(id).or_default().push(data_key(raw));
        }
    }
    for ResultRecord {
        record_id,
        result,
        data,
        kafka_record_value,
    } in results.records
    {
        let Some(key) = open.get_mut(&record_id).and_then(Vec::pop) else {
            return Err(format!(
                "the `recordId` {record_id:?} is not in the event, or there twice"
            ));
        };
        let data = match key {
            KAFKA_VALUE => kafka_record_value,
            _ => data,
        };
        match (result.as_str(), data) {
            ("Ok", Some(_)) | ("Dropped" | "ProcessingFailed", _) => {}
            ("Ok", None) => {
                return Err(format!("the result of {record_id:?} is `Ok`, but has no `{key}`"));
            }
            _ => {
                return Err(format!(
                    "the `result` of {record_id:?} is none of `Ok`, `Dropped` and `ProcessingFailed`"
                ));
            }
        }
    }
    let unanswered = open.into_iter().filter(|(_, keys)| !keys.is_empty());
    match unanswered.map(|(id, _)| id).min() {
        Some(id) => Err(format!("the record {id:?} has no result")),
        None => Ok(()),
    }
}
