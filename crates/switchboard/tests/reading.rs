//! Reading that panics inside a library is the record's failure, and nothing else's.

use aws_lambda_events::kinesis::KinesisEventRecord;
use lambda_runtime::{LambdaEvent, Service};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use switchboard::event::{Delivery, Event, Object};
use switchboard::source::Source;
use switchboard::{Batch, Context, Error, Failure, Handler, OnFault, Payload, Router, Windowed};

/// The records that a handler was called with.
type Seen = Arc<Mutex<Vec<String>>>;

/// A record whose reading panics if it says so.
#[derive(Debug)]
struct Fragile {
    text: String,
}

impl<'de> Deserialize<'de> for Fragile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Plain {
            text: String,
        }
        let Plain { text } = Plain::deserialize(deserializer)?;
        assert_ne!(text, "hunter2", "a library's panic quotes hunter2");
        Ok(Self { text })
    }
}

/// An event of fragile records.
macro_rules! fragile {
    ($name:ident: $source:ident, $delivery:ident, $id:literal) => {
        struct $name;

        impl Event for $name {
            const SOURCES: &'static [Source] = &[Source::$source];
            const DELIVERY: Delivery = Delivery::$delivery;
            const ID: &'static [&'static str] = &[$id];
            type Item = Fragile;
            type Reply = ();

            fn lane(item: &Fragile) -> Option<String> {
                assert_ne!(item.text, "no lane");
                Some(item.text.clone())
            }

            fn mend(object: &mut Object<'_>, _received: chrono::DateTime<chrono::Utc>) {
                assert!(object.get("text").is_some(), "mending panics, too");
            }
        }
    };
}

fragile!(Stream: Kinesis, Stream, "kinesis.sequenceNumber");
fragile!(Queue: Sqs, Queue, "messageId");
fragile!(Notification: S3, Notification, "key");
fragile!(Whole: CloudwatchEvents, Whole, "id");

async fn on_record(record: Fragile, cx: Context<Seen>) -> Result<(), Failure> {
    cx.state().lock().unwrap().push(record.text);
    Ok(())
}

async fn on_batch(batch: Batch<Fragile>, cx: Context<Seen>) -> Result<(), Failure> {
    let texts = batch.iter().map(|pending| pending.item.text.clone());
    cx.state().lock().unwrap().extend(texts);
    batch.done();
    Ok(())
}

fn router() -> (Router<Seen>, Seen) {
    let seen = Seen::default();
    (Router::new(Arc::clone(&seen)), seen)
}

async fn deliver<S: Clone + Send + Sync + 'static>(
    mut router: Router<S>,
    payload: impl Into<String>,
) -> Result<Value, Error> {
    let event = LambdaEvent::new(Payload::new(payload.into()), lambda_runtime::Context::default());
    let reply = router.call(event).await?;
    Ok(serde_json::to_value(&reply).unwrap())
}

fn records(source: &str, texts: &[&str]) -> String {
    let record = |(index, text): (usize, &&str)| {
        json!({"eventSource": source, "kinesis": {"sequenceNumber": index.to_string()}, "s3": {}, "text": text,
            "messageId": index.to_string(), "body": "", "key": index.to_string()})
    };
    let records: Vec<Value> = texts.iter().enumerate().map(record).collect();
    json!({"Records": records}).to_string()
}

const TEXTS: [&str; 3] = ["a", "hunter2", "c"];

fn seen(seen: &Seen) -> Vec<String> {
    seen.lock().unwrap().clone()
}

#[tokio::test]
async fn a_record_whose_reading_panics_ends_its_stream_batch_and_is_reported() {
    let (router, log) = router();
    let answer = deliver(router.on::<Stream>(on_record), records("aws:kinesis", &TEXTS)).await;
    assert_eq!(
        answer.unwrap(),
        json!({"batchItemFailures": [{"itemIdentifier": "1"}]})
    );
    assert_eq!(seen(&log), ["a"]);
}

#[tokio::test]
async fn it_is_the_only_one_that_fails_of_a_queue_one_by_one_side_by_side_and_in_bulk() {
    let queue: [fn(Router<Seen>) -> Router<Seen>; 3] = [
        |router| router.on::<Queue>(on_record),
        |router| router.on::<Queue>(on_record.concurrency(3)),
        |router| router.on_batch::<Queue>(on_batch),
    ];
    for route in queue {
        let (router, log) = router();
        let answer = deliver(route(router), records("aws:sqs", &TEXTS)).await;
        assert_eq!(
            answer.unwrap(),
            json!({"batchItemFailures": [{"itemIdentifier": "1"}]})
        );
        assert_eq!(seen(&log), ["a", "c"]);
    }
}

#[tokio::test]
async fn the_failure_says_so_and_quotes_nothing() {
    let (router, log) = router();
    let answer = deliver(router.on::<Notification>(on_record), records("aws:s3", &TEXTS)).await;
    let message = answer.unwrap_err().to_string();
    assert!(
        message.contains("record 1 (1): unreadable: reading it panicked: inside the library"),
        "{message}"
    );
    assert!(!message.contains("hunter2"), "{message}");
    assert_eq!(seen(&log), ["a", "c"]);

    let event = json!({"id": "e1", "detail-type": "t", "source": "s", "text": "hunter2"}).to_string();
    let answer = deliver(self::router().0.on::<Whole>(on_record), event).await;
    let message = answer.unwrap_err().to_string();
    assert!(
        message.contains("record 0 (e1): unreadable: reading it panicked: inside the library"),
        "{message}"
    );
}

#[tokio::test]
async fn it_can_be_rejected_as_what_cannot_be_read() {
    let (router, log) = router();
    let letters = Arc::clone(&log);
    let router = router
        .on::<Stream>(on_record.on_unreadable(OnFault::Reject))
        .dead_letters(move |letter| {
            letters
                .lock()
                .unwrap()
                .push(format!("rejected {}", letter.id.unwrap()));
            std::future::ready(Ok::<(), std::io::Error>(()))
        });
    let answer = deliver(router, records("aws:kinesis", &TEXTS)).await;
    assert_eq!(answer.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!(seen(&log), ["a", "rejected 1", "c"]);
}

#[tokio::test]
async fn mending_identity_and_lanes_that_panic_end_no_invocation() {
    let (router, log) = router();
    let mut payload: Value = serde_json::from_str(&records("aws:sqs", &["a", "no lane", "c"])).unwrap();
    payload["Records"][0].as_object_mut().unwrap().remove("text");
    let answer = deliver(router.on::<Queue>(on_record), payload.to_string()).await;
    assert_eq!(
        answer.unwrap(),
        json!({"batchItemFailures": [{"itemIdentifier": "0"}]})
    );
    assert_eq!(seen(&log), ["no lane", "c"]);
}

/// A state whose reading panics.
#[derive(Clone, Default, serde::Serialize)]
struct State;

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(_deserializer: D) -> Result<Self, D::Error> {
        panic!("no state")
    }
}

async fn fold(_step: Windowed<KinesisEventRecord, State>, _cx: Context<()>) -> Result<State, Failure> {
    Ok(State)
}

#[tokio::test]
async fn a_window_whose_state_panics_fails_as_an_invocation() {
    let window = json!({"Records": [{"eventSource": "aws:kinesis", "kinesis": {"sequenceNumber": "1", "data": "eA==",
        "partitionKey": "p", "approximateArrivalTimestamp": 1}}],
        "window": {"start": "2026-11-30T00:00:00Z", "end": "2026-11-30T00:01:00Z"}, "state": {"a": 1},
        "shardId": "s", "eventSourceARN": "arn", "isFinalInvokeForWindow": false, "isWindowTerminatedEarly": false});
    let answer = deliver(Router::new(()).kinesis_window(fold), window.to_string()).await;
    let message = answer.unwrap_err().to_string();
    assert!(
        message.contains("reading the window's state panicked"),
        "{message}"
    );
}
