//! What the router makes of handlers that succeed, fail and panic, and of records that cannot be read.

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use chrono::{DateTime, Utc};
use lambda_runtime::{LambdaEvent, Service};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use switchboard::{Context, Error, Failure, Payload, Router};

/// What the handlers saw, in order.
type Seen = Arc<Mutex<Vec<String>>>;

fn judge(seen: &Seen, what: &str) -> Result<(), Failure> {
    seen.lock().unwrap().push(what.to_owned());
    match what {
        what if what.contains("fail") => Err(Failure::msg("told to fail")),
        what if what.contains("panic") => panic!("told to panic"),
        _ => Ok(()),
    }
}

async fn on_object(record: S3EventRecord, cx: Context<Seen>) -> Result<(), Failure> {
    judge(cx.state(), &record.s3.object.key.unwrap_or_default())
}

async fn on_change(record: EventRecord, cx: Context<Seen>) -> Result<(), Failure> {
    let time = record.change.approximate_creation_date_time;
    if cx.filled().contains(&"dynamodb.ApproximateCreationDateTime") {
        assert_eq!(time, cx.received());
    }
    assert_ne!(time, DateTime::<Utc>::UNIX_EPOCH);
    judge(cx.state(), &record.event_name)
}

async fn on_record(record: KinesisEventRecord, cx: Context<Seen>) -> Result<(), Failure> {
    assert_eq!(
        cx.record_id().as_deref().unwrap_or(""),
        record.kinesis.sequence_number
    );
    judge(cx.state(), &String::from_utf8_lossy(&record.kinesis.data))
}

async fn on_event(event: CloudWatchEvent<Value>, cx: Context<Seen>) -> Result<(), Failure> {
    judge(cx.state(), event.detail_type.as_deref().unwrap_or("none"))
}

/// Delivers a payload; gives the answer and what the handlers saw.
async fn deliver(payload: impl Into<String>) -> (Result<Value, Error>, Vec<String>) {
    let seen = Seen::default();
    let mut router = Router::new(Arc::clone(&seen))
        .s3(on_object)
        .dynamodb(on_change)
        .kinesis(on_record)
        .cloudwatch_events(on_event);
    let event = LambdaEvent::new(Payload::new(payload.into()), lambda_runtime::Context::default());
    let answer = router
        .call(event)
        .await
        .map(|reply| serde_json::to_value(&reply).unwrap());
    let seen = seen.lock().unwrap().clone();
    (answer, seen)
}

fn kinesis(sequence: &str, data: &str) -> Value {
    use base64::Engine;
    let data = base64::engine::general_purpose::STANDARD.encode(data);
    json!({"eventSource": "aws:kinesis", "kinesis": {
        "sequenceNumber": sequence, "data": data, "partitionKey": "p", "approximateArrivalTimestamp": 1.5}})
}

fn s3(key: &str) -> Value {
    json!({"eventSource": "aws:s3", "eventTime": "2026-01-01T00:00:00Z", "userIdentity": {}, "requestParameters": {},
        "s3": {"bucket": {"name": "b"}, "object": {"key": key}}})
}

fn batch(records: &[Value]) -> String {
    json!({"Records": records}).to_string()
}

#[tokio::test]
async fn the_first_failure_ends_a_stream_batch_and_is_reported() {
    for bad in ["fail", "panic"] {
        let records = [kinesis("1", "a"), kinesis("2", bad), kinesis("3", "c")];
        let (answer, seen) = deliver(batch(&records)).await;
        assert_eq!(
            answer.unwrap(),
            json!({"batchItemFailures": [{"itemIdentifier": "2"}]})
        );
        assert_eq!(seen, ["a", bad]);
    }
    let (answer, seen) = deliver(batch(&[kinesis("1", "a"), kinesis("2", "b")])).await;
    assert_eq!(answer.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!(seen, ["a", "b"]);
}

#[tokio::test]
async fn an_unreadable_record_of_a_stream_is_reported_by_its_own_number() {
    let mut bad = kinesis("2", "b");
    bad["kinesis"]["data"] = json!(17);
    let (answer, seen) = deliver(batch(&[kinesis("1", "a"), bad, kinesis("3", "c")])).await;
    assert_eq!(
        answer.unwrap(),
        json!({"batchItemFailures": [{"itemIdentifier": "2"}]})
    );
    assert_eq!(seen, ["a"]);
}

#[tokio::test]
async fn a_stream_record_without_a_number_is_delivered_again_with_the_one_before_it() {
    for sequence in [json!(null), json!(""), json!(12)] {
        let mut nameless = kinesis("", "fail");
        nameless["kinesis"]["sequenceNumber"] = sequence;
        let records = [
            kinesis("1", "a"),
            kinesis("2", "b"),
            nameless.clone(),
            kinesis("4", "d"),
        ];
        let (answer, seen) = deliver(batch(&records)).await;
        let expected = json!({"batchItemFailures": [{"itemIdentifier": "2"}]});
        assert_eq!(answer.unwrap(), expected);
        assert_eq!(seen[..2], ["a", "b"]);
        assert!(!seen.contains(&"d".to_owned()));
        // With none before it there is nothing to name.
        let (answer, _) = deliver(batch(&[nameless, kinesis("4", "d")])).await;
        let error = answer.unwrap_err();
        assert_eq!(error.error_type(), "HandlerFailed");
        assert!(error.to_string().contains("record 0:"), "{error}");
    }
}

#[tokio::test]
async fn every_object_record_is_handled_and_the_failed_ones_are_named() {
    let records = [
        s3("fail-1"),
        s3("good"),
        s3("panic-2"),
        json!({"eventSource": "aws:s3", "s3": 5}),
        s3("last"),
    ];
    let (answer, seen) = deliver(batch(&records)).await;
    let message = answer.unwrap_err().to_string();
    assert_eq!(seen, ["fail-1", "good", "panic-2", "last"]);
    for part in [
        "3 of 5",
        "record 0 (b/fail-1): told to fail",
        "the handler panicked: told to panic",
        "`s3`",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[tokio::test]
async fn what_the_structs_refuse_though_it_is_sent_is_read() {
    let mut object = s3("no-time");
    for key in ["eventTime", "userIdentity", "requestParameters"] {
        object.as_object_mut().unwrap().remove(key);
    }
    let (answer, seen) = deliver(batch(&[object])).await;
    assert_eq!((answer.unwrap(), seen), (Value::Null, vec!["no-time".to_owned()]));

    let mut record = kinesis("1", "untimed");
    record["kinesis"]
        .as_object_mut()
        .unwrap()
        .remove("approximateArrivalTimestamp");
    assert_eq!(deliver(batch(&[record])).await.1, ["untimed"]);

    let change = json!({"eventSource": "aws:dynamodb", "eventID": "e", "eventName": "INSERT", "dynamodb": {
        "Keys": {"id": {"S": "1"}}, "SequenceNumber": "7"}});
    assert_eq!(deliver(batch(&[change])).await.1, ["INSERT"]);

    let event = json!({"version": 0, "detail-type": "bare", "source": "mine"});
    assert_eq!(deliver(event.to_string()).await.1, ["bare"]);
}

#[tokio::test]
async fn a_duplicated_key_counts_with_its_last_value() {
    let record = r#"{"Records":[{"eventSource":"aws:kinesis","eventID":"a","eventID":"b","kinesis":{"sequenceNumber":"1",
        "data":"YQ==","partitionKey":"p","approximateArrivalTimestamp":1}}]}"#;
    assert_eq!(deliver(record).await.1, ["a"]);
}

/// As EventBridge Pipes lays it out.
fn flat(number: &str, data: &str) -> Value {
    let mut record = kinesis(number, data);
    let inner = record.as_object_mut().unwrap().remove("kinesis").unwrap();
    let inner = inner.as_object().unwrap().clone();
    record.as_object_mut().unwrap().extend(inner);
    record
}

#[tokio::test]
async fn a_batch_of_pipes_is_answered_so_that_target_and_enrichment_lose_nothing() {
    let (answer, seen) = deliver(json!([flat("1", "a"), flat("2", "b")]).to_string()).await;
    assert_eq!(
        (answer.unwrap(), seen),
        (json!({}), vec!["a".to_owned(), "b".to_owned()])
    );
    let (answer, _) = deliver(json!([flat("1", "a"), flat("2", "fail")]).to_string()).await;
    assert_eq!(answer.unwrap_err().error_type(), "HandlerFailed");
}

#[tokio::test]
async fn a_failed_event_is_a_function_error() {
    for (kind, message) in [
        ("fail", "told to fail"),
        ("panic", "the handler panicked: told to panic"),
    ] {
        let event = json!({"id": "e1", "detail-type": kind, "source": "s", "time": "2026-01-01T00:00:00Z",
            "resources": [], "detail": {}});
        let error = deliver(event.to_string()).await.0.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cloudwatch_events: record 0 (e1): {message}")
        );
    }
}

#[tokio::test]
async fn a_source_without_handler_is_an_error_that_says_which_and_why() {
    let (answer, seen) =
        deliver(r#"{"Records":[{"eventSource":"aws:sqs","messageId":"1","body":""}]}"#).await;
    let error = answer.unwrap_err();
    assert!(error.is_unrouted() && seen.is_empty());
    assert_eq!(error.error_type(), "UnroutedEvent");
    let message = error.to_string();
    assert!(
        message.contains("sqs") && message.contains("Records[0].eventSource"),
        "{message}"
    );
    for payload in ["", "{", "null", "\"s3\"", "[]", "{}", r#"{"Records":[]}"#] {
        assert_eq!(
            deliver(payload).await.0.unwrap_err().error_type(),
            "UnroutedEvent",
            "{payload}"
        );
    }
}

#[tokio::test]
async fn a_test_event_and_a_byte_order_mark_succeed() {
    let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-01-01T00:00:00.000Z","Bucket":"b",
        "RequestId":"r","HostId":"h"}"#;
    let (answer, seen) = deliver(test).await;
    assert!(answer.is_ok() && seen.is_empty());
    assert_eq!(
        deliver(format!("\u{feff}{}", batch(&[s3("marked")]))).await.1,
        ["marked"]
    );
}

#[tokio::test]
async fn a_batch_that_is_cut_off_loses_nothing() {
    let whole = batch(&[kinesis("1", "a"), kinesis("2", "b"), kinesis("3", "c")]);
    for end in 0..whole.len() - 1 {
        let (answer, _) = deliver(&whole[..end]).await;
        match answer {
            Err(_) => {}
            Ok(reply) => assert_ne!(reply["batchItemFailures"], json!([]), "cut at {end}"),
        }
    }
}

#[tokio::test]
async fn no_payload_reaches_an_error_message() {
    let mut secret = kinesis("1", "a");
    secret["kinesis"]["approximateArrivalTimestamp"] = json!("hunter2");
    let mut object = s3("k");
    object["s3"]["object"]["size"] = json!("hunter2");
    for payload in [batch(&[secret]), batch(&[object])] {
        let (answer, _) = deliver(payload).await;
        if let Err(error) = answer {
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
