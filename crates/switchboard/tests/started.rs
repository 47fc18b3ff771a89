//! `start`: records that are handed over to durable executions.

use aws_lambda_events::sqs::SqsMessage;
use lambda_sandbox::http::PayloadFormat;
use lambda_sandbox::{Durable, DurableSettings, Function, Gateway};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::testing::{EventBridge, Kinesis, Sqs};
use switchboard::when::field;
use switchboard::{Context, ExecutionStart, Failure, Router, start};
use switchboard_test_support::client::send;
use switchboard_test_support::example;
use tokio::net::TcpListener;

/// Lambda, as far as it starts executions: by name, each once.
#[derive(Clone, Default)]
struct Executions(Arc<Mutex<BTreeMap<String, String>>>);

impl Executions {
    /// Starts an execution, unless its event says that Lambda is throttled.
    async fn start(self, start: ExecutionStart) -> Result<(), String> {
        let payload = String::from_utf8(start.payload.to_vec()).unwrap();
        if payload.contains("throttled") {
            return Err("TooManyRequestsException: Rate Exceeded".to_owned());
        }
        assert_eq!(&*start.function, "checkout:live");
        self.0.lock().unwrap().entry(start.name).or_insert(payload);
        Ok(())
    }

    fn client(&self) -> impl switchboard::StartClient + use<> {
        let executions = self.clone();
        move |start| executions.clone().start(start)
    }

    fn events(&self) -> Vec<String> {
        let mut events: Vec<_> = self.0.lock().unwrap().values().cloned().collect();
        events.sort();
        events
    }
}

fn orders() -> String {
    let bodies = [
        r#"{"order": 1}"#,
        r#"{"order":2,"throttled":true}"#,
        "no JSON",
        r#"{"order":3}"#,
    ];
    let messages = bodies.iter().enumerate();
    Sqs::batch(messages.map(|(at, body)| Sqs::text(*body).id(&format!("m-{at}")))).to_json()
}

#[tokio::test]
async fn each_record_starts_one_execution_and_fails_alone() {
    let executions = Executions::default();
    let router = Router::new(()).sqs(start("checkout:live", executions.client()).concurrency(3));
    for delivery in 1..=2 {
        let delivered = router.clone().deliver(orders()).await;
        let failed = json!({"batchItemFailures": [{"itemIdentifier": "m-1"}, {"itemIdentifier": "m-2"}]});
        assert_eq!(*delivered.reply(), failed, "delivery {delivery}");
        assert_eq!(executions.events(), [r#"{"order": 1}"#, r#"{"order":3}"#]);
    }
    let names: Vec<_> = executions.0.lock().unwrap().keys().cloned().collect();
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("sqs-") && name.len() <= 64),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_stream_stops_at_a_record_whose_execution_was_not_started() {
    let executions = Executions::default();
    let router = Router::new(()).kinesis(start("checkout:live", executions.client()));
    let records = ["1", "2", "\"throttled\"", "4"];
    let batch = Kinesis::batch(records.map(|record| Kinesis::bytes("k", record)));
    let delivered = router.deliver(batch).await;
    assert_eq!(
        delivered.reply()["batchItemFailures"].as_array().unwrap().len(),
        1
    );
    assert_eq!(executions.events(), ["1", "2"]);
}

#[tokio::test]
async fn a_handler_composes_the_event_and_may_refuse() {
    async fn order(message: SqsMessage, _cx: Context<()>) -> Result<Value, Failure> {
        match message.body.as_deref() {
            Some("nothing") => Err(Failure::msg("nothing to do")),
            body => Ok(json!({"body": body})),
        }
    }
    let executions = Executions::default();
    let router = Router::new(()).sqs(start("checkout:live", executions.client()).with(order));
    assert!(
        router.routes().any(|(_, handler)| handler.ends_with("order")),
        "{router:?}"
    );
    let delivered = router.deliver(Sqs::batch(["a", "nothing"].map(Sqs::text))).await;
    assert_eq!(
        delivered.reply()["batchItemFailures"].as_array().unwrap().len(),
        1
    );
    assert_eq!(executions.events(), [r#"{"body":"a"}"#]);
}

#[tokio::test]
async fn an_event_that_is_delivered_whole_starts_one_too() {
    let executions = Executions::default();
    let placed = start("checkout:live", executions.client()).when(field("detail-type").is("OrderPlaced"));
    let router = Router::new(()).cloudwatch_events(placed);
    let described: Vec<_> = router.routes().map(|(_, handler)| handler.to_owned()).collect();
    assert_eq!(described, [r#"start("checkout:live")"#]);
    let event = |detail: &Value| EventBridge::event("shop", "OrderPlaced", detail);
    router
        .clone()
        .deliver(event(&json!({"order": 7})))
        .await
        .assert_done();
    assert_eq!(executions.events(), [r#"{"order":7}"#]);
    let delivered = router.deliver(event(&json!({"throttled": true}))).await;
    let error = delivered.error().unwrap().to_string();
    assert!(
        error.contains("of \"checkout:live\" was not started: TooManyRequests"),
        "{error}"
    );
}

/// The whole way: a function at the Runtime API, Lambda's API, the execution of another function.
#[tokio::test]
async fn through_the_runtime_api_a_redelivery_starts_nothing_twice() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let workflow = Function::builder(example("workflow"))
        .durable_at(address)
        .max_environments(4);
    let workflow = Arc::new(workflow.start().await.unwrap());
    let service = Arc::new(Durable::new(Arc::clone(&workflow), DurableSettings::new()));
    let gateway = Gateway::new(workflow, PayloadFormat::Http).durable(service);
    tokio::spawn(gateway.serve(listener));
    let starter = Function::builder(example("starter"))
        .env("STARTER_LAMBDA", address.to_string())
        .timeout(Duration::from_secs(10));
    let starter = starter.start().await.unwrap();

    let bodies = [r#"{"do":["callback"]}"#, r#"{"do":[]}"#, "no JSON"];
    let messages = bodies.iter().enumerate();
    let batch = Sqs::batch(messages.map(|(at, body)| Sqs::text(*body).id(&format!("m-{at}")))).to_json();
    for delivery in 1..=2 {
        let outcome = starter.invoke(batch.clone()).await.unwrap();
        let answer: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
        let failed = json!({"batchItemFailures": [{"itemIdentifier": "m-2"}]});
        assert_eq!(answer, failed, "delivery {delivery}");
        let line = "GET /2025-12-01/functions/checkout/durable-executions";
        let listed = send(address, line, &[], b"").await.json();
        let executions = listed["DurableExecutions"].as_array().unwrap();
        assert_eq!(executions.len(), 2, "delivery {delivery}: {listed}");
        let name = executions[0]["DurableExecutionName"].as_str().unwrap();
        assert!(name.starts_with("sqs-"), "{name}");
    }
}
