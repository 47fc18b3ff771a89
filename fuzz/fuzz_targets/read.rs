//! Events of every source that can be routed are read, or refused with a reason: no payload ends the process, and a record that
//! cannot be read takes no other with it.

#![no_main]

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::cloudwatch_logs::LogsEvent;
use aws_lambda_events::firehose::{KinesisFirehoseEvent, KinesisFirehoseEventRecord};
use aws_lambda_events::kafka::KafkaEvent;
use aws_lambda_events::ses::SimpleEmailEvent;
use aws_lambda_events::sns::SnsEvent;
use aws_lambda_events::sqs::SqsEvent;
use aws_lambda_events::{dynamodb, kinesis, s3};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::{Arc, LazyLock, Mutex};
use switchboard::event::Transformed;
use switchboard::source::{Source, detect};
use switchboard::{Context, Failure, Router, Windowed};
use switchboard_fuzz::{invoke, tolerate_panics_of_libraries};

/// The ids of the records that a handler was called with.
type Seen = Arc<Mutex<Vec<String>>>;

fuzz_target!(init: tolerate_panics_of_libraries(), |data: &[u8]| {
    let _ = invoke(&ROUTER, data.to_vec());
    if let Ok(payload) = serde_json::from_slice(data) {
        one_broken_record(&payload);
    }
});

static SEEN: LazyLock<Seen> = LazyLock::new(Seen::default);

static ROUTER: LazyLock<Router<Seen>> = LazyLock::new(|| {
    Router::new(Arc::clone(&SEEN))
        .on::<s3::S3Event>(on_record)
        .on::<dynamodb::Event>(on_record)
        .on::<kinesis::KinesisEvent>(on_record)
        .on::<SqsEvent>(on_record)
        .on::<SnsEvent>(on_record)
        .on::<SimpleEmailEvent>(on_record)
        .on::<KafkaEvent>(on_record)
        .on::<KinesisFirehoseEvent>(on_firehose)
        .on::<LogsEvent>(on_record)
        .on::<CloudWatchEvent<Box<RawValue>>>(on_record)
        .kinesis_window(on_window::<kinesis::KinesisEventRecord>)
        .dynamodb_window(on_window::<dynamodb::EventRecord>)
        .http(tower::service_fn(async |request: lambda_http::Request| {
            Ok::<_, Infallible>(request.uri().to_string())
        }))
});

async fn on_record<T>(_: T, cx: Context<Seen>) -> Result<(), Failure> {
    // Asked for, as an application may: it is read from the record once more.
    let _ = (cx.identity(), cx.filled().len());
    cx.state()
        .lock()
        .expect("nothing panics with it")
        .extend(cx.record_id());
    Ok(())
}

async fn on_firehose(record: KinesisFirehoseEventRecord, cx: Context<Seen>) -> Result<Transformed, Failure> {
    let data = record.data.0.clone();
    on_record(record, cx).await?;
    Ok(Transformed::ok(data))
}

async fn on_window<T>(window: Windowed<T, Value>, cx: Context<Seen>) -> Result<Value, Failure> {
    let (Windowed::Record { state, .. } | Windowed::End { state, .. }) = &window;
    let state = state.clone();
    on_record(window, cx).await?;
    Ok(state)
}

/// Sources of records: a sample of each, where its records are, and what names one.
const BATCHES: [(Source, &str, &str, &str); 8] = [
    (
        Source::S3,
        include_str!("../../events/s3/put.json"),
        "/Records",
        "/s3/object/key",
    ),
    (
        Source::Sns,
        include_str!("../../events/unrouted/sns.json"),
        "/Records",
        "/Sns/MessageId",
    ),
    (
        Source::Ses,
        include_str!("../../events/unrouted/ses.json"),
        "/Records",
        "/ses/mail/messageId",
    ),
    (
        Source::Sqs,
        include_str!("../../events/unrouted/sqs.json"),
        "/Records",
        "/messageId",
    ),
    (
        Source::Dynamodb,
        include_str!("../../events/dynamodb/insert.json"),
        "/Records",
        "/dynamodb/SequenceNumber",
    ),
    (
        Source::Kinesis,
        include_str!("../../events/kinesis/json.json"),
        "/Records",
        "/kinesis/sequenceNumber",
    ),
    (
        Source::KinesisFirehose,
        include_str!("../../events/unrouted/kinesis_firehose.json"),
        "/records",
        "/recordId",
    ),
    (
        Source::Kafka,
        include_str!("../../events/unrouted/kafka.json"),
        "/records/orders-0",
        "/offset",
    ),
];

/// What the payload's first record may be, between two good ones: they are handled, and nothing but it is said to have failed.
fn one_broken_record(payload: &Value) {
    let text = payload.to_string();
    let source = detect(text.as_bytes()).source;
    let Some((_, sample, list, id)) = BATCHES.into_iter().find(|(of, ..)| *of == source) else {
        return;
    };
    let records = match source {
        Source::Kafka => payload["records"]
            .as_object()
            .and_then(|records| records.values().next()),
        _ => payload.pointer(list),
    };
    let Some(broken) = records.and_then(|records| records.get(0)) else {
        return;
    };

    let mut batch: Value = serde_json::from_str(sample).expect("a sample is JSON");
    let good = batch
        .pointer(list)
        .and_then(|records| records.get(0))
        .cloned()
        .expect("a sample has a record");
    let mut batched = [good.clone(), broken.clone(), good];
    for (record, number) in batched.iter_mut().zip(1001..) {
        let name = if source == Source::Kafka {
            json!(number)
        } else {
            json!(number.to_string())
        };
        name_it(record, id, name);
    }
    *batch.pointer_mut(list).expect("a sample has records") = batched.into();

    let batch = batch.to_string();
    take_seen();
    let answer = invoke(&ROUTER, batch.clone());
    let seen = take_seen();
    let times = |number: &str| seen.iter().filter(|id| id.ends_with(number)).count();
    assert_eq!(times("1001"), 1, "{seen:?} of {batch}");
    hold(source, answer, times("1003"), &batch);
}

fn take_seen() -> Vec<String> {
    std::mem::take(&mut *SEEN.lock().expect("nothing panics with it"))
}

/// Puts a record's name where its source has it, whatever stands there.
fn name_it(record: &mut Value, path: &str, name: Value) {
    let mut at = record;
    for key in path.split('/').skip(1) {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[key];
    }
    *at = name;
}

/// The answer names the second record at most, and says of the third what has become of it.
fn hold(source: Source, answer: Result<Value, switchboard::Error>, third: usize, batch: &str) {
    let notified = matches!(source, Source::S3 | Source::Sns | Source::Ses);
    let answer = match answer {
        Ok(answer) => answer,
        // All of it comes again; the others were handled nonetheless.
        Err(_) if notified => json!({}),
        Err(error) => panic!("{error}: {batch}"),
    };
    let failed: Vec<String> = answer["batchItemFailures"]
        .as_array()
        .map_or_else(Vec::new, |failures| {
            failures
                .iter()
                .map(|failure| failure["itemIdentifier"].to_string())
                .collect()
        });
    let goes_on = match source {
        // Nothing is started after a failure, as all of it comes again from there.
        Source::Dynamodb | Source::Kinesis | Source::Kafka => failed.is_empty(),
        _ => true,
    };
    assert_eq!(third, usize::from(goes_on), "{answer} to {batch}");
    for id in failed {
        let is_second = id == "\"1002\"" || id.contains(":1002,") || id.contains(":1003,");
        assert!(is_second, "{answer} to {batch}");
    }
    if source == Source::KinesisFirehose {
        let results: Vec<_> = [0, 1, 2].map(|index| &answer["records"][index]["result"]).into();
        assert!(
            results[0] == "Ok" && results[2] == "Ok" && results[1].is_string(),
            "{answer} to {batch}"
        );
    }
}
