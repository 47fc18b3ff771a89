//! Kafka: partitions are lanes, and a failure is reported by partition and offset.

use crate::support::instructions::{
    Action, Instruction, Log, Seen, answer, deliver, follow, in_order, instruction, sink, text,
};
use aws_lambda_events::kafka::{KafkaEvent, KafkaRecord};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use switchboard::event::SchemaMetadata;
use switchboard::{Context, Failure, Handler, Router};

async fn on_record(record: KafkaRecord, cx: Context<Log>) -> Result<(), Failure> {
    let value = STANDARD.decode(record.value.unwrap())?;
    follow(std::str::from_utf8(&value)?, cx.state()).await
}

fn record(instruction: &Instruction, offset: usize) -> Value {
    let value = match instruction.what {
        Action::Unreadable => json!(1),
        _ => json!(STANDARD.encode(text(instruction, offset))),
    };
    json!({"topic": "clicks", "partition": instruction.lane, "offset": offset, "timestamp": 1_700_000_000_000_i64,
        "timestampType": "CREATE_TIME", "key": null, "value": value, "headers": []})
}

/// Offsets are the records' places in the batch; those of a partition stand together, as Lambda sends them.
fn kafka(batch: &[Instruction]) -> String {
    let mut records: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (offset, instruction) in batch.iter().enumerate() {
        let partition = format!("clicks-{}", instruction.lane);
        records
            .entry(partition)
            .or_default()
            .push(record(instruction, offset));
    }
    json!({"eventSource": "aws:kafka", "eventSourceArn": "arn:aws:kafka:eu-west-1:123456789012:cluster/c/1",
        "bootstrapServers": "b-1.example:9092", "records": records})
    .to_string()
}

fn reported(reply: &Value) -> Vec<(String, u64)> {
    let failures = reply["batchItemFailures"].as_array().unwrap().iter();
    failures
        .map(|failure| {
            let id = &failure["itemIdentifier"];
            (
                id["partition"].as_str().unwrap().to_owned(),
                id["offset"].as_u64().unwrap(),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn each_partition_goes_on_up_to_its_own_failure(
        batch in proptest::collection::vec(instruction(), 1..30), lanes in 1usize..6,
    ) {
        let log = Log::default();
        let router =
            Router::new(log.clone()).on::<KafkaEvent>(on_record.concurrency(lanes)).dead_letters(sink(&log));
        let reported = reported(&deliver(router, kafka(&batch)));
        // The first that fails in its partition, and all behind it: each by itself, and none twice.
        let mut stopped = BTreeSet::new();
        let mut expected = BTreeSet::new();
        for (offset, instruction) in batch.iter().enumerate() {
            if stopped.contains(&instruction.lane) || !matches!(instruction.what, Action::Ok | Action::Reject) {
                stopped.insert(instruction.lane);
                expected.insert((format!("clicks-{}", instruction.lane), offset as u64));
            }
        }
        prop_assert_eq!(reported.len(), expected.len());
        prop_assert_eq!(&BTreeSet::from_iter(reported), &expected);
        let log = log.all();
        prop_assert!(in_order(&log, |n| batch[n].lane));
        for (offset, instruction) in batch.iter().enumerate() {
            let open = expected.contains(&(format!("clicks-{}", instruction.lane), offset as u64));
            let through = log.iter().any(|seen| matches!(seen, Seen::Finished(n) | Seen::Rejected(n) if *n == offset));
            prop_assert_eq!(through, !open, "offset {}", offset);
        }
    }
}

const OK: Instruction = Instruction {
    what: Action::Ok,
    yields: 0,
    lane: 0,
};

fn router(log: &Log) -> Router<Log> {
    Router::new(log.clone()).on::<KafkaEvent>(on_record)
}

/// Whatever else is named: one that cannot be would be lost.
#[test]
fn a_record_without_an_offset_fails_the_invocation() {
    let mut event: Value = serde_json::from_str(&kafka(&[OK, OK, OK])).unwrap();
    event["records"]["clicks-0"][1]["offset"] = Value::Null;
    let log = Log::default();
    let error = answer(router(&log), event.to_string()).unwrap_err();
    assert_eq!(error.error_type(), "HandlerFailed");
    assert_eq!(log.all(), [Seen::Started(0), Seen::Finished(0)]);
}

/// As some writers of JSON put it.
#[test]
fn a_single_record_is_read_as_a_list_of_one() {
    let of = |lane, what| Instruction { what, lane, ..OK };
    let batch = [
        of(0, Action::Ok),
        of(1, Action::Fail),
        of(1, Action::Ok),
        of(2, Action::Unreadable),
        of(3, Action::Ok),
    ];
    let mut event: Value = serde_json::from_str(&kafka(&batch)).unwrap();
    for partition in ["clicks-0", "clicks-2", "clicks-3"] {
        event["records"][partition] = event["records"][partition][0].take();
    }
    let log = Log::default();
    let reply = deliver(router(&log), event.to_string());
    let named = |lane: u8, offset| (format!("clicks-{lane}"), offset);
    assert_eq!(reported(&reply), [named(1, 1), named(1, 2), named(2, 3)]);
    assert!(log.all().contains(&Seen::Finished(0)) && log.all().contains(&Seen::Finished(4)));
}

#[test]
fn partitions_are_named_as_they_are_meant_however_they_are_written() {
    let fails = Instruction {
        what: Action::Fail,
        ..OK
    };
    let event = kafka(&[OK, fails, OK]).replace("clicks-0", "cl\\u0069cks-0");
    let reply = deliver(router(&Log::default()), event);
    let named = |offset| ("clicks-0".to_owned(), offset);
    assert_eq!(reported(&reply), [named(1), named(2)]);
}

#[test]
fn an_offset_that_is_a_text_is_answered_as_the_number_it_is() {
    let fails = Instruction {
        what: Action::Fail,
        ..OK
    };
    let mut event: Value = serde_json::from_str(&kafka(&[OK, fails, OK])).unwrap();
    for (offset, record) in event["records"]["clicks-0"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        record["offset"] = json!(offset.to_string());
        record["partition"] = json!("0");
    }
    let reply = deliver(router(&Log::default()), event.to_string());
    let named = |offset| ("clicks-0".to_owned(), offset);
    assert_eq!(reported(&reply), [named(1), named(2)]);
}

async fn with_schema(record: KafkaRecord, cx: Context<Log>) -> Result<(), Failure> {
    let raw = cx.raw();
    let value = SchemaMetadata::of_value(raw).unwrap();
    assert_eq!(value.data_format.as_deref(), Some("AVRO"));
    assert_eq!(value.schema_id.as_deref(), Some("1234"));
    assert_eq!(SchemaMetadata::of_key(raw), None);
    on_record(record, cx).await
}

#[test]
fn what_a_schema_registry_says_about_a_record_is_available() {
    let mut event: Value = serde_json::from_str(&kafka(&[OK])).unwrap();
    event["records"]["clicks-0"][0]["valueSchemaMetadata"] =
        json!({"dataFormat": "AVRO", "schemaId": "1234"});
    event["records"]["clicks-0"][0]["keySchemaMetadata"] = Value::Null;
    let log = Log::default();
    let router = Router::new(log.clone()).on::<KafkaEvent>(with_schema);
    assert_eq!(reported(&deliver(router, event.to_string())), []);
    assert_eq!(log.all().len(), 2);
}

#[test]
fn a_schema_may_be_told_in_part_and_its_id_be_a_number() {
    let schema =
        |metadata: &str| SchemaMetadata::of_key(format!("{{\"keySchemaMetadata\":{metadata}}}").as_bytes());
    for (metadata, format, id) in [
        (r#"{"dataFormat":"AVRO"}"#, Some("AVRO"), None),
        (r#"{"schemaId":1234}"#, None, Some("1234")),
        (r#"{"dataFormat":null,"schemaId":-1}"#, None, Some("-1")),
    ] {
        let schema = schema(metadata).unwrap();
        assert_eq!(
            (schema.data_format.as_deref(), schema.schema_id.as_deref()),
            (format, id)
        );
    }
    for nothing in ["{}", "null", r#"{"dataFormat":null,"schemaId":[1]}"#] {
        assert_eq!(schema(nothing), None);
    }
}

#[test]
fn what_aws_leaves_out_is_filled_and_no_records_are_no_failure() {
    let mut event: Value = serde_json::from_str(&kafka(&[OK])).unwrap();
    let first = event["records"]["clicks-0"][0].as_object_mut().unwrap();
    first.remove("headers");
    first.remove("timestamp");
    let log = Log::default();
    assert_eq!(
        deliver(router(&log), event.to_string()),
        json!({"batchItemFailures": []})
    );
    assert_eq!(log.all().len(), 2);
    event["records"] = Value::Object(Map::new());
    assert_eq!(
        deliver(router(&log), event.to_string()),
        json!({"batchItemFailures": []})
    );
}
