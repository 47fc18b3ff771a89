//! The function with its journal in DynamoDB, on an emulator, and faults between the two: nothing is lost, nothing is kept
//! twice, and the error says which call. `make test-aws` runs it.

use crate::support::emulator::{journal_table, variable};
use crate::support::journal::all;
use crate::support::proxy::{FAULTS, Fault, Proxy};
use crate::support::{batch, builder, dynamodb, event, http_api, kinesis, s3};
use lambda_sandbox::Function;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use switchboard_function::journal::{Dynamodb, EntryQuery, Limit, ResourceQuery, Store as _};

/// The function, and faults between it and its table.
struct Scene {
    function: Function,
    proxy: Proxy,
    store: Dynamodb,
    table: String,
}

impl Scene {
    async fn start(table: &str) -> Self {
        journal_table(table).await;
        let proxy = Proxy::start(&variable("AWS_ENDPOINT_URL_DYNAMODB")).await;
        let function = builder()
            .env("SWITCHBOARD_STORE", format!("dynamodb:{table}"))
            .env("AWS_ENDPOINT_URL_DYNAMODB", &proxy.endpoint)
            .env("AWS_LAMBDA_LOG_LEVEL", "ERROR");
        Self {
            function: function.start().await.unwrap(),
            proxy,
            store: Dynamodb::from_env(table),
            table: table.to_owned(),
        }
    }

    /// Delivers once: what has to come again, and the function's logs.
    async fn deliver(&self, delivery: &Delivery) -> (Option<Delivery>, String) {
        let outcome = self
            .function
            .invoke(delivery.payload().into_bytes())
            .await
            .unwrap();
        let logs = outcome.logs.join("\n");
        let again = match (delivery, outcome.result) {
            (_, Err(_)) => Some(delivery.clone()),
            (Delivery::Records(records), Ok(reply)) => {
                again(records, &serde_json::from_slice(&reply).unwrap())
            }
            (Delivery::Event(_), Ok(_)) => None,
            (Delivery::Request(_), Ok(reply)) => {
                let reply: Value = serde_json::from_slice(&reply).unwrap();
                let status = reply["statusCode"].as_u64().unwrap();
                assert!([200, 201, 500].contains(&status), "{reply}");
                (status == 500).then(|| delivery.clone())
            }
        };
        (again, logs)
    }

    /// Delivers, as AWS does, until nothing has to come again.
    async fn deliver_all(&self) {
        for mut delivery in deliveries() {
            let mut times = 0;
            while let (Some(again), logs) = self.deliver(&delivery).await {
                times += 1;
                assert!(times < 40, "{delivery:?}\n{logs}");
                delivery = again;
            }
        }
    }

    /// Each event is there once, and each resource has its state.
    async fn is_complete(&self) {
        let query = EntryQuery {
            limit: Limit::MAX,
            ..EntryQuery::default()
        };
        let mut types = BTreeMap::<String, usize>::new();
        for entry in all(&self.store, query).await {
            *types.entry(entry.event_type().to_owned()).or_default() += 1;
        }
        let expected = [
            ("com.amazonaws.dynamodb.INSERT", DYNAMODB),
            ("com.amazonaws.kinesis.record", KINESIS),
            ("com.amazonaws.s3.ObjectCreated:Put", 1),
            ("com.example.posted", 7),
            ("shop.Order-Placed", 1),
        ];
        assert_eq!(
            types,
            expected.map(|(name, count)| (name.to_owned(), count)).into()
        );
        let query = ResourceQuery {
            limit: Limit::MAX,
            ..ResourceQuery::default()
        };
        let resources = self.store.resources(&query).await.unwrap().items;
        let mut states = HashMap::<String, usize>::new();
        for resource in resources {
            *states.entry(resource.state).or_default() += 1;
        }
        assert_eq!(
            states,
            HashMap::from([("inserted".to_owned(), DYNAMODB), ("created".to_owned(), 1)])
        );
    }

    async fn end(self) {
        self.function.shutdown().await;
    }
}

/// How many records the batches have.
const KINESIS: usize = 60;
const DYNAMODB: usize = 12;

#[derive(Clone, Debug)]
enum Delivery {
    Records(Vec<Value>),
    Event(Value),
    Request(Value),
}

impl Delivery {
    fn payload(&self) -> String {
        match self {
            Self::Records(records) => batch(records.clone()),
            Self::Event(event) | Self::Request(event) => event.to_string(),
        }
    }
}

fn deliveries() -> [Delivery; 5] {
    let posted: Vec<Value> = (0..7)
        .map(|n| json!({"specversion": "1.0", "id": n.to_string(), "source": "/test", "type": "com.example.posted"}))
        .collect();
    let mut post = http_api("POST", "/events");
    post["headers"]["content-type"] = "application/cloudevents-batch+json".into();
    post["body"] = Value::String(Value::Array(posted).to_string());
    [
        Delivery::Records((0..KINESIS).map(|n| kinesis(n, b"click")).collect()),
        Delivery::Records((0..DYNAMODB).map(|n| dynamodb(n, json!({}))).collect()),
        Delivery::Event(serde_json::from_str(&batch([s3("a.txt")])).unwrap()),
        Delivery::Event(event(&json!({"a": 1}))),
        Delivery::Request(post),
    ]
}

/// The records from the one on that the reply names.
fn again(records: &[Value], reply: &Value) -> Option<Delivery> {
    let failures = reply["batchItemFailures"].as_array().unwrap();
    let number = failures.first()?["itemIdentifier"].as_str().unwrap();
    let named = |record: &&Value| {
        record
            .pointer("/kinesis/sequenceNumber")
            .or(record.pointer("/dynamodb/SequenceNumber"))
            .unwrap()
            == number
    };
    let at = records.iter().position(|record| named(&record)).unwrap();
    Some(Delivery::Records(records[at..].to_vec()))
}

async fn survives(table: &str, fault: Fault, first: usize) {
    let scene = Scene::start(table).await;
    let mut calls = HashMap::<String, usize>::new();
    // The first calls of each operation; with five at once, some calls fail twice and more.
    scene.proxy.faults(move |operation| {
        let calls = calls.entry(operation.to_owned()).or_default();
        *calls += 1;
        if *calls <= first { fault } else { Fault::None }
    });
    scene.deliver_all().await;
    scene.is_complete().await;
    scene.end().await;
}

#[tokio::test]
async fn throttled_calls_lose_nothing() {
    survives("throttled", Fault::Throttled, 20).await;
}

#[tokio::test]
async fn errors_of_dynamodb_lose_nothing() {
    survives("unavailable", Fault::Unavailable, 20).await;
}

#[tokio::test]
async fn refused_connections_lose_nothing() {
    survives("refused", Fault::Refused, 20).await;
}

#[tokio::test]
async fn lost_answers_keep_nothing_twice() {
    survives("lost", Fault::AnswerLost, 20).await;
}

#[tokio::test]
async fn half_of_each_bulk_call_unprocessed_loses_nothing() {
    survives("half", Fault::Half, usize::MAX).await;
}

#[tokio::test]
async fn calls_that_hang_are_made_again() {
    survives("slow", Fault::Slow, 1).await;
}

/// Nothing works: the error says which call it was, and everything comes again.
#[tokio::test]
async fn an_outage_names_the_call_and_all_comes_again() {
    let scene = Scene::start("outage").await;
    scene.proxy.faults(|_| Fault::Throttled);
    let what = "failed: ProvisionedThroughputExceededException: by the test";
    let calls = [
        "BatchGetItem",
        "BatchGetItem",
        "UpdateItem",
        "UpdateItem",
        "BatchGetItem",
    ];
    for (delivery, call) in deliveries().into_iter().zip(calls) {
        let (again, logs) = scene.deliver(&delivery).await;
        let again = again.unwrap();
        assert_eq!(again.payload(), delivery.payload());
        let expected = format!("{call} on the table `{}` {what}", scene.table);
        assert!(logs.contains(&expected), "{expected}\n{logs}");
    }
    let health = scene
        .function
        .invoke(http_api("GET", "/health").to_string().into_bytes())
        .await
        .unwrap();
    let health: Value = serde_json::from_slice(&health.result.unwrap()).unwrap();
    assert_eq!(health["statusCode"], 503);
    scene.proxy.faults(|_| Fault::None);
    scene.deliver_all().await;
    scene.is_complete().await;
    scene.end().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_nothing_is_lost_or_kept_twice(name: u32, faults in proptest::collection::vec(0usize..24, 60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scene = Scene::start(&format!("any-{name}")).await;
            let mut faults = faults.into_iter();
            // Three calls of four go well; slow ones have a test of their own.
            scene.proxy.faults(move |_| match faults.next().map(|at| FAULTS.get(at)) {
                Some(Some(Fault::Slow)) | Some(None) | None => Fault::None,
                Some(Some(fault)) => *fault,
            });
            scene.deliver_all().await;
            scene.is_complete().await;
            scene.end().await;
        });
    }
}
