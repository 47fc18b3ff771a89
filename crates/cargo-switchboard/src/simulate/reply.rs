//! How a source reads a function's answer.
//!
//! Lambda Developer Guide, “Configuring partial batch response with Kinesis Data Streams and Lambda” and “Implementing
//! partial batch responses” of “Using Lambda with Amazon SQS”: no list, an empty one and no answer at all mean success;
//! an identifier that is missing, empty or not of the batch makes the whole batch fail. Amazon Data Firehose Developer Guide,
//! “Required parameters for data transformation”: a result for each record.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::source::AnswerKind;

/// The indexes in the batch that were reported as failed; `None` if the answer fails the whole batch.
pub(super) fn failures(kind: AnswerKind, reply: &[u8], identifiers: &[&str]) -> Option<BTreeSet<usize>> {
    let places: HashMap<&str, usize> = identifiers.iter().copied().zip(0..).collect();
    match kind {
        AnswerKind::Texts => named(reply, &places, |item| item.as_str().map(str::to_owned)),
        AnswerKind::Positions => named(reply, &places, position),
        AnswerKind::Results => results(reply, &places),
        // The source ignores the answer.
        AnswerKind::Nothing => Some(BTreeSet::new()),
    }
}

/// What a tumbling window's function has made of its records so far. Without it the answer is invalid.
pub(super) fn state(reply: &[u8]) -> Option<Value> {
    let mut reply: Value = serde_json::from_slice(reply).ok()?;
    let state = reply.get_mut("state").map(Value::take);
    state.filter(|state| !state.is_null())
}

/// Those that the list of failures names.
fn named(
    reply: &[u8],
    places: &HashMap<&str, usize>,
    name: impl Fn(&Value) -> Option<String>,
) -> Option<BTreeSet<usize>> {
    if reply.trim_ascii().is_empty() {
        return Some(BTreeSet::new());
    }
    let items = match serde_json::from_slice(reply).ok()? {
        Value::Null => return Some(BTreeSet::new()),
        Value::Object(mut reply) => reply.remove("batchItemFailures").unwrap_or_default(),
        _ => return None,
    };
    match items {
        Value::Null => Some(BTreeSet::new()),
        Value::Array(items) => {
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

/// Those that have no result, or another one than `Ok` and `Dropped`.
fn results(reply: &[u8], places: &HashMap<&str, usize>) -> Option<BTreeSet<usize>> {
    let reply: Value = serde_json::from_slice(reply).ok()?;
    let mut open: BTreeSet<usize> = places.values().copied().collect();
    let mut seen = BTreeSet::new();
    for record in reply["records"].as_array()? {
        let place = *places.get(record["recordId"].as_str()?)?;
        if !seen.insert(place) {
            return None;
        }
        let data = record["data"].as_str().map(|data| STANDARD.decode(data).is_ok());
        match (record["result"].as_str()?, data) {
            ("Ok", Some(true)) | ("Dropped", _) => {
                open.remove(&place);
            }
            ("Ok" | "ProcessingFailed", _) => {}
            _ => return None,
        }
    }
    Some(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reply: &str) -> Option<Vec<usize>> {
        failures(AnswerKind::Texts, reply.as_bytes(), &["7", "8", "9"]).map(Vec::from_iter)
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

    #[test]
    fn kafka_names_partitions_and_offsets() {
        let read = |item: &str| {
            let reply = format!(r#"{{"batchItemFailures":[{{"itemIdentifier":{item}}}]}}"#);
            failures(AnswerKind::Positions, reply.as_bytes(), &["t-0/7", "t-1/7"]).map(Vec::from_iter)
        };
        assert_eq!(read(r#"{"partition":"t-1","offset":7}"#), Some(vec![1]));
        for wrong in [
            r#""t-1/7""#,
            r#"{"partition":"t-2","offset":7}"#,
            r#"{"partition":"t-1","offset":"7"}"#,
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn firehose_wants_a_result_for_each_record() {
        let read = |records: &str| {
            let reply = format!(r#"{{"records":[{records}]}}"#);
            failures(AnswerKind::Results, reply.as_bytes(), &["a", "b"]).map(Vec::from_iter)
        };
        let ok = r#"{"recordId":"a","result":"Ok","data":"aGk="}"#;
        let dropped = r#"{"recordId":"b","result":"Dropped"}"#;
        assert_eq!(read(&format!("{ok},{dropped}")), Some(vec![]));
        assert_eq!(read(ok), Some(vec![1]));
        assert_eq!(read(&ok.replace("aGk=", "?")), Some(vec![0, 1]));
        for wrong in [
            format!("{ok},{ok}"),
            ok.replace("Ok", "ok"),
            ok.replace("\"a\"", "\"c\""),
        ] {
            assert_eq!(read(&wrong), None, "{wrong}");
        }
        assert_eq!(failures(AnswerKind::Results, b"null", &["a"]), None);
    }

    #[test]
    fn a_window_has_a_state() {
        assert_eq!(state(br#"{"state":{"n":1}}"#), Some(serde_json::json!({"n": 1})));
        for without in ["null", "{}", r#"{"state":null}"#, "oops"] {
            assert_eq!(state(without.as_bytes()), None, "{without}");
        }
    }
}
