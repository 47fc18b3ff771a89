//! The example `faulty` does as its records say, whatever source they are of.
#![cfg(all(
    feature = "firehose",
    feature = "idempotency",
    feature = "kafka",
    feature = "ses"
))]
#![cfg(all(feature = "sns", feature = "sqlite", feature = "sqs"))]
#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cargo_switchboard::{Builder, Function, Outcome};
use serde_json::{Value, json};
use std::time::Duration;
use support::faulty::faulty;
use support::{batch, dynamodb, event, kinesis, s3};
use tempfile::TempDir;

struct Running {
    function: Function,
    directory: TempDir,
}

impl Running {
    async fn start(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let builder = faulty().env("FAULTY_LEDGER", directory.path().join("ledger"));
        let function = configure(builder.env("RUST_BACKTRACE", "0"))
            .start()
            .await
            .unwrap();
        Self { function, directory }
    }

    async fn invoke(&self, payload: String) -> Outcome {
        self.function.invoke(payload).await.unwrap()
    }

    async fn reply(&self, payload: String) -> Value {
        serde_json::from_slice(&self.invoke(payload).await.result.unwrap()).unwrap()
    }

    /// The lines of a file beside the ledger.
    fn lines(&self, file: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.directory.path().join(file)).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn told(what: &str, id: &str) -> String {
    json!({"do": what, "ms": 1, "id": id}).to_string()
}

fn sqs(what: &str, id: &str) -> Value {
    json!({"eventSource": "aws:sqs", "messageId": id, "body": told(what, id), "attributes": {},
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q", "awsRegion": "eu-west-1"})
}

/// A sample, with `part` of it changed.
fn sample(name: &str, change: impl FnOnce(&mut Value)) -> String {
    let path = support::events().join(name);
    let mut event = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut event);
    event.to_string()
}

#[tokio::test]
async fn every_source_can_tell_it_what_to_do() {
    let running = Running::start(|builder| builder).await;
    let text = |id: &str| json!(told("ok", id));
    let data = |id: &str| json!(STANDARD.encode(told("ok", id)));
    let image = |id: &str| json!({"do": {"S": "ok"}, "ms": {"S": "1"}, "id": {"S": id}});
    let events = [
        ("kinesis", batch([kinesis(1, told("ok", "kinesis").as_bytes())])),
        ("dynamodb", batch([dynamodb(1, image("dynamodb"))])),
        ("s3", batch([s3("ok/1/s3")])),
        (
            "cloudwatch_events",
            event(&json!({"do": "ok", "id": "cloudwatch_events"})).to_string(),
        ),
        ("sqs", batch([sqs("ok", "sqs")])),
        (
            "sns",
            sample("unrouted/sns.json", |event| {
                event["Records"][0]["Sns"]["Message"] = text("sns")
            }),
        ),
        (
            "ses",
            sample("unrouted/ses.json", |event| {
                event["Records"][0]["ses"]["mail"]["commonHeaders"]["subject"] = text("ses");
            }),
        ),
        (
            "kinesis_window",
            sample("unrouted/kinesis_window.json", |event| {
                event["state"] = json!(41);
                event["Records"][0]["kinesis"]["data"] = data("kinesis_window");
            }),
        ),
        (
            "dynamodb_window",
            sample("unrouted/dynamodb_window.json", |event| {
                event["state"] = json!(41);
                let record = event["Records"][0].clone();
                event["Records"] = json!([record]);
                event["Records"][0]["dynamodb"]["NewImage"] = image("dynamodb_window");
            }),
        ),
        (
            "kafka",
            sample("unrouted/kafka.json", |event| {
                let topic = event["records"]
                    .as_object_mut()
                    .unwrap()
                    .values_mut()
                    .next()
                    .unwrap();
                topic[0]["value"] = data("kafka");
                *topic = json!([topic[0]]);
            }),
        ),
        (
            "firehose",
            sample("unrouted/kinesis_firehose.json", |event| {
                event["records"][0]["data"] = data("firehose");
            }),
        ),
    ];
    for (id, event) in &events {
        let outcome = running.invoke(event.clone()).await;
        assert!(outcome.result.is_ok(), "{id}: {outcome:?}");
        let ledger = running.lines("ledger");
        assert!(ledger.iter().any(|line| line == id), "{id} in {ledger:?}");
    }
}

#[tokio::test]
async fn a_record_does_as_it_is_told() {
    let running = Running::start(|builder| builder.timeout(Duration::from_secs(10))).await;
    let told = ["ok", "fail", "panic", "reject", "after", "sleep"].map(|what| sqs(what, what));
    let unreadable = {
        let mut message = sqs("ok", "unreadable");
        message["body"] = json!("{}");
        message
    };
    let reply = running.reply(batch(told.into_iter().chain([unreadable]))).await;
    let open: Vec<&Value> = reply["batchItemFailures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| &failure["itemIdentifier"])
        .collect();
    assert_eq!(open, ["fail", "panic", "after", "unreadable"]);
    assert_eq!(running.lines("ledger"), ["ok", "sleep"]);
    assert_eq!(running.lines("ledger.dead"), ["reject"]);

    let error = running
        .invoke(batch([sqs("exit", "exit")]))
        .await
        .result
        .unwrap_err();
    assert_eq!(error.error_type, "Runtime.ExitError");
    assert_eq!(running.lines("ledger"), ["ok", "sleep"]);
}

#[tokio::test]
async fn what_is_done_is_done_once_if_that_is_wished_for() {
    for (idempotent, times) in [(false, 2), (true, 1)] {
        let running = Running::start(|builder| match idempotent {
            true => builder.env("FAULTY_IDEMPOTENT", "1"),
            false => builder,
        })
        .await;
        for _ in 0..2 {
            let reply = running.reply(batch([sqs("ok", "a")])).await;
            assert_eq!(reply, json!({"batchItemFailures": []}));
            running.function.kill().await;
        }
        assert_eq!(running.lines("ledger").len(), times);
    }
}

#[tokio::test]
async fn a_wrong_setting_ends_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = directory.path().join("ledger");
    let with = |name: &str, value: &str| faulty().env("FAULTY_LEDGER", &ledger).env(name, value);
    for (builder, variable) in [
        (faulty(), "FAULTY_LEDGER"),
        (
            with("FAULTY_LEDGER", "/no/such/directory/ledger"),
            "FAULTY_LEDGER",
        ),
        (with("FAULTY_CONCURRENCY", "0"), "FAULTY_CONCURRENCY"),
        (with("FAULTY_CONCURRENCY", "many"), "FAULTY_CONCURRENCY"),
        (with("FAULTY_IDEMPOTENT", "yes"), "FAULTY_IDEMPOTENT"),
    ] {
        let error = builder.start().await.unwrap_err();
        let error = error.init().unwrap();
        assert_eq!(error.error_type, "InvalidConfiguration");
        assert!(error.message.starts_with(variable), "{error}");
    }
}
