//! Records of batches in child contexts, whole events, and what is said of them.

use crate::served::Served;
use serde_json::json;
use std::time::Duration;
use switchboard::testing::{Kinesis, Sqs};

/// An hour in a hundredth of a second.
const AN_HOUR_IN_A_MOMENT: f64 = 360_000.0;

fn told(what: &str, id: &str) -> String {
    json!({"do": what, "id": id}).to_string()
}

async fn serve() -> Served {
    Served::start(
        "told",
        "TOLD_LEDGER",
        Duration::from_secs(30),
        AN_HOUR_IN_A_MOMENT,
    )
    .await
}

fn count(logs: &[String], text: &str) -> usize {
    logs.iter().filter(|line| line.contains(text)).count()
}

#[tokio::test]
async fn records_wait_side_by_side_and_each_fails_alone() {
    let served = serve().await;
    let whats = ["ok", "wait", "fail", "reject", "panic", "wait"];
    let messages = whats.iter().enumerate();
    let messages = messages.map(|(at, what)| Sqs::text(told(what, &at.to_string())).id(&format!("m-{at}")));
    let batch = Sqs::batch(messages.chain([Sqs::text("no JSON").id("m-6")])).to_json();
    let (answer, logs) = served.result(batch).await;
    let failed = ["m-2", "m-4", "m-6"].map(|id| json!({"itemIdentifier": id}));
    assert_eq!(answer, json!({"batchItemFailures": failed}));
    // Each step was done once, and so was the dead letter, although the records were replayed.
    let expected = [
        "dead m-3", "first 0", "first 1", "first 2", "first 3", "first 4", "first 5", "second 1", "second 5",
    ];
    assert_eq!(served.ledger(), expected);
    let contexts = served.contexts().await;
    for name in ["m-0", "m-5", "m-6"] {
        assert!(contexts.iter().any(|context| context == name), "{contexts:?}");
    }
    // A replay says nothing twice.
    assert_eq!(count(&logs, "begun"), 6, "{logs:#?}");
    assert_eq!(count(&logs, "gone on"), 2, "{logs:#?}");
    assert_eq!(count(&logs, "record failed"), 4, "{logs:#?}");
}

#[tokio::test]
async fn a_stream_stops_at_its_first_failure() {
    let served = serve().await;
    let whats = ["ok", "wait", "fail", "ok"];
    let records = whats.iter().enumerate();
    let records = records.map(|(at, what)| Kinesis::bytes("k", told(what, &at.to_string())));
    let (answer, _) = served.result(Kinesis::batch(records).to_json()).await;
    assert_eq!(
        answer["batchItemFailures"].as_array().unwrap().len(),
        1,
        "{answer}"
    );
    assert_eq!(served.ledger(), ["first 0", "first 1", "first 2", "second 1"]);
}

#[tokio::test]
async fn messages_of_a_group_keep_their_order() {
    let served = serve().await;
    let messages = [("wait", "a", 0), ("ok", "a", 1), ("fail", "b", 2), ("ok", "b", 3)];
    let messages = messages.map(|(what, group, at)| {
        Sqs::text(told(what, &at.to_string()))
            .id(&format!("m-{at}"))
            .fifo(group)
    });
    let (answer, _) = served.result(Sqs::batch(messages).to_json()).await;
    let failed = ["m-2", "m-3"].map(|id| json!({"itemIdentifier": id}));
    assert_eq!(answer, json!({"batchItemFailures": failed}));
    assert_eq!(served.ledger(), ["first 0", "first 1", "first 2", "second 0"]);
}

#[tokio::test]
async fn a_whole_event_ends_its_execution() {
    let served = serve().await;
    let (answer, _) = served.result(told("wait", "7")).await;
    assert_eq!(answer, json!("7"));
    let error = served.invoke(told("decline", "8")).await.result.unwrap_err();
    assert_eq!(error.error_type, "CardDeclined", "{error}");
    assert!(error.message.contains("told to"), "{error}");
    assert_eq!(served.ledger(), ["first 7", "first 8", "second 7"]);
}

/// The handler is not dropped as a failure: what has been recorded stands, and the next invocation goes on.
#[tokio::test]
async fn time_that_runs_out_interrupts_the_invocation_and_not_the_execution() {
    let served = Served::start("told", "TOLD_LEDGER", Duration::from_secs(2), AN_HOUR_IN_A_MOMENT).await;
    let (answer, _) = served.result(told("hang", "7")).await;
    assert_eq!(answer, json!("7"));
    assert_eq!(served.ledger(), ["first 7", "hang 7", "hang 7"]);
}

#[tokio::test]
async fn an_event_without_an_execution_is_refused() {
    let served = serve().await;
    for event in [Sqs::text(told("ok", "1")).to_json(), told("ok", "1")] {
        let outcome = served.function.invoke(event).await.unwrap();
        let error = outcome.result.unwrap_err();
        assert_eq!(error.error_type, "NotDurable", "{error}");
        assert!(error.message.contains("DurableConfig"), "{error}");
    }
    assert_eq!(served.ledger(), Vec::<String>::new());
}
