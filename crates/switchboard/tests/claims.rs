//! Bodies that their senders have put into S3: pointers as the extended clients of SQS and SNS write them.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use switchboard::event::{Attributes, S3Pointer};
use switchboard::testing::{Delivered, RecordOutcome};
use switchboard::{Context, DeadLetter, Failure, Handler, Json, OnFault, Router};

#[derive(Debug, Deserialize)]
struct Order {
    id: u64,
    note: String,
}

type Seen = Arc<Mutex<Vec<String>>>;

async fn on_order(
    (Json(order), attributes): (Json<Order>, Attributes),
    cx: Context<Seen>,
) -> Result<(), Failure> {
    let tenant = attributes.get("tenant").unwrap_or_default().into_owned();
    cx.state()
        .lock()
        .unwrap()
        .push(format!("{} {:?} {tenant}", order.id, order.note));
    Ok(())
}

async fn fetch(pointer: S3Pointer) -> Result<Option<Bytes>, std::io::Error> {
    match (&*pointer.bucket, &*pointer.key) {
        ("large", "orders/7") => Ok(Some(Bytes::from(
            "{\"id\":7,\"note\":\"a \\\"quoted\\\" line\\n\"}",
        ))),
        ("large", "orders/bad") => Ok(Some(Bytes::from_static(br#"{"id":"secret","note":""}"#))),
        ("large", "orders/binary") => Ok(Some(Bytes::from_static(b"ab\xff"))),
        ("large", "orders/long") => Ok(Some(vec![b' '; 2_000].into())),
        ("broken", _) => Err(std::io::Error::other("no connection")),
        _ => Ok(None),
    }
}

const CLASS: &str = "software.amazon.payloadoffloading.PayloadS3Pointer";

fn pointer_to(class: &str, bucket: &str, key: &str) -> Value {
    // With the space that Python's `dumps` writes.
    format!("[\"{class}\", {{\"s3BucketName\": \"{bucket}\", \"s3Key\": \"{key}\"}}]").into()
}

fn message(body: &Value, size: Option<(&str, &str)>) -> Value {
    let mut attributes = json!({"tenant": {"dataType": "String", "stringValue": "t-1"}});
    if let Some((name, size)) = size {
        attributes[name] = json!({"dataType": "Number", "stringValue": size});
    }
    json!({"messageId": "m-1", "body": body, "eventSource": "aws:sqs", "attributes": {}, "messageAttributes": attributes,
        "eventSourceARN": "arn:aws:sqs:eu-central-1:1:orders"})
}

const SIZE: Option<(&str, &str)> = Some(("ExtendedPayloadSize", "300"));

async fn deliver(message: Value) -> (RecordOutcome, Vec<String>) {
    let seen = Seen::default();
    let router = Router::new(Arc::clone(&seen)).sqs(on_order.claim_check(fetch).most(1_000));
    let delivered = router.deliver(json!({"Records": [message]}).to_string()).await;
    let seen = seen.lock().unwrap().clone();
    (delivered.outcomes().remove(0), seen)
}

#[tokio::test]
async fn a_body_in_s3_takes_the_place_of_its_pointer() {
    let fetched = ["7 \"a \\\"quoted\\\" line\\n\" t-1"];
    for (class, attribute) in [
        (CLASS, "ExtendedPayloadSize"),
        (
            "com.amazon.sqs.javamessaging.MessageS3Pointer",
            "SQSLargePayloadSize",
        ),
    ] {
        let message = message(&pointer_to(class, "large", "orders/7"), Some((attribute, "36")));
        assert_eq!(
            deliver(message).await,
            (RecordOutcome::Done, fetched.map(str::to_owned).to_vec())
        );
    }
    let plain = message(&r#"{"id":1,"note":"ExtendedPayloadSize"}"#.into(), None);
    let seen = vec!["1 \"ExtendedPayloadSize\" t-1".to_owned()];
    assert_eq!(deliver(plain).await, (RecordOutcome::Done, seen));
}

#[tokio::test]
async fn notifications_have_pointers_too() {
    let seen = Seen::default();
    let router = Router::new(Arc::clone(&seen)).sns(on_order.claim_check(fetch).concurrency(2));
    let attributes = json!({"ExtendedPayloadSize": {"Type": "Number", "Value": "36"}, "tenant": {"Type": "String", "Value": "t-2"}});
    let sns = json!({"MessageId": "m", "Message": pointer_to(CLASS, "large", "orders/7"), "MessageAttributes": attributes,
        "TopicArn": "arn:aws:sns:eu-central-1:1:t", "Timestamp": "2027-01-01T00:00:00Z", "Type": "Notification"});
    let record = json!({"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": "arn:aws:sns:x", "Sns": sns});
    router
        .deliver(json!({"Records": [record]}).to_string())
        .await
        .assert_done();
    assert_eq!(*seen.lock().unwrap(), ["7 \"a \\\"quoted\\\" line\\n\" t-2"]);
}

#[tokio::test]
async fn what_cannot_be_fetched_is_its_records_failure_and_names_the_object() {
    let memory = "the bound follows the function's memory: give it more if that is meant";
    for (bucket, key, size, told) in [
        (
            "large",
            "orders/8",
            "9",
            "the claimed object \"orders/8\" of the bucket \"large\" does not exist".to_owned(),
        ),
        (
            "broken",
            "x",
            "9",
            "the claimed object \"x\" of the bucket \"broken\" could not be fetched: no connection"
                .to_owned(),
        ),
        (
            "large",
            "orders/long",
            "9",
            format!(
                "the claimed object \"orders/long\" of the bucket \"large\" has 2000 bytes, which are more than 1000; {memory}"
            ),
        ),
        (
            "large",
            "orders/7",
            "1001",
            format!(
                "the claimed object \"orders/7\" of the bucket \"large\" has 1001 bytes, which are more than 1000; {memory}"
            ),
        ),
    ] {
        let message = message(
            &pointer_to(CLASS, bucket, key),
            Some(("ExtendedPayloadSize", size)),
        );
        assert_eq!(deliver(message).await, (RecordOutcome::Failed(told), Vec::new()));
    }
}

async fn rejecting(message: Value) -> Delivered {
    let handler = on_order.on_unreadable(OnFault::Reject).claim_check(fetch);
    let router = Router::new(Seen::default()).sqs(handler);
    let router = router.dead_letters(|_: DeadLetter| async { Ok::<_, std::io::Error>(()) });
    router.deliver(json!({"Records": [message]}).to_string()).await
}

#[tokio::test]
async fn a_pointer_that_is_none_and_a_body_that_does_not_fit_are_unreadable() {
    let none = "unreadable at body: an attribute says that it is a pointer to S3, and it is none of the extended clients'";
    let bad = "unreadable at body `id`: invalid type: string, expected u64 at line 1 column 14";
    for (body, told) in [
        (json!("{}"), none),
        (
            json!(r#"["software.amazon.payloadoffloading.PayloadS3Pointer"]"#),
            none,
        ),
        (pointer_to("com.example.Pointer", "large", "orders/7"), none),
        (Value::Null, none),
        (pointer_to(CLASS, "large", "orders/bad"), bad),
        (
            pointer_to(CLASS, "large", "orders/binary"),
            "unreadable at body: not UTF-8 at byte 2",
        ),
    ] {
        let message = message(&body, SIZE);
        assert_eq!(
            deliver(message.clone()).await.0,
            RecordOutcome::Failed(told.to_owned()),
            "{body}"
        );
        let outcomes = rejecting(message).await.outcomes();
        assert_eq!(outcomes, [RecordOutcome::Rejected(told.to_owned())], "{body}");
    }
    // What may come with the next delivery is not rejected.
    let outcomes = rejecting(message(&pointer_to(CLASS, "large", "orders/8"), SIZE))
        .await
        .outcomes();
    assert!(
        matches!(&outcomes[..], [RecordOutcome::Failed(_)]),
        "{outcomes:?}"
    );
}
