//! Firehose: every record has its result, whatever becomes of it, and all of them fit.

use crate::support::instructions::{
    Action, Instruction, Log, answer, deliver, follow, instruction, sink, text,
};
use aws_lambda_events::firehose::{KinesisFirehoseEvent, KinesisFirehoseEventRecord};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard::event::{MskRecordMetadata, Transformed};
use switchboard::{Context, Failure, Handler, Router};

async fn on_record(record: KinesisFirehoseEventRecord, cx: Context<Log>) -> Result<Transformed, Failure> {
    let text = std::str::from_utf8(&record.data)?;
    follow(text, cx.state()).await?;
    if text.ends_with('7') {
        return Ok(Transformed::dropped());
    }
    Ok(Transformed::ok(text.to_uppercase()).partition_key("kind", "instruction"))
}

fn firehose(batch: &[Instruction]) -> String {
    let records = (0..).zip(batch).map(|(index, instruction)| {
        let data = match instruction.what {
            Action::Unreadable => json!(1),
            _ => json!(STANDARD.encode(text(instruction, index))),
        };
        json!({"recordId": format!("r{index}"), "approximateArrivalTimestamp": 1_700_000_000_000_i64, "data": data})
    });
    json!({"invocationId": "i", "deliveryStreamArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d",
        "region": "eu-west-1", "records": records.collect::<Vec<_>>()})
    .to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_record_has_its_result_in_its_place(
        batch in proptest::collection::vec(instruction(), 0..30), lanes in 1usize..6,
    ) {
        let log = Log::default();
        let router = Router::new(log.clone())
            .on::<KinesisFirehoseEvent>(on_record.concurrency(lanes))
            .dead_letters(sink(&log));
        let payload = firehose(&batch);
        let reply = deliver(router, payload.clone());
        let sent: Value = serde_json::from_str(&payload).unwrap();
        let results = reply["records"].as_array().unwrap();
        prop_assert_eq!(results.len(), batch.len());
        for ((index, instruction), result) in batch.iter().enumerate().zip(results) {
            let data = &sent["records"][index]["data"];
            let (kind, data) = match instruction.what {
                Action::Ok if index % 10 == 7 => ("Dropped", json!("")),
                Action::Ok => ("Ok", json!(STANDARD.encode(text(instruction, index).to_uppercase()))),
                Action::Reject => ("Dropped", data.clone()),
                Action::Unreadable => ("ProcessingFailed", Value::Null),
                _ => ("ProcessingFailed", data.clone()),
            };
            prop_assert_eq!(&result["recordId"], &json!(format!("r{index}")));
            prop_assert_eq!(&result["result"], kind);
            prop_assert_eq!(&result["data"], &data);
            let keys = result["metadata"]["partitionKeys"]["kind"].as_str();
            prop_assert_eq!(keys, (kind == "Ok").then_some("instruction"));
        }
    }
}

/// The sample of AWS's own classes for Java.
fn from_msk(values: &[&str]) -> Value {
    let records = values.iter().enumerate().map(|(index, value)| {
        json!({"recordId": format!("r{index}"), "approximateArrivalTimestamp": 1_716_369_573_887_i64,
            "mskRecordMetadata": {"offset": index.to_string(), "partitionId": "1",
                "approximateArrivalTimestamp": 1_716_369_573_887_i64},
            "kafkaRecordValue": STANDARD.encode(value)})
    });
    json!({"invocationId": "i", "sourceMSKArn": "arn:aws:kafka:eu-west-1:123456789012:cluster/c/1",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d", "region": "eu-west-1",
        "records": records.collect::<Vec<_>>()})
}

async fn on_value(record: KinesisFirehoseEventRecord, cx: Context<Log>) -> Result<Transformed, Failure> {
    let metadata = MskRecordMetadata::of(cx.raw()).unwrap();
    assert_eq!(metadata.partition_id, Some(1));
    assert_eq!(
        metadata.approximate_arrival_timestamp.unwrap().timestamp_millis(),
        1_716_369_573_887
    );
    match std::str::from_utf8(&record.data)? {
        "drop" => Ok(Transformed::dropped()),
        "fail" => Err(Failure::msg("told to fail")),
        "reject" => Err(Failure::reject("told to reject")),
        value => Ok(Transformed::ok(format!("{value}@{}", metadata.offset.unwrap())).partition_key("k", "v")),
    }
}

#[test]
fn records_from_msk_are_answered_under_their_own_key() {
    let log = Log::default();
    let router = Router::new(log.clone())
        .on::<KinesisFirehoseEvent>(on_value)
        .dead_letters(sink(&log));
    let values = ["a", "fail", "drop", "reject", "b"];
    let mut event = from_msk(&values);
    // A Kafka record may be without a value, and the time may be told by the topic alone.
    event["records"][4]["kafkaRecordValue"] = Value::Null;
    event["records"][0]
        .as_object_mut()
        .unwrap()
        .remove("approximateArrivalTimestamp");
    let value = |text: &str| json!(STANDARD.encode(text));
    let expected = json!({"records": [
        {"recordId": "r0", "result": "Ok", "kafkaRecordValue": value("a@0"), "metadata": {"partitionKeys": {"k": "v"}}},
        {"recordId": "r1", "result": "ProcessingFailed", "kafkaRecordValue": value("fail")},
        {"recordId": "r2", "result": "Dropped", "kafkaRecordValue": ""},
        {"recordId": "r3", "result": "Dropped", "kafkaRecordValue": value("reject")},
        {"recordId": "r4", "result": "Ok", "kafkaRecordValue": value("@4"), "metadata": {"partitionKeys": {"k": "v"}}},
    ]});
    assert_eq!(deliver(router, event.to_string()), expected);
    assert_eq!(MskRecordMetadata::of(firehose(&[]).as_bytes()), None);
}

async fn swell(record: KinesisFirehoseEventRecord, _cx: Context<Log>) -> Result<Transformed, Failure> {
    if record.data.starts_with(b"Fail") {
        return Err(Failure::msg("told to fail"));
    }
    Ok(Transformed::ok(vec![b'x'; 1024 * 1024]))
}

#[test]
fn what_does_not_fit_is_kept_apart_by_firehose_instead_of_failing_all() {
    let batch: Vec<Instruction> = (0..10)
        .map(|lane| Instruction {
            what: if lane == 0 { Action::Fail } else { Action::Ok },
            yields: 0,
            lane,
        })
        .collect();
    let router = Router::new(Log::default()).on::<KinesisFirehoseEvent>(swell);
    let reply = deliver(router, firehose(&batch));
    assert!(reply.to_string().len() <= 6 * 1024 * 1024);
    let results: Vec<&str> = reply["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["result"].as_str().unwrap())
        .collect();
    // A megabyte is 1.4 as base64: four of them fit.
    assert_eq!(results[0], "ProcessingFailed");
    assert_eq!(results[1..5], ["Ok"; 4]);
    assert_eq!(results[5..], ["ProcessingFailed"; 5]);
}

/// Firehose has its own copy of what is unchanged; what was transformed is nowhere else.
#[test]
fn what_was_transformed_fits_before_what_is_unchanged() {
    let failed = |lane| Instruction {
        what: Action::Fail,
        yields: 0,
        lane,
    };
    let mut event: Value = serde_json::from_str(&firehose(&[failed(0), failed(1)])).unwrap();
    event["records"][0]["data"] = STANDARD.encode(format!("Fail{}", "x".repeat(1024 * 1024))).into();
    let transformed = event["records"][1].clone();
    for index in 2..6 {
        let mut record = transformed.clone();
        record["recordId"] = format!("r{index}").into();
        record["data"] = "eA==".into();
        event["records"].as_array_mut().unwrap().push(record);
    }
    let router = Router::new(Log::default()).on::<KinesisFirehoseEvent>(swell);
    let reply = deliver(router, event.to_string());
    let results: Vec<_> = reply["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| (record["result"].as_str().unwrap(), record.get("data").is_some()))
        .collect();
    assert_eq!(results[..2], [("ProcessingFailed", false); 2]);
    assert_eq!(results[2..], [("Ok", true); 4]);
}

#[test]
fn a_record_that_cannot_be_named_fails_the_invocation() {
    let mut event: Value = serde_json::from_str(&firehose(&[Instruction {
        what: Action::Ok,
        yields: 0,
        lane: 0,
    }]))
    .unwrap();
    for id in [Value::Null, json!(7)] {
        event["records"][0]["recordId"] = id;
        let router = Router::new(Log::default()).on::<KinesisFirehoseEvent>(on_record);
        let error = answer(router, event.to_string()).unwrap_err();
        assert_eq!(error.error_type(), "HandlerFailed");
        assert_eq!(
            error.to_string(),
            "kinesis_firehose: a record has no `recordId` that is a text, and cannot be answered without"
        );
    }
}

/// As in AWS's own sample of syslog lines.
#[test]
fn a_duplicate_id_is_answered_twice() {
    let log = Log::default();
    let router = Router::new(log.clone()).on::<KinesisFirehoseEvent>(on_record);
    let record = json!({"recordId": "r", "approximateArrivalTimestamp": 1_700_000_000_000_i64,
        "data": STANDARD.encode("Ok:0:0")});
    let event = json!({"invocationId": "i", "deliveryStreamArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d",
        "region": "eu-west-1", "records": [record.clone(), record]});
    let reply = deliver(router, event.to_string());
    let results: Vec<_> = reply["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| (result["recordId"].as_str(), result["result"].as_str()))
        .collect();
    assert_eq!(results, [(Some("r"), Some("Ok")); 2]);
}
