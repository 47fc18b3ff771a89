//! How a source reads a function's answer.
//!
//! Lambda Developer Guide, “Configuring partial batch response with Kinesis Data Streams and Lambda” and “Implementing
//! partial batch responses” of “Using Lambda with Amazon SQS”: no list, an empty one and no answer at all mean success;
//! an identifier that is missing, empty or not of the batch makes the whole batch fail.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

/// The indexes in the batch that were reported as failed; `None` if the answer fails the whole batch.
pub(super) fn failures(reply: &[u8], identifiers: &[&str]) -> Option<BTreeSet<usize>> {
    if reply.trim_ascii().is_empty() {
        return Some(BTreeSet::new());
    }
    let items = match serde_json::from_slice(reply).ok()? {
        Value::Null => return Some(BTreeSet::new()),
        Value::Object(mut reply) => reply.remove("batchItemFailures").unwrap_or_default(),
        _ => return None,
    };
    let places: HashMap<&str, usize> = identifiers.iter().copied().zip(0..).collect();
    match items {
        Value::Null => Some(BTreeSet::new()),
        Value::Array(items) => {
            let place = |item: &Value| places.get(item["itemIdentifier"].as_str()?).copied();
            items.iter().map(place).collect()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reply: &str) -> Option<Vec<usize>> {
        failures(reply.as_bytes(), &["7", "8", "9"]).map(Vec::from_iter)
    }

    #[test]
    fn nothing_reported_is_success() {
        for reply in [
            "",
            "null",
            "{}",
            r#"{"batchItemFailures":null}"#,
            r#"{"batchItemFailures":[]}"#,
        ] {
            assert_eq!(read(reply), Some(vec![]), "{reply}");
        }
    }

    #[test]
    fn what_is_reported_is_found_by_its_place() {
        let reply = r#"{"batchItemFailures":[{"itemIdentifier":"9"},{"itemIdentifier":"7"}]}"#;
        assert_eq!(read(reply), Some(vec![0, 2]));
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
            "oops",
        ] {
            assert_eq!(read(reply), None, "{reply}");
        }
    }
}
