//! The result of each record of a transformation, in their order and within what Lambda returns.

use super::tally::{Done, Tally};
use crate::error::Error;
use crate::event::msk::{DATA, KAFKA_VALUE, METADATA, data_key};
use crate::event::{Event, Object, identify};
use crate::router::{MAX_REPLY, Reply};
use chrono::Utc;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// What stands around the records: `{"records":[]}`.
const FRAME: usize = 14;

/// One record's result, as JSON.
struct Outcome {
    index: usize,
    /// The record's id, quoted.
    id: String,
    /// What goes out.
    text: String,
    /// Whether the handler transformed it: then it takes precedence where there is little room.
    transformed: bool,
}

impl Outcome {
    fn transformed(
        index: usize,
        id: String,
        reply: &impl Serialize,
        key: &'static str,
    ) -> serde_json::Result<Self> {
        let mut reply = serde_json::to_string(reply)?;
        if let (true, Some(mut result)) = (key != DATA, Object::parse(reply.as_bytes())) {
            result.rename(DATA, key);
            reply = serde_json::to_string(&result)?;
        }
        let fields = reply.strip_prefix('{').unwrap_or("}");
        Ok(Self {
            text: format!("{{\"recordId\":{id},{fields}"),
            index,
            id,
            transformed: true,
        })
    }

    /// A record as it came: its source looks at the data in its own copy, so that it may be left out.
    fn unchanged(index: usize, id: String, result: &str, raw: &[u8], key: &'static str) -> Self {
        // Data that is no text is no answer either.
        let data = Object::parse(raw)
            .and_then(|record| record.get(key))
            .filter(|data| data.get().starts_with('"'));
        let data = data.map_or(String::new(), |data| format!(",\"{key}\":{data}"));
        Self {
            text: format!("{{\"recordId\":{id},\"result\":\"{result}\"{data}}}"),
            index,
            id,
            transformed: false,
        }
    }

    fn shorten(&mut self, result: &str) {
        self.text = format!("{{\"recordId\":{},\"result\":\"{result}\"}}", self.id);
    }
}

/// The answer; `None` if a record has no id, so that its result cannot be told.
pub(super) fn compose<E: Event>(payload: &[u8], tally: &Tally<E::Reply>) -> Option<Result<Reply, Error>> {
    let key = Key::of(payload);
    let mut outcomes = Vec::with_capacity(tally.count);
    for Done { index, raw, reply } in &tally.done {
        let id = quoted(identify::<E>(raw, Utc::now())?);
        outcomes.push(match reply {
            Some(reply) => match Outcome::transformed(*index, id, reply, key.of_record(raw)) {
                Ok(outcome) => outcome,
                Err(error) => return Some(Err(Error::reply(error))),
            },
            None => Outcome::unchanged(*index, id, "Dropped", raw, key.of_record(raw)),
        });
    }
    for failed in &tally.open {
        let id = quoted(failed.id.clone()?);
        let (raw, key) = (&failed.raw, key.of_record(&failed.raw));
        outcomes.push(Outcome::unchanged(failed.index, id, "ProcessingFailed", raw, key));
    }
    outcomes.sort_by_key(|outcome| outcome.index);
    fit(&mut outcomes, MAX_REPLY);
    Some(write(&outcomes).map_err(Error::reply))
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

/// Makes the results fit: first the data of records that were not transformed goes, then, from the last on, those that
/// were become failures, which their source keeps apart with all their data.
fn fit(outcomes: &mut [Outcome], limit: usize) {
    let mut size = FRAME
        + outcomes
            .iter()
            .map(|outcome| outcome.text.len() + 1)
            .sum::<usize>();
    for wanted in [false, true] {
        for outcome in outcomes.iter_mut().rev() {
            if size <= limit {
                return;
            }
            if outcome.transformed == wanted {
                let before = outcome.text.len();
                let dropped = outcome.text.contains("\"result\":\"Dropped\"");
                outcome.shorten(if dropped && !wanted {
                    "Dropped"
                } else {
                    "ProcessingFailed"
                });
                size -= before.saturating_sub(outcome.text.len());
            }
        }
    }
}

fn write(outcomes: &[Outcome]) -> serde_json::Result<Reply> {
    let texts: Vec<&str> = outcomes.iter().map(|outcome| outcome.text.as_str()).collect();
    let records = RawValue::from_string(format!("[{}]", texts.join(",")))?;
    Reply::json(&Records { records: &records })
}

#[derive(Serialize)]
struct Records<'r> {
    records: &'r RawValue,
}

fn quoted(id: String) -> String {
    to_raw_value(&id).map_or(id, |id| id.get().to_owned())
}
