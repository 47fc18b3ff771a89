//! The result of each record of a transformation, in their order and within what Lambda returns.

use super::tally::{Done, Tally};
use crate::error::Error;
use crate::event::msk::{DATA, KAFKA_VALUE, METADATA, data_key};
use crate::event::{Event, Object, identify};
use crate::handler::{MAX_REPLY, Reply};
use crate::source::{parts, records};
use chrono::Utc;
use serde::Serialize;
use serde_json::value::RawValue;

const HEAD: &str = "{\"records\":[";
const TAIL: &str = "]}";
const FAILED: &str = "ProcessingFailed";
const DROPPED: &str = "Dropped";

/// The answer; `None` if a record has no id, so that its result cannot be told.
///
/// There may be very many records, and megabytes of data: each is gone over twice, once to see what there is room for, once to
/// write it.
pub(super) fn compose<E: Event>(payload: &[u8], tally: &mut Tally<E::Reply>) -> Option<Result<Reply, Error>> {
    tally.done.sort_by_key(|done| done.index);
    let key = Key::of(payload);
    let transformed: Result<Vec<Transformed>, _> = tally.done.iter().map(|done| fields(done, &key)).collect();
    let transformed = match transformed {
        Ok(transformed) => transformed,
        Err(error) => return Some(Err(Error::reply(error))),
    };
    let mut room = Room::default();
    for outcome in outcomes::<E>(payload, &transformed, &key) {
        room.take_in(&outcome?);
    }
    room.divide(MAX_REPLY);
    let mut answer = String::with_capacity(room.size.min(MAX_REPLY));
    answer.push_str(HEAD);
    for outcome in outcomes::<E>(payload, &transformed, &key) {
        if answer.len() > HEAD.len() {
            answer.push(',');
        }
        room.write(&outcome?, &mut answer);
    }
    answer.push_str(TAIL);
    Some(Reply::written(answer).map_err(Error::reply))
}

/// What the handler made of a record: the members of its result, behind the id. `None`: it was rejected.
struct Transformed {
    index: usize,
    fields: Option<String>,
}

fn fields<R: Serialize>(done: &Done<R>, key: &Key) -> serde_json::Result<Transformed> {
    let write = |reply| {
        let mut text = serde_json::to_string(reply)?;
        let key = key.of_record(&done.raw);
        if let (true, Some(mut result)) = (key != DATA, Object::parse(text.as_bytes())) {
            result.rename(DATA, key);
            text = serde_json::to_string(&result)?;
        }
        Ok(text)
    };
    let fields = done.reply.as_ref().map(write).transpose()?;
    Ok(Transformed {
        index: done.index,
        fields,
    })
}

/// One record's result.
struct Outcome<'r> {
    /// The record's id, quoted.
    id: String,
    content: Content<'r>,
}

enum Content<'r> {
    /// As the handler has it: it takes precedence where there is little room.
    Fields(&'r str),
    /// As it came: its source looks at the data in its own copy, so that it may be left out.
    Unchanged {
        result: &'static str,
        key: &'static str,
        data: Option<&'r str>,
    },
}

/// The results of all records, in their order; `None` for one without an id.
fn outcomes<'r, E: Event>(
    payload: &'r [u8],
    transformed: &'r [Transformed],
    key: &'r Key,
) -> impl Iterator<Item = Option<Outcome<'r>>> {
    let mut transformed = transformed.iter().peekable();
    records(payload).enumerate().map(move |(index, raw)| {
        let raw = raw.ok()?;
        let done = transformed.next_if(|transformed| transformed.index == index);
        let content = match done.map(|done| &done.fields) {
            Some(Some(fields)) => Content::Fields(fields.strip_prefix('{').unwrap_or("}")),
            Some(None) => Content::unchanged(DROPPED, raw, key),
            None => Content::unchanged(FAILED, raw, key),
        };
        let id = serde_json::to_string(&identify::<E>(raw, Utc::now())?).ok()?;
        Some(Outcome { id, content })
    })
}

impl<'r> Content<'r> {
    fn unchanged(result: &'static str, raw: &'r [u8], key: &Key) -> Self {
        let key = key.of_record(raw);
        let [data] = parts(raw, [Some(key)]);
        // Data that is no text is no answer either.
        let data = data.filter(|data| data.starts_with(b"\""));
        let data = data.and_then(|data| serde_json::from_slice::<&RawValue>(data).ok());
        Content::Unchanged {
            result,
            key,
            data: data.map(RawValue::get),
        }
    }
}

impl Outcome<'_> {
    fn is_transformed(&self) -> bool {
        matches!(self.content, Content::Fields(_))
    }

    fn write(&self, to: &mut impl FnMut(&str)) {
        match self.content {
            Content::Fields(fields) => ["{\"recordId\":", &self.id, ",", fields].into_iter().for_each(to),
            Content::Unchanged {
                result,
                key,
                data: Some(data),
            } => {
                self.start(result, to);
                ["\",\"", key, "\":", data, "}"].into_iter().for_each(to);
            }
            Content::Unchanged { .. } => self.write_short(to),
        }
    }

    /// Without data. What the handler has transformed becomes a failure, which its source keeps apart with all its data.
    fn write_short(&self, to: &mut impl FnMut(&str)) {
        let result = match self.content {
            Content::Fields(_) => FAILED,
            Content::Unchanged { result, .. } => result,
        };
        self.start(result, to);
        to("\"}");
    }

    fn start(&self, result: &str, to: &mut impl FnMut(&str)) {
        let start = ["{\"recordId\":", &self.id, ",\"result\":\"", result];
        start.into_iter().for_each(to);
    }

    fn length(&self) -> usize {
        let mut length = 0;
        self.write(&mut |text| length += text.len());
        length
    }

    fn short_length(&self) -> usize {
        let mut length = 0;
        self.write_short(&mut |text| length += text.len());
        length
    }
}

/// What the results may take beyond their shortest form: first the data of records that were not transformed goes, then, from
/// the last on, that of those that were.
#[derive(Default)]
struct Room {
    /// Of all that is to be written.
    size: usize,
    transformed: usize,
    unchanged: usize,
}

impl Room {
    fn take_in(&mut self, outcome: &Outcome<'_>) {
        let length = outcome.length();
        let more = length.saturating_sub(outcome.short_length());
        self.size += length + 1;
        *self.of(outcome) += more;
    }

    /// Divides what there is between them.
    fn divide(&mut self, limit: usize) {
        self.size += HEAD.len() + TAIL.len();
        let shortest = self.size - self.transformed - self.unchanged;
        let room = limit.saturating_sub(shortest);
        self.transformed = self.transformed.min(room);
        self.unchanged = self.unchanged.min(room - self.transformed);
    }

    fn write(&mut self, outcome: &Outcome<'_>, answer: &mut String) {
        let more = outcome.length().saturating_sub(outcome.short_length());
        let room = self.of(outcome);
        let mut write = |text: &str| answer.push_str(text);
        match room.checked_sub(more) {
            Some(left) => {
                *room = left;
                outcome.write(&mut write);
            }
            // Nothing behind it has its data either.
            None => {
                *room = 0;
                outcome.write_short(&mut write);
            }
        }
    }

    fn of(&mut self, outcome: &Outcome<'_>) -> &mut usize {
        match outcome.is_transformed() {
            true => &mut self.transformed,
            false => &mut self.unchanged,
        }
    }
}

/// Where the data of results goes.
struct Key {
    /// Whether there may be records that have it elsewhere than most: a search that costs next to nothing.
    from_msk: bool,
}

impl Key {
    fn of(payload: &[u8]) -> Self {
        let holds = |key: &str| memchr::memmem::find(payload, key.as_bytes()).is_some();
        Self {
            from_msk: holds(KAFKA_VALUE) || holds(METADATA),
        }
    }

    fn of_record(&self, raw: &[u8]) -> &'static str {
        match self.from_msk {
            true => data_key(raw),
            false => DATA,
        }
    }
}
