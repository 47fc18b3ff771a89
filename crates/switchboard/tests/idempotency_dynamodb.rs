//! The idempotency store in DynamoDB, on an emulator, shared with functions in Python and TypeScript. `make test-aws` runs it.

use crate::support::powertools::Table;
use crate::support::schedule::{check, steps};
use aws_lambda_events::s3::S3EventRecord;
use lambda_runtime::{LambdaEvent, Service};
use proptest::test_runner::{Config, TestRunner};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use switchboard::event::{Delivery, Event};
use switchboard::idempotency::{Dynamodb, Idempotency, Layout};
use switchboard::source::Source;
use switchboard::{Context, Error, Failure, Handler, Payload, Router};

#[test]
fn the_table_does_what_the_model_does() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let store = runtime.block_on(Table::create("schedules")).store();
    let start = SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_123);
    let config = Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let round = Cell::new(0);
    let result = TestRunner::new(config).run(&steps(40), |steps| {
        round.set(round.get() + 1);
        runtime.block_on(check(&store, &round.get().to_string(), start, &steps));
        Ok(())
    });
    result.unwrap();
}

/// An order, as an event that is answered.
struct Orders;

#[derive(Deserialize)]
struct Order {
    id: String,
}

#[derive(Deserialize, Serialize)]
struct Answer {
    by: String,
}

impl Event for Orders {
    const SOURCES: &'static [Source] = &[Source::CloudwatchEvents];
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &["id"];
    const CONTENT: &'static [&'static str] = &["detail"];
    type Item = Order;
    type Reply = Answer;
}

fn order(id: &str) -> Value {
    let detail = json!({"z": 1, "a": [1.0, 1e-7, 2.5e30, 12_345_678_901_234_567_890_u64, true, null], "text": "ü\"\\/𝄞\n",
        "inner": {"b": {}, "a": []}});
    json!({"version": "0", "id": id, "detail-type": "Order Placed", "source": "shop", "account": "123456789012",
        "time": "2026-03-01T10:00:00Z", "region": "eu-west-1", "resources": [], "detail": detail})
}

/// The function in Rust, and how often it had its effect.
#[derive(Clone, Default)]
struct Effects(Arc<AtomicUsize>);

impl Effects {
    async fn answer(&self, store: Dynamodb, event: &Value) -> Result<Value, Error> {
        let on_order = |order: Order, cx: Context<Effects>| async move {
            cx.state().0.fetch_add(1, Ordering::SeqCst);
            match order.id.as_str() {
                "fails" => Err(Failure::msg("told to fail")),
                _ => Ok(Answer {
                    by: "rust".to_owned(),
                }),
            }
        };
        let idempotency = Idempotency::new(store).prefix("orders");
        let router = Router::new(self.clone()).on::<Orders>(on_order.idempotent(idempotency));
        call(router, event).await
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

async fn call(mut router: Router<Effects>, event: &Value) -> Result<Value, Error> {
    let mut context = lambda_runtime::Context::default();
    let deadline = SystemTime::now() + Duration::from_secs(30);
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    context.deadline = u64::try_from(deadline.as_millis()).unwrap();
    let reply = router
        .call(LambdaEvent::new(Payload::new(event.to_string()), context))
        .await?;
    Ok(serde_json::to_value(&reply).unwrap())
}

#[tokio::test]
async fn python_answers_what_rust_has_done() {
    let (table, effects) = (Table::create("rust_first").await, Effects::default());
    for _ in 0..2 {
        let answer = effects.answer(table.store(), &order("o-1")).await.unwrap();
        assert_eq!((answer, effects.count()), (json!({"by": "rust"}), 1));
    }
    let python = table.python("id", "detail", &order("o-1"));
    assert_eq!(
        python,
        json!({"ran": false, "result": {"by": "rust"}, "error": null})
    );
    let mut other = order("o-1");
    other["detail"]["z"] = 2.into();
    let python = table.python("id", "detail", &other);
    assert_eq!(python["error"], "IdempotencyValidationError", "{python}");
}

#[tokio::test]
async fn rust_answers_what_python_has_done() {
    let (table, effects) = (Table::create("python_first").await, Effects::default());
    let python = table.python("id", "detail", &order("o-1"));
    assert_eq!(
        python,
        json!({"ran": true, "result": {"by": "python"}, "error": null})
    );
    let answer = effects.answer(table.store(), &order("o-1")).await.unwrap();
    assert_eq!((answer, effects.count()), (json!({"by": "python"}), 0));
    let mut other = order("o-1");
    other["detail"]["a"][0] = 1.5.into();
    let error = effects
        .answer(table.store(), &other)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("was used before with another payload"), "{error}");
    assert_eq!(effects.count(), 0);
}

#[tokio::test]
async fn python_does_what_rust_has_failed_to_do() {
    let (table, effects) = (Table::create("rust_fails").await, Effects::default());
    let error = effects.answer(table.store(), &order("fails")).await.unwrap_err();
    assert!(error.to_string().contains("told to fail"), "{error}");
    let python = table.python("id", "detail", &order("fails"));
    assert_eq!(python["ran"], true, "{python}");
}

#[tokio::test]
async fn python_waits_while_rust_is_at_it() {
    let table = Arc::new(Table::create("in_progress").await);
    let inside = Arc::clone(&table);
    let on_order = move |_order: Order, _cx: Context<Effects>| {
        let table = Arc::clone(&inside);
        async move {
            let python = table.python("id", "detail", &order("o-1"));
            Ok(Answer {
                by: python["error"].as_str().unwrap_or("nobody").to_owned(),
            })
        }
    };
    let idempotency = Idempotency::new(table.store()).prefix("orders");
    let router = Router::new(Effects::default()).on::<Orders>(on_order.idempotent(idempotency));
    let answer = call(router, &order("o-1")).await.unwrap();
    assert_eq!(answer["by"], "IdempotencyAlreadyInProgressError");
}

#[tokio::test]
async fn several_parts_are_a_list_in_python() {
    async fn on_object(_record: S3EventRecord, cx: Context<Effects>) -> Result<(), Failure> {
        cx.state().0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    let (table, effects) = (Table::create("lists").await, Effects::default());
    let record = switchboard_test_support::s3("a+b%2B/%C3%BC.txt");
    let idempotency = Idempotency::new(table.store()).prefix("orders");
    let router = Router::new(effects.clone()).s3(on_object.idempotent(idempotency));
    let event = json!({"Records": [record, record]});
    assert_eq!(call(router, &event).await.unwrap(), Value::Null);
    assert_eq!(effects.count(), 1);
    let key =
        "[s3.bucket.name, s3.object.key, s3.object.versionId, s3.object.sequencer, eventName, eventTime]";
    let python = table.python(key, "s3.object", &record);
    assert_eq!(python, json!({"ran": false, "result": null, "error": null}));
}

#[tokio::test]
async fn typescript_answers_what_rust_has_done() {
    let (table, effects) = (Table::create("typescript_second").await, Effects::default());
    let store = || table.store().layout(Layout::Typescript);
    for _ in 0..2 {
        let answer = effects.answer(store(), &order("o-1")).await.unwrap();
        assert_eq!((answer, effects.count()), (json!({"by": "rust"}), 1));
    }
    let typescript = table.typescript("id", "detail", &order("o-1"));
    assert_eq!(
        typescript,
        json!({"ran": false, "result": {"by": "rust"}, "error": null})
    );
    let mut other = order("o-1");
    other["detail"]["z"] = 2.into();
    let typescript = table.typescript("id", "detail", &other);
    assert_eq!(typescript["error"], "IdempotencyValidationError", "{typescript}");
}

#[tokio::test]
async fn rust_answers_what_typescript_has_done() {
    let (table, effects) = (Table::create("typescript_first").await, Effects::default());
    let store = || table.store().layout(Layout::Typescript);
    let typescript = table.typescript("id", "detail", &order("o-1"));
    assert_eq!(
        typescript,
        json!({"ran": true, "result": {"by": "typescript"}, "error": null})
    );
    let answer = effects.answer(store(), &order("o-1")).await.unwrap();
    assert_eq!((answer, effects.count()), (json!({"by": "typescript"}), 0));
    let mut other = order("o-1");
    other["detail"]["a"][0] = 1.5.into();
    let error = effects.answer(store(), &other).await.unwrap_err().to_string();
    assert!(error.contains("was used before with another payload"), "{error}");
    assert_eq!(effects.count(), 0);
}

#[tokio::test]
async fn typescript_waits_while_rust_is_at_it_and_does_what_rust_has_failed_to_do() {
    let (table, effects) = (
        Arc::new(Table::create("typescript_waits").await),
        Effects::default(),
    );
    let inside = Arc::clone(&table);
    let on_order = move |_order: Order, _cx: Context<Effects>| {
        let table = Arc::clone(&inside);
        async move {
            let typescript = table.typescript("id", "detail", &order("o-1"));
            Ok(Answer {
                by: typescript["error"].as_str().unwrap_or("nobody").to_owned(),
            })
        }
    };
    let store = || table.store().layout(Layout::Typescript);
    let idempotency = Idempotency::new(store()).prefix("orders");
    let router = Router::new(Effects::default()).on::<Orders>(on_order.idempotent(idempotency));
    let answer = call(router, &order("o-1")).await.unwrap();
    assert_eq!(answer["by"], "IdempotencyAlreadyInProgressError");

    effects.answer(store(), &order("fails")).await.unwrap_err();
    let typescript = table.typescript("id", "detail", &order("fails"));
    assert_eq!(typescript["ran"], true, "{typescript}");
}

/// With a key of one's own two languages may arrive at one id, in a table of one layout.
#[tokio::test]
async fn python_does_not_read_a_result_of_typescript() {
    let (table, effects) = (Table::create("layouts").await, Effects::default());
    table.typescript("id", "detail", &order("o-1"));
    let on_order = |_order: Order, cx: Context<Effects>| async move {
        cx.state().0.fetch_add(1, Ordering::SeqCst);
        Ok(Answer {
            by: "rust".to_owned(),
        })
    };
    let key = |order: &Order, _cx: &Context<Effects>| Layout::Typescript.hash(&order.id).ok();
    let idempotency = Idempotency::new(table.store())
        .prefix("orders")
        .key(key)
        .validation(false);
    let router = Router::new(effects.clone()).on::<Orders>(on_order.idempotent(idempotency));
    let error = call(router, &order("o-1")).await.unwrap_err().to_string();
    assert!(
        error.contains("is not written as Powertools for Python does"),
        "{error}"
    );
    assert_eq!(effects.count(), 0);
}

/// What is hashed is a document's text, however that is written.
#[test]
fn hashes_are_those_of_powertools() {
    let lines = crate::support::powertools::documents(100_000);
    let (documents, python): (Vec<&str>, Vec<&str>) =
        lines.lines().map(|line| line.split_once('\t').unwrap()).unzip();
    let typescript = crate::support::powertools::hashes_of_typescript(&documents);
    assert_eq!((documents.len(), typescript.len()), (100_000, 100_000));
    for (layout, hashes) in [
        (Layout::Python, python),
        (
            Layout::Typescript,
            typescript.iter().map(String::as_str).collect(),
        ),
    ] {
        let hash = |document| {
            layout
                .hash(serde_json::from_str::<&RawValue>(document).unwrap())
                .unwrap()
        };
        let differing = documents
            .iter()
            .zip(hashes)
            .filter(|(document, hashed)| hash(document) != *hashed);
        let differing: Vec<&str> = differing.map(|(document, _)| *document).collect();
        let few = &differing[..differing.len().min(5)];
        assert_eq!(differing.len(), 0, "{layout:?}: among them {few:#?}");
    }
}
