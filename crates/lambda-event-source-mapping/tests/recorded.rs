//! The engine does what AWS was seen to do. See `recorded/README.md`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use event_source_mapping::destination::{Mapped, StreamKind};
use event_source_mapping::filter::{Filters, Pattern};
use event_source_mapping::{Answer, Lane, Record, StreamCommand, StreamSettings};
use serde_json::{Value, json};

fn cases(lines: &str) -> Vec<Value> {
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A record whose partition key is its name.
#[derive(Clone)]
struct Sample {
    key: String,
    number: String,
    sent: Duration,
}

impl Record for Sample {
    fn identifier(&self) -> &str {
        &self.number
    }

    fn sent(&self) -> Duration {
        self.sent
    }
}

/// The reply of a function; `None` for an error.
type Reply = fn(&[Sample]) -> Option<String>;

/// What was sent and when, and what the function answered, by the case.
fn script(case: &str) -> (Vec<(String, u64)>, Reply) {
    let one = || vec![("test".to_owned(), 0)];
    let named = |name: &str| {
        name.split_once('[')
            .map_or(name.to_owned(), |(_, name)| name.replace(']', ""))
    };
    let six = || (0..6).map(|number| (format!("test_{number}"), 0)).collect();
    match named(case).as_str() {
        "empty_list_success" => (one(), |_| Some("[]".to_owned())),
        "null_success" => (one(), |_| Some("null".to_owned())),
        "empty_dict_success" => (one(), |_| Some("{}".to_owned())),
        "empty_string_success" => (one(), |_| Some(r#""""#.to_owned())),
        "empty_batch_item_failure_success" => (one(), |_| Some(r#"{"batchItemFailures":[]}"#.to_owned())),
        "null_batch_item_failure_success" => (one(), |_| Some(r#"{"batchItemFailures":null}"#.to_owned())),
        "empty_string_item_identifier_failure" => (one(), |_| item(&json!({"itemIdentifier": ""}))),
        "null_item_identifier_failure" => (one(), |_| item(&json!({"itemIdentifier": null}))),
        "invalid_key_foo_failure" => (one(), |_| item(&json!({"foo": "123"}))),
        "invalid_key_foo_null_value_failure" => (one(), |_| item(&json!({"foo": null}))),
        "item_identifier_not_present_failure" => (one(), |_| item(&json!({"itemIdentifier": "123"}))),
        "unhandled_exception_in_function"
        | "test_kinesis_event_source_mapping_with_on_failure_destination_config"
        | "test_kinesis_event_source_mapping_with_sns_on_failure_destination_config"
        | "test_kinesis_event_source_mapping_with_s3_on_failure_destination"
        | "expire-while-retrying" => (one(), |_| None),
        // The function names the last of six, always.
        "test_kinesis_report_batch_item_failures" => (six(), |records| {
            let failed = records.iter().find(|record| record.key == "test_5");
            failed.map_or(Some("{}".to_owned()), |record| {
                item(&json!({"itemIdentifier": record.number}))
            })
        }),
        // The first was there for more than a minute when the mapping began to read.
        "expire-before-ingestion" => (one(), |_| panic!("the record is too old to be delivered")),
        "test_kinesis_maximum_record_age_exceeded_discard_records" => {
            let records = (1..=5).map(|number| (format!("stream-data-{number}"), 100));
            let first = ("stream-data-0".to_owned(), 0);
            (std::iter::once(first).chain(records).collect(), |_| {
                Some("null".to_owned())
            })
        }
        other => panic!("{other} has no script"),
    }
}

fn item(item: &Value) -> Option<String> {
    Some(json!({"batchItemFailures": [item]}).to_string())
}

fn settings(case: &Value) -> StreamSettings {
    let set = &case["settings"];
    StreamSettings {
        batch_size: usize::try_from(set["BatchSize"].as_u64().unwrap()).unwrap(),
        maximum_retry_attempts: set["MaximumRetryAttempts"]
            .as_u64()
            .map(|most| u32::try_from(most).unwrap()),
        maximum_record_age: set["MaximumRecordAgeInSeconds"].as_u64().map(Duration::from_secs),
        report_batch_item_failures: set["FunctionResponseTypes"] == json!(["ReportBatchItemFailures"]),
        ..StreamSettings::default()
    }
}

/// What the function got, and the record at the destination.
fn played(case: &Value) -> (Vec<Vec<String>>, Option<Value>) {
    let (records, answer) = script(case["test"].as_str().unwrap());
    let mut lane = Lane::new(settings(case));
    // When the mapping begins to read.
    let mut now = Duration::from_secs(match case["test"].as_str() {
        Some("test_kinesis_maximum_record_age_exceeded[expire-before-ingestion]") => 61,
        Some("test_kinesis_maximum_record_age_exceeded_discard_records") => 100,
        _ => 0,
    });
    for (number, (key, sent)) in records.into_iter().enumerate() {
        let sample = Sample {
            key,
            number: number.to_string(),
            sent: Duration::from_secs(sent),
        };
        lane.received(now, number as u64, sample);
    }
    let (mut got, mut destination) = (Vec::new(), None);
    while !lane.is_idle() {
        match lane.next(now) {
            Some(StreamCommand::Invoke(batch)) => {
                got.push(batch.records.iter().map(|record| record.key.clone()).collect());
                let reply = answer(&batch.records);
                let answer = reply
                    .as_deref()
                    .map_or(Answer::FunctionError, |reply| Answer::Reply(reply.as_bytes()));
                lane.answered(now, batch, answer);
            }
            Some(StreamCommand::Discard(discarded)) => {
                let mapped = Mapped {
                    kind: StreamKind::Kinesis,
                    stream_arn: "arn",
                    shard: "shardId-000000000000",
                    function_arn: "arn",
                    request_id: "id",
                };
                let payload = case["destination"].get("payload").map(|_| json!({"Records": []}));
                destination = Some(discarded.record(&mapped, now, payload));
                lane.discarded(&discarded);
            }
            None => now = lane.wake_at().unwrap(),
        }
    }
    (got, destination)
}

/// Names and kinds of all fields, and the values that are no placeholders.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            // What an event holds is another matter, and how often a failing record is tried in a minute depends on the wait between.
            .filter(|(name, _)| *name != "payload")
            .map(|(name, value)| (name.clone(), shape(value)))
            .collect(),
        Value::String(text)
            if [
                "RetryAttemptsExhausted",
                "RecordAgeExceeded",
                "Unhandled",
                "$LATEST",
                "1.0",
            ]
            .contains(&&**text) =>
        {
            value.clone()
        }
        Value::String(_) => "…".into(),
        other => other.clone(),
    }
}

#[test]
fn streams_are_delivered_retried_and_given_up_as_by_aws() {
    for case in cases(include_str!("recorded/streams.jsonl")) {
        let (got, destination) = played(&case);
        if let Some(deliveries) = case["deliveries"].as_array() {
            let expected: Vec<Vec<String>> = deliveries
                .iter()
                .map(|keys| keys.as_array().unwrap().iter().map(text).collect())
                .collect();
            assert_eq!(got, expected, "{case}");
        }
        if let Some(records) = case["records"].as_array() {
            let all: Vec<String> = got.concat();
            match case["test"].as_str().unwrap().contains("discard_records") {
                true => assert_eq!(all.len(), records.len(), "{case}"),
                false => assert_eq!(all, records.iter().map(text).collect::<Vec<_>>(), "{case}"),
            }
        }
        let mut expected = case.get("destination").map(shape);
        let mut found = destination.as_ref().map(shape);
        if case["test"].as_str().unwrap().contains("while-retrying") {
            // How often a record is tried in a minute depends on the wait between; AWS does not say how long that is.
            for record in [&mut expected, &mut found] {
                record.as_mut().unwrap()["requestContext"]["approximateInvokeCount"] = json!("several");
            }
        }
        assert_eq!(found, expected, "{case}");
        let holds_payload = |record: &Value| record.get("payload").is_some();
        assert_eq!(
            destination.as_ref().map(holds_payload),
            case.get("destination").map(holds_payload)
        );
    }
}

#[test]
fn what_passed_a_filter_passes() {
    for case in cases(include_str!("recorded/filters.jsonl")) {
        let patterns = case["patterns"].as_array().unwrap();
        let filters = Filters::parse(patterns.iter().map(Value::to_string)).unwrap();
        let pass = |body: String| filters.pass(json!({"messageId": "1"}), Some(("body", body.as_bytes())));
        assert!(pass(case["body"].to_string()), "{case}");
        assert!(!pass("this is a test string".to_owned()), "{case}");
    }
}

#[test]
fn what_was_refused_is_refused() {
    for case in cases(include_str!("recorded/refused.jsonl")) {
        assert!(
            Pattern::parse(case["pattern"].as_str().unwrap()).is_err(),
            "{case}"
        );
    }
}
