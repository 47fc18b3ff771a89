//! The example `checkout`: a workflow that waits for an HTTP route of its own function.

use crate::served::Served;
use serde_json::json;
use std::time::Duration;
use switchboard::testing::Sqs;

async fn ordered(served: &Served, id: &str) -> String {
    let order = Sqs::text(json!({"id": id, "cents": 4200}).to_string()).id(&format!("m-{id}"));
    let headers = [
        ("x-amz-invocation-type", "Event"),
        ("x-amz-durable-execution-name", id),
    ];
    let path = "/2015-03-31/functions/checkout/invocations";
    let reply = served.post(path, &headers, &order.to_json()).await;
    assert_eq!(reply.status, 202, "{reply:?}");
    reply.header("x-amz-durable-execution-arn").unwrap().to_owned()
}

/// What the warehouse says.
async fn packed(served: &Served, arn: &str, packed: bool) -> u16 {
    let started = served.event(arn, "CallbackStarted").await;
    let callback = started["CallbackStartedDetails"]["CallbackId"].as_str().unwrap();
    let headers = [("content-type", "application/json")];
    let reply = served
        .post(&format!("/packed/{callback}"), &headers, &packed.to_string())
        .await;
    reply.status
}

#[tokio::test]
async fn an_order_is_shipped_or_refunded() {
    let served = Served::start("checkout", "FAULTY_LEDGER", Duration::from_secs(30), 1.0).await;
    let (shipped, sold_out) = (ordered(&served, "1").await, ordered(&served, "2").await);
    assert_eq!(packed(&served, &shipped, true).await, 202);
    served.event(&shipped, "ExecutionSucceeded").await;
    // A callback ends once.
    assert_eq!(packed(&served, &shipped, false).await, 409);
    assert_eq!(packed(&served, &sold_out, false).await, 202);
    served.event(&sold_out, "ExecutionSucceeded").await;
    let expected = [
        "ask-warehouse 1",
        "ask-warehouse 2",
        "charge 1",
        "charge 2",
        "refund 2",
        "ship 1",
        "tell-cancelled 2",
        "tell-shipped 1",
    ];
    assert_eq!(served.ledger(), expected);
    // The same record again is another execution, and the same order.
    let again = ordered_again(&served).await;
    assert_eq!(packed(&served, &again, true).await, 202);
    served.event(&again, "ExecutionSucceeded").await;
    assert_eq!(served.ledger(), expected);
}

async fn ordered_again(served: &Served) -> String {
    let order = Sqs::text(json!({"id": "1", "cents": 4200}).to_string()).id("m-1");
    let headers = [("x-amz-invocation-type", "Event")];
    let path = "/2015-03-31/functions/checkout/invocations";
    let reply = served.post(path, &headers, &order.to_json()).await;
    reply.header("x-amz-durable-execution-arn").unwrap().to_owned()
}
