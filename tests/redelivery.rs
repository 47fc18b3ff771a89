//! Deliveries that come again, come late or are cut short by a crash: the journal holds each event once.

use crate::support::{ROUTED, Stock, batch, dynamodb, event, kinesis, s3, samples};
use serde_json::{Value, json};
use std::sync::Arc;

const RECORDS: usize = 3000;

async fn deliver(stock: &Stock, name: &str, payload: Vec<u8>) {
    let reply = stock.reply(payload).await;
    assert!(reply["batchItemFailures"][0].is_null(), "{name}: {reply}");
    assert!(
        reply["statusCode"].as_u64().is_none_or(|status| status < 500),
        "{name}: {reply}"
    );
}

/// What is in the journal once every sample has come once, in order.
async fn in_order() -> (Vec<String>, Vec<Value>) {
    let stock = Stock::start().await;
    for (name, payload) in samples(ROUTED) {
        deliver(&stock, &name, payload).await;
    }
    stock.journal().await
}

/// Delivers a batch and kills the process once the journal holds a part of it; says how much.
async fn crash(stock: &Stock, payload: &str) -> usize {
    let before = stock.count();
    let function = Arc::clone(&stock.function);
    let bytes = payload.to_owned();
    let invocation = tokio::spawn(async move { function.invoke(bytes).await.unwrap() });
    while stock.count() < before + 10 {
        assert!(
            !invocation.is_finished(),
            "the batch was done before any of it was seen"
        );
        tokio::task::yield_now().await;
    }
    stock.function.kill().await;
    let error = invocation.await.unwrap().result.unwrap_err();
    assert_eq!(error.error_type, "Runtime.ExitError", "{error}");
    stock.count() - before
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_event_is_kept_once_though_it_comes_three_times_and_the_process_is_killed() {
    let stock = Stock::start().await;
    let big = batch((0..RECORDS).map(|number| s3(&format!("crash/{number}"))));
    for round in 0..3 {
        for (name, payload) in samples(ROUTED) {
            deliver(&stock, &name, payload).await;
        }
        if round == 0 {
            let pid = stock.function.pid();
            let kept = crash(&stock, &big).await;
            assert!(
                (10..RECORDS).contains(&kept),
                "{kept} of {RECORDS} were kept before the crash"
            );
            assert_eq!(stock.reply(big.clone()).await, Value::Null);
            assert_ne!(stock.function.pid(), pid);
        }
    }
    let (mut entries, mut resources) = stock.journal().await;
    let all = entries.len();
    entries.retain(|entry| !entry.contains("crash/"));
    resources.retain(|resource| !resource.to_string().contains("crash/"));
    assert_eq!(all - entries.len(), RECORDS);
    let (expected_entries, expected_resources) = in_order().await;
    assert_eq!(entries, expected_entries);
    assert_eq!(resources, expected_resources);
}

#[tokio::test]
async fn samples_in_reverse_order_leave_the_same_journal() {
    let stock = Stock::start().await;
    for (name, payload) in samples(ROUTED).into_iter().rev() {
        deliver(&stock, &name, payload).await;
    }
    let (entries, resources) = stock.journal().await;
    let (expected_entries, expected_resources) = in_order().await;
    assert_eq!(entries, expected_entries);
    assert_eq!(resources, expected_resources);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_get_the_same_batch_keep_it_once() {
    let stock = Stock::start().await;
    let sibling = stock.sibling().await;
    for round in 0..3 {
        let records = (0..200).map(|number| kinesis(round * 200 + number, b"click"));
        let payload = batch(records);
        let (one, other) = tokio::join!(stock.function.invoke(payload.clone()), sibling.invoke(payload));
        for outcome in [one, other] {
            let outcome = outcome.unwrap();
            assert_eq!(
                outcome.result.unwrap(),
                "{\"batchItemFailures\":[]}",
                "{:?}",
                outcome.logs
            );
        }
        assert_eq!(stock.count(), (round + 1) * 200);
    }
}

/// The record without what names it in its source's terms.
fn without(mut record: Value, paths: &[&str]) -> Value {
    for path in paths {
        let (parent, key) = path.rsplit_once('/').unwrap();
        record
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(key)
            .unwrap();
    }
    record
}

#[tokio::test]
async fn what_its_source_did_not_name_is_kept_once_too() {
    let stock = Stock::start().await;
    let payloads = [
        batch([without(s3("k"), &["/responseElements"])]),
        batch([without(s3("k2"), &["/responseElements", "/s3/object/sequencer"])]),
        batch([without(kinesis(1, b"x"), &["/eventID"])]),
        batch([without(
            kinesis(2, b"x"),
            &["/eventID", "/kinesis/sequenceNumber"],
        )]),
        batch([without(dynamodb(1, json!({})), &["/eventID"])]),
        batch([without(
            dynamodb(2, json!({})),
            &["/eventID", "/dynamodb/SequenceNumber"],
        )]),
        without(event(&json!({"a": 1})), &["/id"]).to_string(),
    ];
    for _ in 0..2 {
        for payload in &payloads {
            deliver(&stock, payload, payload.clone().into()).await;
        }
    }
    assert_eq!(stock.count(), payloads.len());
}
