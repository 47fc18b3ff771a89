//! The result of each record of a transformation, in order, and within the limit of what Lambda returns.

use super::outcomes::{BatchOutcomes, DoneRecord};
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

/// The answer; `None` if a record has no id, so that its result cannot be reported.
///
/// There may be very many records, and megabytes of data. Each is visited twice: first to see what fits, then to write
/// it.
pub(super) fn compose<E: Event>(
    payload: &[u8],
    outcomes: &mut BatchOutcomes<E::Reply>,
) -> Option<Result<Reply, Error>> {
    outcomes.done.sort_by_key(|done| done.index);
    let key = DataKey::of(payload);
    let transformed: Result<Vec<TransformedFields>, _> =
        outcomes.done.iter().map(|done| fields(done, &key)).collect();
    let transformed = match transformed {
        Ok(transformed) => transformed,
        Err(error) => return Some(Err(Error::reply(error))),
    };
    let answer = within(MAX_REPLY, || results_of::<E>(payload, &transformed, &key))?;
    Some(Reply::written(answer).map_err(Error::reply))
}

/// The results, with as much of their data as fits within the limit.
fn within<'r, I>(limit: usize, results: impl Fn() -> I) -> Option<String>
where
    I: Iterator<Item = Option<RecordResult<'r>>>,
{
    let mut room = DataBudget::default();
    for outcome in results() {
        room.take_in(&outcome?);
    }
    room.divide(limit);
    let mut answer = String::with_capacity(room.size.min(limit));
    answer.push_str(HEAD);
    for outcome in results() {
        if answer.len() > HEAD.len() {
            answer.push(',');
        }
        room.write(&outcome?, &mut answer);
    }
    answer.push_str(TAIL);
    Some(answer)
}

/// The handler's reply to a record: the members of its result after the id. `None` if it was rejected.
struct TransformedFields {
    index: usize,
    fields: Option<String>,
}

fn fields<R: Serialize>(done: &DoneRecord<R>, key: &DataKey) -> serde_json::Result<TransformedFields> {
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
    Ok(TransformedFields {
        index: done.index,
        fields,
    })
}

/// One record's result.
struct RecordResult<'r> {
    /// The record's id, quoted.
    id: String,
    content: ResultContent<'r>,
}

enum ResultContent<'r> {
    /// The handler's reply, which takes precedence if space is short.
    Fields(&'r str),
    /// Unchanged data. The source uses the data in its own copy, so it may be left out.
    Unchanged {
        result: &'static str,
        key: &'static str,
        data: Option<&'r str>,
    },
}

/// The results of all records, in order; `None` for one without an id.
fn results_of<'r, E: Event>(
    payload: &'r [u8],
    transformed: &'r [TransformedFields],
    key: &'r DataKey,
) -> impl Iterator<Item = Option<RecordResult<'r>>> {
    let mut transformed = transformed.iter().peekable();
    records(payload).enumerate().map(move |(index, raw)| {
        let raw = raw.ok()?;
        let done = transformed.next_if(|transformed| transformed.index == index);
        let content = match done.map(|done| &done.fields) {
            Some(Some(fields)) => ResultContent::Fields(fields.strip_prefix('{').unwrap_or("}")),
            Some(None) => ResultContent::unchanged(DROPPED, raw, key),
            None => ResultContent::unchanged(FAILED, raw, key),
        };
        let id = serde_json::to_string(&identify::<E>(raw, Utc::now())?).ok()?;
        Some(RecordResult { id, content })
    })
}

impl<'r> ResultContent<'r> {
    fn unchanged(result: &'static str, raw: &'r [u8], key: &DataKey) -> Self {
        let key = key.of_record(raw);
        let [data] = parts(raw, [Some(key)]);
        // Data that is not a string is not valid in an answer either.
        let data = data.filter(|data| data.starts_with(b"\""));
        let data = data.and_then(|data| serde_json::from_slice::<&RawValue>(data).ok());
        ResultContent::Unchanged {
            result,
            key,
            data: data.map(RawValue::get),
        }
    }
}

impl RecordResult<'_> {
    fn is_transformed(&self) -> bool {
        matches!(self.content, ResultContent::Fields(_))
    }

    fn write(&self, to: &mut impl FnMut(&str)) {
        match self.content {
            ResultContent::Fields(fields) => {
                ["{\"recordId\":", &self.id, ",", fields].into_iter().for_each(to)
            }
            ResultContent::Unchanged {
                result,
                key,
                data: Some(data),
            } => {
                self.start(result, to);
                ["\",\"", key, "\":", data, "}"].into_iter().for_each(to);
            }
            ResultContent::Unchanged { .. } => self.write_short(to),
        }
    }

    /// Without data. A transformed record becomes a failure, which the source stores separately with its data.
    fn write_short(&self, to: &mut impl FnMut(&str)) {
        let result = match self.content {
            ResultContent::Fields(_) => FAILED,
            ResultContent::Unchanged { result, .. } => result,
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

/// The space for data, beyond the results' shortest form. First the data of unchanged records is left out, then, from
/// the last record on, that of transformed ones.
#[derive(Default)]
struct DataBudget {
    /// The size of everything to be written.
    size: usize,
    transformed: usize,
    unchanged: usize,
}

impl DataBudget {
    fn take_in(&mut self, outcome: &RecordResult<'_>) {
        let length = outcome.length();
        let more = length.saturating_sub(outcome.short_length());
        self.size += length + 1;
        *self.of(outcome) += more;
    }

    /// Divides the space between them.
    fn divide(&mut self, limit: usize) {
        self.size += HEAD.len() + TAIL.len();
        let shortest = self.size - self.transformed - self.unchanged;
        let room = limit.saturating_sub(shortest);
        self.transformed = self.transformed.min(room);
        self.unchanged = self.unchanged.min(room - self.transformed);
    }

    fn write(&mut self, outcome: &RecordResult<'_>, answer: &mut String) {
        let more = outcome.length().saturating_sub(outcome.short_length());
        let room = self.of(outcome);
        let mut write = |text: &str| answer.push_str(text);
        match room.checked_sub(more) {
            Some(left) => {
                *room = left;
                outcome.write(&mut write);
            }
            // No later record has its data either.
            None => {
                *room = 0;
                outcome.write_short(&mut write);
            }
        }
    }

    fn of(&mut self, outcome: &RecordResult<'_>) -> &mut usize {
        match outcome.is_transformed() {
            true => &mut self.transformed,
            false => &mut self.unchanged,
        }
    }
}

/// The member for the data of results.
struct DataKey {
    /// Whether some records may have it in another member: a cheap search.
    from_msk: bool,
}

impl DataKey {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn data_goes_where_the_record_had_it_and_one_record_of_a_topic_is_enough_to_look() {
        let tombstone = br#"{"recordId":"1","mskRecordMetadata":{"offset":"3"}}"#;
        let value = br#"{"recordId":"2","kafkaRecordValue":"eA=="}"#;
        let plain = br#"{"recordId":"3","data":"eA=="}"#;
        for of_topic in [&tombstone[..], value] {
            let key = DataKey::of(of_topic);
            assert_eq!(key.of_record(of_topic), KAFKA_VALUE);
            assert_eq!(key.of_record(plain), DATA);
        }
        assert_eq!(DataKey::of(plain).of_record(plain), DATA);
    }

    /// The answer for results with data of these lengths: transformed, or unchanged.
    fn written(lengths: &[(bool, usize)], limit: usize) -> String {
        let quoted = |(_, length): &(bool, usize)| format!("\"{}\"", "x".repeat(*length));
        let data: Vec<String> = lengths.iter().map(quoted).collect();
        let fields = |data: &String| format!("\"result\":\"Ok\",\"data\":{data}}}");
        let fields: Vec<String> = data.iter().map(fields).collect();
        let results = || {
            (0..).zip(lengths).map(|(index, (transformed, _))| {
                let content = match transformed {
                    true => ResultContent::Fields(&fields[index]),
                    false => ResultContent::Unchanged {
                        result: DROPPED,
                        key: DATA,
                        data: Some(&data[index]),
                    },
                };
                let id = format!("\"{index}\"");
                Some(RecordResult { id, content })
            })
        };
        within(limit, results).unwrap()
    }

    /// Whether each record has its data.
    fn kept(answer: &str) -> Vec<bool> {
        let answer: Value = serde_json::from_str(answer).unwrap();
        let results = answer["records"].as_array().unwrap();
        let has_data = |result: &Value| result.get("data").is_some();
        results.iter().map(has_data).collect()
    }

    /// Without their data the results always fit: they are much smaller than the records.
    #[test]
    fn the_answer_is_within_its_limit_and_has_all_that_fits() {
        let lengths = [(false, 30), (true, 40), (false, 20), (true, 25)];
        let [shortest, longest] = [0, usize::MAX].map(|limit| written(&lengths, limit).len());
        // A byte is kept for a comma behind the last record.
        let answers = (shortest + 1..=longest + 1).map(|limit| (limit, written(&lengths, limit)));
        let mut stages = Vec::new();
        for (limit, answer) in answers {
            assert!(answer.len() < limit, "{} of {limit}: {answer}", answer.len());
            stages.push(kept(&answer));
        }
        stages.dedup();
        // The data of unchanged records is left out first.
        assert_eq!(
            stages,
            [
                [false, false, false, false],
                [false, true, false, false],
                [false, true, false, true],
                [true, true, false, true],
                [true, true, true, true],
            ]
        );
    }
}
