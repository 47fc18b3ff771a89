//! How a mapping reads a function's answer.
//!
//! Lambda Developer Guide, “Configuring partial batch response with Kinesis Data Streams and Lambda” and “Implementing
//! partial batch responses” of “Using Lambda with Amazon SQS”: no list, an empty one and no answer at all mean success;
//! an identifier that is missing, empty or not of the batch makes the whole batch fail.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

/// How an invocation ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer<'a> {
    /// The function answered with these bytes.
    Reply(&'a [u8]),
    /// The function failed, crashed or ran out of time.
    FunctionError,
    /// The function was not invoked, or nobody knows how it ended. This does not count as a retry.
    Lost,
}

/// How an answer names the records that failed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum AnswerForm {
    /// Each by a text: a message id, a sequence number.
    #[default]
    Texts,
    /// Each by its partition and offset.
    Positions,
}

/// Which records of a batch have failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failed {
    /// The records at these indexes of the batch; an empty set is a success.
    Some(BTreeSet<usize>),
    /// The function failed, or its answer fails the whole batch.
    All,
}

impl Failed {
    /// A success.
    #[must_use]
    pub fn none() -> Self {
        Failed::Some(BTreeSet::new())
    }

    /// Whether the record at this index has failed.
    #[must_use]
    pub fn contains(&self, index: usize) -> bool {
        match self {
            Failed::Some(indexes) => indexes.contains(&index),
            Failed::All => true,
        }
    }

    /// How many of the first records are done, if everything from the first failure on comes again.
    #[must_use]
    pub fn checkpoint(&self, records: usize) -> usize {
        match self {
            Failed::Some(indexes) => indexes.first().copied().unwrap_or(records),
            Failed::All => 0,
        }
    }
}

/// Which records of a batch the reply reports as failed. `identifiers` are those of the batch, in order.
#[must_use]
pub fn failures<'a>(
    form: AnswerForm,
    reply: &[u8],
    identifiers: impl IntoIterator<Item = &'a str>,
) -> Failed {
    let named = match form {
        AnswerForm::Texts => named(reply, identifiers, |item| item.as_str().map(str::to_owned)),
        AnswerForm::Positions => named(reply, identifiers, position),
    };
    named.map_or(Failed::All, Failed::Some)
}

/// What a tumbling window's function has made of its records so far. Without it the answer is invalid.
#[must_use]
pub fn state(reply: &[u8]) -> Option<Value> {
    let mut reply: Value = serde_json::from_slice(reply).ok()?;
    let state = reply.get_mut("state").map(Value::take);
    state.filter(|state| !state.is_null())
}

/// Those that the list of failures names.
fn named<'a>(
    reply: &[u8],
    identifiers: impl IntoIterator<Item = &'a str>,
    name: impl Fn(&Value) -> Option<String>,
) -> Option<BTreeSet<usize>> {
    if reply.trim_ascii().is_empty() {
        return Some(BTreeSet::new());
    }
    let items = match serde_json::from_slice(reply).ok()? {
        // What functions in Java and .NET answer whose reply is an empty text.
        Value::Null => return Some(BTreeSet::new()),
        Value::String(text) if text.is_empty() => return Some(BTreeSet::new()),
        Value::Array(items) if items.is_empty() => return Some(BTreeSet::new()),
        Value::Object(mut reply) => reply.remove("batchItemFailures").unwrap_or_default(),
        _ => return None,
    };
    match items {
        Value::Null => Some(BTreeSet::new()),
        Value::Array(items) if items.is_empty() => Some(BTreeSet::new()),
        Value::Array(items) => {
            let places: HashMap<&str, usize> = identifiers.into_iter().zip(0..).collect();
            let place = |item: &Value| places.get(&*name(&item["itemIdentifier"])?).copied();
            items.iter().map(place).collect()
        }
        _ => None,
    }
}

/// A partition and an offset, as one text.
fn position(item: &Value) -> Option<String> {
    let partition = item["partition"].as_str()?;
    Some(format!("{partition}/{}", item["offset"].as_u64()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reply: &str) -> Failed {
        failures(AnswerForm::Texts, reply.as_bytes(), ["7", "8", "9"])
    }

    #[test]
    fn nothing_reported_is_success() {
        for reply in [
            "",
            "null",
            "{}",
            r#""""#,
            "[]",
            r#"{"batchItemFailures":null}"#,
            r#"{"batchItemFailures":[]}"#,
        ] {
            assert_eq!(read(reply), Failed::none(), "{reply}");
        }
    }

    #[test]
    fn what_is_reported_is_found_by_its_place() {
        let reply = r#"{"batchItemFailures":[{"itemIdentifier":"9"},{"itemIdentifier":"7"}]}"#;
        assert_eq!(read(reply), Failed::Some(BTreeSet::from([0, 2])));
        assert_eq!(read(reply).checkpoint(3), 0);
    }

    #[test]
    fn a_wrong_answer_fails_the_whole_batch() {
        for reply in [
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"7"},{"itemIdentifier":"1"}]}"#,
            r#"{"batchItemFailures":[{"id":"7"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":7}]}"#,
            r#"{"batchItemFailures":["7"]}"#,
            r#"{"batchItemFailures":"7"}"#,
            r#""done""#,
            r#"["7"]"#,
            "oops",
        ] {
            assert_eq!(read(reply), Failed::All, "{reply}");
        }
    }

    #[test]
    fn kafka_names_partitions_and_offsets() {
        let read = |item: &str| {
            let reply = format!(r#"{{"batchItemFailures":[{{"itemIdentifier":{item}}}]}}"#);
            failures(AnswerForm::Positions, reply.as_bytes(), ["t-0/7", "t-1/7"])
        };
        assert_eq!(
            read(r#"{"partition":"t-1","offset":7}"#),
            Failed::Some(BTreeSet::from([1]))
        );
        for wrong in [
            r#""t-1/7""#,
            r#"{"partition":"t-2","offset":7}"#,
            r#"{"partition":"t-1","offset":"7"}"#,
        ] {
            assert_eq!(read(wrong), Failed::All, "{wrong}");
        }
    }

    #[test]
    fn a_window_has_a_state() {
        assert_eq!(state(br#"{"state":{"n":1}}"#), Some(serde_json::json!({"n": 1})));
        for without in ["null", "{}", r#"{"state":null}"#, "oops"] {
            assert_eq!(state(without.as_bytes()), None, "{without}");
        }
    }
}
