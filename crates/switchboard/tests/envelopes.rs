//! Events and records inside of records: each goes to the handler of its own source, and what fails in there is the
//! outer record's failure.

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::cloudwatch_logs::{LogData, LogsEvent};
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sns::{SnsEvent, SnsRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use lambda_runtime::{LambdaEvent, Service};
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use switchboard::event::{Delivery, Event};
use switchboard::idempotency::{Idempotency, Memory};
use switchboard::source::Source;
use switchboard::{Context, EnvelopeLimits, Error, Failure, Handler, Payload, Router, Unwrap};
use switchboard_test_support::{event, protobuf_bytes, s3, samples, sealed};

/// What the handlers saw: the source, and a word of the item.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, seen: String) -> Result<(), Failure> {
        let fails = seen.contains("fail");
        self.0.lock().unwrap().push(seen);
        match fails {
            true => Err(Failure::msg("told to fail")),
            false => Ok(()),
        }
    }
}

async fn on_object(record: S3EventRecord, cx: Context<Log>) -> Result<(), Failure> {
    cx.state().note(format!("s3 {}", record.s3.object.key.unwrap()))
}

async fn on_event(event: CloudWatchEvent, cx: Context<Log>) -> Result<(), Failure> {
    cx.state()
        .note(format!("event {}", event.detail.unwrap()["what"]))
}

async fn on_logs(logs: LogData, cx: Context<Log>) -> Result<(), Failure> {
    cx.state().note(format!("logs {}", logs.log_events[0].message))
}

async fn on_message(message: SqsMessage, cx: Context<Log>) -> Result<(), Failure> {
    cx.state().note(format!("sqs {}", message.body.unwrap()))
}

async fn on_notification(record: SnsRecord, cx: Context<Log>) -> Result<(), Failure> {
    assert_eq!(record.sns.signing_cert_url, "https://sns.example/cert");
    cx.state().note(format!("sns {}", record.sns.message))
}

async fn on_record(record: KinesisEventRecord, cx: Context<Log>) -> Result<(), Failure> {
    let place = cx.place().map_or(String::new(), |place| format!("{place} of "));
    let identity = cx.identity().unwrap();
    let key = &record.kinesis.partition_key;
    let data = String::from_utf8_lossy(&record.kinesis.data).into_owned();
    cx.state().note(format!("kinesis {place}{key} {data} {identity}"))
}

fn base(log: &Log) -> Router<Log> {
    Router::new(log.clone()).s3(on_object).cloudwatch_events(on_event)
}

async fn answer(mut router: Router<Log>, payload: &Value) -> Result<Value, Error> {
    let event = LambdaEvent::new(
        Payload::new(payload.to_string()),
        lambda_runtime::Context::default(),
    );
    let reply = router.call(event).await?;
    Ok(serde_json::to_value(reply).unwrap())
}

fn sqs(bodies: &[Value]) -> Value {
    let message = |(n, body): (usize, &Value)| {
        let body = body.as_str().map_or(body.to_string(), str::to_owned);
        json!({"eventSource": "aws:sqs", "messageId": format!("m{n}"), "body": body,
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q"})
    };
    json!({"Records": bodies.iter().enumerate().map(message).collect::<Vec<_>>()})
}

/// A notification as SNS sends it to queues.
fn notification(message: &Value) -> Value {
    json!({"Type": "Notification", "MessageId": "n", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t",
        "Message": message.to_string(), "Timestamp": "2026-03-01T10:00:00.000Z", "SignatureVersion": "1",
        "Signature": "x", "SigningCertURL": "https://sns.example/cert", "UnsubscribeURL": "https://sns.example/u"})
}

fn objects(keys: &[&str]) -> Value {
    json!({"Records": keys.iter().map(|key| s3(key)).collect::<Vec<_>>()})
}

fn failures(ids: &[&str]) -> Value {
    let failures: Vec<Value> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({"batchItemFailures": failures})
}

/// Records of failures hold the events that failed. They are reports, not those events once more.
#[tokio::test]
async fn a_report_of_a_failure_is_not_taken_for_the_event_that_failed() {
    let context = json!({"requestId": "r", "functionArn": "f", "condition": "RetriesExhausted"});
    let asynchronous = json!({"version": "1.0", "requestContext": context, "requestPayload": objects(&["a"]),
        "responseContext": {"statusCode": 200}, "responsePayload": null});
    let mapping =
        json!({"requestContext": context, "KinesisBatchInfo": {"batchSize": 1}, "payload": objects(&["a"])});
    for (report, source) in [
        (asynchronous, "lambda_destination"),
        (mapping, "lambda_destination_kinesis"),
    ] {
        let bodies = [report.clone(), notification(&report)];
        let log = Log::default();
        let reply = answer(base(&log).on::<SqsEvent>(Unwrap.or(on_message)), &sqs(&bodies)).await;
        assert_eq!(reply.unwrap(), failures(&[]), "{source}");
        let seen = log.0.lock().unwrap().clone();
        assert!(
            seen.len() == 2 && seen.iter().all(|line| line.starts_with("sqs ")),
            "{seen:?}"
        );
        // What nobody takes comes again, and the log names it.
        let router = base(&Log::default()).on::<SqsEvent>(Unwrap);
        assert_eq!(
            answer(router, &sqs(&bodies)).await.unwrap(),
            failures(&["m0", "m1"])
        );
        let mut router = base(&Log::default());
        let event = LambdaEvent::new(
            Payload::new(report.to_string()),
            lambda_runtime::Context::default(),
        );
        let error = router.call(event).await.unwrap_err();
        assert!(
            error.to_string().contains(&format!("no handler for {source} (")),
            "{error}"
        );
    }
}

/// A Kinesis record whose data is an aggregate: one key, and as many records with this much data each.
fn aggregated(key: &str, records: usize, data: usize) -> Value {
    let record = match data {
        0 => Vec::new(),
        data => protobuf_bytes(3, &vec![b'x'; data]),
    };
    let users = protobuf_bytes(3, &record).repeat(records);
    let data = sealed(&[protobuf_bytes(1, key.as_bytes()), users].concat());
    kinesis("1", &data)
}

/// The most memory this process has had so far, in bytes.
#[cfg(target_os = "linux")]
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

async fn counted(_record: KinesisEventRecord, cx: Context<Log>) -> Result<(), Failure> {
    let mut seen = cx.state().0.lock().unwrap();
    if seen.is_empty() {
        seen.push(String::new());
    }
    seen[0].push('.');
    Ok(())
}

/// In a process of its own: the peak is that of the whole process, and other tests take memory, too.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_small_aggregate_takes_little_memory_however_many_records_share_a_key() {
    const MOST: usize = 32 << 20;
    const ALONE: &str = "ENVELOPES_MEASURED_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "envelopes::a_small_aggregate_takes_little_memory_however_many_records_share_a_key";
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let run = alone.args(["--exact", name]).env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    // A key that Kinesis does not take makes it one record; one that it takes is not copied for all of them at once.
    for (key, records, calls) in [(50_000, 5_000, 1), (256, 150_000, 150_000)] {
        let log = Log::default();
        let router = base(&log).kinesis(Unwrap.or(counted));
        let payload = json!({"Records": [aggregated(&"k".repeat(key), records, 0)]});
        let before = peak();
        assert_eq!(answer(router, &payload).await.unwrap(), failures(&[]));
        let grown = peak() - before;
        assert!(
            grown <= MOST,
            "{grown} bytes for {records} records of a key of {key}"
        );
        assert_eq!(log.0.lock().unwrap()[0].len(), calls);
    }
}

async fn named(_record: KinesisEventRecord, cx: Context<Log>) -> Result<(), Failure> {
    let place = cx.place().unwrap();
    assert_eq!(cx.record_id().as_deref(), Some("1"));
    assert!(cx.identity().unwrap().ends_with(&format!("/{place}")));
    Ok(())
}

/// Four times as much of everything takes about four times as long, and not sixteen times.
#[tokio::test]
async fn what_a_record_of_an_aggregate_costs_does_not_grow_with_the_aggregate() {
    let idempotent = || named.idempotent(Idempotency::new(Memory::new()));
    let mut times = [Duration::MAX; 2];
    for _ in 0..3 {
        for (time, records) in times.iter_mut().zip([1_000, 4_000]) {
            let payload = json!({"Records": [aggregated("k", records, 50)]});
            let router = base(&Log::default()).kinesis(Unwrap.or(idempotent()));
            let start = Instant::now();
            assert_eq!(answer(router, &payload).await.unwrap(), failures(&[]));
            *time = start.elapsed().min(*time);
        }
    }
    assert!(times[1] < 8 * times[0], "{times:?}");
}

#[tokio::test]
async fn a_queues_messages_hold_events_of_many_sources() {
    let log = Log::default();
    let router = base(&log).on::<SqsEvent>(Unwrap.or(on_message));
    let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-03-01T10:00:00Z", "Bucket": "b"});
    let bodies = [
        objects(&["a", "b"]),
        notification(&objects(&["in-sns"])),
        event(&json!({"what": "order"})),
        json!("plain text"),
        test,
        objects(&["c", "fail", "d"]),
        notification(&event(&json!({"what": "fail"}))),
    ];
    let reply = answer(router, &sqs(&bodies)).await.unwrap();
    assert_eq!(reply, failures(&["m5", "m6"]));
    let seen = log.0.lock().unwrap();
    let expected = [
        "s3 a",
        "s3 b",
        "s3 in-sns",
        "event \"order\"",
        "sqs plain text",
        "s3 c",
        "s3 fail",
        "s3 d",
        "event \"fail\"",
    ];
    assert_eq!(*seen, expected);
}

#[tokio::test]
async fn a_handler_of_notifications_gets_those_in_queues_too() {
    let log = Log::default();
    let router = base(&log)
        .on::<SnsEvent>(on_notification)
        .on::<SqsEvent>(Unwrap.concurrency(2));
    let reply = answer(router, &sqs(&[notification(&json!("hello"))]))
        .await
        .unwrap();
    assert_eq!(reply, failures(&[]));
    assert_eq!(*log.0.lock().unwrap(), ["sns \"hello\""]);
    // Opened in turn, by the same rule.
    let router = base(&log).on::<SnsEvent>(Unwrap).on::<SqsEvent>(Unwrap);
    let reply = answer(router, &sqs(&[notification(&objects(&["deep"]))]))
        .await
        .unwrap();
    assert_eq!(reply, failures(&[]));
    assert_eq!(log.0.lock().unwrap()[1], "s3 deep");
}

#[tokio::test]
async fn what_has_no_handler_is_never_lost() {
    let log = Log::default();
    let kafka = json!({"eventSource": "aws:kafka", "bootstrapServers": "b:1", "records": {}});
    let bodies = [json!("plain text"), kafka, json!({"Records": []})];
    let reply = answer(base(&log).on::<SqsEvent>(Unwrap), &sqs(&bodies))
        .await
        .unwrap();
    assert_eq!(reply, failures(&["m0", "m1", "m2"]));
    assert!(log.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nesting_is_bounded() {
    let log = Log::default();
    let nested = (0..3).fold(objects(&["deep"]), |inner, _| sqs(&[inner]));
    for (limit, fits) in [(2, false), (3, true)] {
        let limits = EnvelopeLimits::new().nesting(limit);
        let router = base(&log).on::<SqsEvent>(Unwrap).envelope_limits(limits);
        let reply = answer(router, &nested).await.unwrap();
        assert_eq!(reply, failures(if fits { &[] } else { &["m0"] }));
    }
    assert_eq!(*log.0.lock().unwrap(), ["s3 deep"]);
}

#[cfg(feature = "http")]
#[tokio::test]
async fn a_request_in_an_envelope_is_refused_because_its_answer_would_be_lost() {
    let api = axum::Router::new().route("/", axum::routing::get(|| async { "never" }));
    let router = base(&Log::default()).http(api).on::<SqsEvent>(Unwrap);
    let request = switchboard_test_support::http_api("GET", "/");
    assert_eq!(answer(router, &sqs(&[request])).await.unwrap(), failures(&["m0"]));
}

fn kinesis(number: &str, data: &[u8]) -> Value {
    json!({"eventSource": "aws:kinesis", "eventID": format!("shard:{number}"),
        "kinesis": {"partitionKey": "p", "sequenceNumber": number, "approximateArrivalTimestamp": 1.0,
            "data": STANDARD.encode(data)}})
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn logs(kind: &str, message: &str) -> Vec<u8> {
    let message = json!({"messageType": kind, "owner": "1", "logGroup": "g", "logStream": "s", "subscriptionFilters": [],
        "logEvents": [{"id": "1", "timestamp": 1, "message": message}]});
    gzip(&message.to_string())
}

#[tokio::test]
async fn kinesis_records_hold_events_logs_and_records() {
    let log = Log::default();
    let router = base(&log).on::<LogsEvent>(on_logs).kinesis(Unwrap.or(on_record));
    let records = [
        kinesis("1", event(&json!({"what": "order"})).to_string().as_bytes()),
        kinesis("2", &logs("DATA_MESSAGE", "a line")),
        kinesis("3", &logs("CONTROL_MESSAGE", "a check")),
        kinesis("4", b"plain"),
        kinesis("5", &gzip("other")[..9]),
        kinesis("6", &logs("DATA_MESSAGE", "fail")),
        kinesis("7", b"later"),
    ];
    let reply = answer(router, &json!({"Records": records})).await.unwrap();
    assert_eq!(reply, failures(&["6"]));
    let seen = log.0.lock().unwrap();
    assert_eq!(
        seen[..3],
        ["event \"order\"", "logs a line", "kinesis p plain shard:4"]
    );
    assert!(
        seen[3].starts_with("kinesis p ") && seen[3].ends_with(" shard:5"),
        "{}",
        seen[3]
    );
    assert_eq!(seen[4..], ["logs fail"]);
}

#[tokio::test]
async fn records_of_an_aggregate_are_records_of_their_own() {
    let log = Log::default();
    let (_, aggregated) = samples(&["kinesis"])
        .into_iter()
        .find(|(name, _)| name.ends_with("aggregated.json"))
        .unwrap();
    let event: Value = serde_json::from_slice(&aggregated).unwrap();
    let router = base(&log).kinesis(Unwrap.or(on_record));
    assert_eq!(answer(router, &event).await.unwrap(), failures(&[]));
    let seen = log.0.lock().unwrap();
    assert!(seen.len() > 1);
    let id = event["Records"][0]["eventID"].as_str().unwrap();
    for (place, seen) in seen.iter().enumerate() {
        assert!(seen.starts_with(&format!("kinesis {place} of ")), "{seen}");
        assert!(seen.ends_with(&format!(" {id}/{place}")), "{seen}");
    }
}

#[tokio::test]
async fn decompression_is_bounded() {
    let log = Log::default();
    let large = logs("DATA_MESSAGE", &"x".repeat(100_000));
    for (most, fits) in [(90_000, false), (110_000, true)] {
        let router = base(&log)
            .on::<LogsEvent>(on_logs)
            .kinesis(Unwrap)
            .envelope_limits(EnvelopeLimits::new().decompressed(most));
        let reply = answer(router, &json!({"Records": [kinesis("1", &large)]}))
            .await
            .unwrap();
        assert_eq!(reply, failures(if fits { &[] } else { &["1"] }));
    }
    assert_eq!(log.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_subscriptions_own_event_is_read_and_its_check_succeeds_by_itself() {
    let log = Log::default();
    let event = |data: &[u8]| json!({"awslogs": {"data": STANDARD.encode(data)}});
    let router = || base(&log).on::<LogsEvent>(on_logs);
    assert_eq!(
        answer(router(), &event(&logs("DATA_MESSAGE", "a line")))
            .await
            .unwrap(),
        Value::Null
    );
    assert_eq!(
        answer(router(), &event(&logs("CONTROL_MESSAGE", "a check")))
            .await
            .unwrap(),
        Value::Null
    );
    assert_eq!(*log.0.lock().unwrap(), ["logs a line"]);
    // An eighth of the least memory: that of this process is not told.
    let zeros = gzip(&" ".repeat(16 * 1024 * 1024 + 1));
    let error = answer(router(), &event(&zeros)).await.unwrap_err().to_string();
    assert!(
        error.contains("`awslogs.data`") && error.contains("more than 16777216 after decompression"),
        "{error}"
    );
    let error = answer(router(), &event(b"none")).await.unwrap_err().to_string();
    assert!(error.contains("not gzip"), "{error}");
}

/// Whatever the function is invoked with that no source composed.
struct UnknownEvent;

impl Event for UnknownEvent {
    const SOURCES: &'static [Source] = &[Source::Unknown];
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &[];
    type Item = Value;
    type Reply = ();
}

async fn on_own(own: Value, cx: Context<Log>) -> Result<(), Failure> {
    cx.state().note(format!("own {own}"))
}

#[tokio::test]
async fn a_message_of_the_application_is_not_an_event_of_unknown() {
    let log = Log::default();
    let router = base(&log)
        .on::<UnknownEvent>(on_own)
        .on::<SqsEvent>(Unwrap.or(on_message))
        .kinesis(Unwrap.or(on_record));
    let bodies = [
        json!({"job": 1}),
        json!([1, 2]),
        json!("7"),
        json!("null"),
        json!("text"),
        json!({"Records": []}),
    ];
    let record = |body: &Value| kinesis("1", body.to_string().as_bytes());
    let stream = json!({"Records": bodies.iter().map(record).collect::<Vec<_>>()});
    for payload in [sqs(&bodies), stream, json!({"job": 1})] {
        answer(router.clone(), &payload).await.unwrap();
    }
    let seen = log.0.lock().unwrap();
    let (last, wrapped) = seen.split_last().unwrap();
    assert_eq!(last, "own {\"job\":1}");
    let inside = wrapped.iter().filter(|seen| seen.starts_with("own"));
    assert_eq!(inside.count(), 0, "{wrapped:?}");
    assert_eq!(wrapped.len(), 2 * bodies.len());
}

#[tokio::test]
async fn without_another_handler_a_message_of_ones_own_fails_as_unrouted() {
    let log = Log::default();
    let router = base(&log).on::<UnknownEvent>(on_own).on::<SqsEvent>(Unwrap);
    let reply = answer(router, &sqs(&[json!({"job": 1}), objects(&["a"])]))
        .await
        .unwrap();
    assert_eq!(reply, failures(&["m0"]));
    assert_eq!(*log.0.lock().unwrap(), ["s3 a"]);
}

#[tokio::test]
async fn what_a_notification_holds_without_a_handler_is_named() {
    let event = |message: &Value| json!({"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "n", "Message": message.to_string()}}]});
    let router = base(&Log::default()).on::<SnsEvent>(Unwrap);
    for (message, source) in [
        (
            json!({"detail-type": "x", "source": "s", "detail": {"what": "fail"}}),
            "told to fail",
        ),
        (
            json!({"eventSource": "aws:kafka", "bootstrapServers": "b:1", "records": {}}),
            "no handler for kafka",
        ),
    ] {
        let error = answer(router.clone(), &event(&message))
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(source), "{error}");
    }
}

#[tokio::test]
async fn what_is_dispatched_is_not_of_unknown_either() {
    async fn on_wrapped(message: SqsMessage, cx: Context<Log>) -> Result<(), Failure> {
        cx.dispatch(message.body.unwrap_or_default()).await
    }
    let log = Log::default();
    let router = base(&log).on::<UnknownEvent>(on_own).on::<SqsEvent>(on_wrapped);
    let reply = answer(router, &sqs(&[json!({"job": 1})])).await.unwrap();
    assert_eq!(reply, failures(&["m0"]));
    assert!(log.0.lock().unwrap().is_empty());
}

/// A message may look like a request, whose answer nobody would get.
#[cfg(feature = "http")]
#[tokio::test]
async fn a_message_that_looks_like_a_request_is_a_message() {
    let log = Log::default();
    let router = base(&log)
        .http(axum::Router::new())
        .on::<SqsEvent>(Unwrap.or(on_message));
    let request =
        json!({"httpMethod": "GET", "path": "/", "headers": {}, "requestContext": {"resourceId": "r"}});
    assert_eq!(
        answer(router, &sqs(std::slice::from_ref(&request)))
            .await
            .unwrap(),
        failures(&[])
    );
    assert_eq!(*log.0.lock().unwrap(), [format!("sqs {request}")]);
}
