//! `redrive` on an emulator: what succeeds is deleted, what fails or has expired stays.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::poll::{Faulty, sum, task};

#[test]
fn a_dead_letter_queue_goes_through_the_function_and_what_fails_stays() {
    let faulty = Faulty::new("redrive-dead");
    let (_, dead) = faulty.queue("redrive-orders", false);
    for (what, id) in [("ok", "a"), ("fail", "b"), ("ok", "c")] {
        faulty.send(&dead, &task(what, id), None);
    }
    let words = ["--queue", "redrive-orders-dead"];
    let (code, shown, said) = faulty.said("redrive", &[&words[..], &["--list"]].concat());
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        (&shown[0]["source"], &shown[0]["count"]),
        (&json!("sqs"), &json!(3)),
        "{shown:?} {said}"
    );
    let (code, shown, said) = faulty.said("redrive", &[&words[..], &["--dry-run"]].concat());
    assert_eq!((code, &sum(&shown)["planned"]), (0, &json!(3)), "{said}");
    assert_eq!(faulty.finished().len(), 0);
    let (code, shown, said) = faulty.said("redrive", &words);
    assert_eq!(
        (code, &sum(&shown)["done"], &sum(&shown)["failed"]),
        (1, &json!(2), &json!(1)),
        "{shown:?} {said}"
    );
    let finished: BTreeSet<String> = faulty.finished().into_iter().collect();
    assert_eq!(finished, BTreeSet::from(["a".to_owned(), "c".to_owned()]));
    assert_eq!(faulty.count(&dead), 1);
    // It is visible again, and so another run goes on with it.
    let (code, shown, _) = faulty.said("redrive", &words);
    assert_eq!((code, &sum(&shown)["failed"]), (1, &json!(1)));
}

#[test]
fn records_of_destinations_become_events_again() {
    let faulty = Faulty::new("redrive-records");
    let (queue, _) = faulty.queue("redrive-failures", false);
    faulty.stream("redrive-clicks");
    let data = json!({"StreamName": "redrive-clicks", "PartitionKey": "k", "Data": task("ok", "kinesis").to_string()});
    let put = faulty.call("kinesis", "put_record", data);
    let stream = faulty.call(
        "kinesis",
        "describe_stream_summary",
        json!({"StreamName": "redrive-clicks"}),
    );
    let arn = &stream["StreamDescriptionSummary"]["StreamARN"];
    let given_up = |number: &Value| {
        json!({"requestContext": {"condition": "RetryAttemptsExhausted"}, "KinesisBatchInfo": {"shardId": put["ShardId"],
            "startSequenceNumber": number, "endSequenceNumber": number, "batchSize": 1, "streamArn": arn}})
    };
    faulty.send(&queue, &given_up(&put["SequenceNumber"]), None);
    faulty.send(&queue, &given_up(&json!("1")), None);
    let message = json!({"messageId": "1", "receiptHandle": "r", "body": task("ok", "again").to_string(), "attributes": {},
        "messageAttributes": {}, "md5OfBody": "m", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:1:q",
        "awsRegion": "eu-west-1"});
    let asynchronous = json!({"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": {"Records": [message]},
        "responsePayload": {"errorType": "Mine"}});
    let notification = json!({"Type": "Notification", "Message": asynchronous.to_string()});
    faulty.send(&queue, &notification, None);
    let words = ["--queue", &queue];
    let (code, shown, said) = faulty.said(
        "redrive",
        &[&words[..], &["--list", "--where", "error=Mine"]].concat(),
    );
    assert_eq!((code, shown.len()), (0, 1), "{shown:?} {said}");
    let (code, shown, said) = faulty.said("redrive", &words);
    let sum = sum(&shown);
    assert_eq!(
        (code, &sum["done"], &sum["expired"]),
        (1, &json!(2), &json!(1)),
        "{shown:?} {said}"
    );
    let finished: BTreeSet<String> = faulty.finished().into_iter().collect();
    assert_eq!(
        finished,
        BTreeSet::from(["again".to_owned(), "kinesis".to_owned()])
    );
    assert_eq!(faulty.count(&queue), 1);
}
