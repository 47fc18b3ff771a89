//! The example `faulty` does as its records say, whatever source they are of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_sandbox::{Builder, Function, Outcome};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard_test_support::faulty;
use switchboard_test_support::{batch, dynamodb, event, events, kinesis, s3};
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
    let path = switchboard_test_support::events().join(name);
    let mut event = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut event);
    event.to_string()
}

/// An event of every source whose only record is to do this; its id is the source.
fn every_source(what: &str) -> Vec<(&'static str, String)> {
    let text = |id: &str| json!(told(what, id));
    let data = |id: &str| json!(STANDARD.encode(told(what, id)));
    let image = |id: &str| json!({"do": {"S": what}, "ms": {"S": "1"}, "id": {"S": id}});
    vec![
        ("kinesis", batch([kinesis(1, told(what, "kinesis").as_bytes())])),
        ("dynamodb", batch([dynamodb(1, image("dynamodb"))])),
        ("s3", batch([s3(&format!("{what}/1/s3"))])),
        (
            "cloudwatch_events",
            event(&json!({"do": what, "id": "cloudwatch_events"})).to_string(),
        ),
        ("sqs", batch([sqs(what, "sqs")])),
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
    ]
}

#[tokio::test]
async fn every_source_can_tell_it_what_to_do() {
    let running = Running::start(|builder| builder).await;
    for (id, event) in every_source("ok") {
        let outcome = running.invoke(event).await;
        assert!(outcome.result.is_ok(), "{id}: {outcome:?}");
        let ledger = running.lines("ledger");
        assert!(ledger.iter().any(|line| line == id), "{id} in {ledger:?}");
    }
}

#[tokio::test]
async fn a_record_decides_what_its_handler_does() {
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

fn errors(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome
        .logs
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["level"] == "ERROR").collect()
}

/// What cannot be read: no source writes these values so.
fn unreadable() -> Vec<(&'static str, String)> {
    let mut message = sqs("ok", "sqs");
    message["body"] = json!({});
    let mut record = kinesis(1, b"");
    record["kinesis"]["data"] = json!([7]);
    let mut object = s3("ok/1/s3");
    object["s3"] = json!(7);
    vec![
        ("sqs", batch([message])),
        ("kinesis", batch([record])),
        ("s3", batch([object])),
        ("cloudwatch_events", event(&json!({"do": 7})).to_string()),
    ]
}

/// One line of ERROR, whoever else may have been told of it on its way.
#[tokio::test]
async fn whatever_fails_is_said_once_in_every_mode() {
    for at_once in [None, Some(4)] {
        let running = Running::start(|builder| {
            // A panic is handed on by what gives its key free.
            let builder = builder
                .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
                .env("FAULTY_IDEMPOTENT", "1");
            match at_once {
                Some(at_once) => builder.max_concurrency(at_once),
                None => builder,
            }
        })
        .await;
        let told = ["fail", "panic"].map(|what| (what, every_source(what)));
        for (what, events) in told.into_iter().chain([("unreadable", unreadable())]) {
            for (source, event) in events {
                let outcome = running.invoke(event).await;
                let [line] = &errors(&outcome)[..] else {
                    panic!("{source}, {what}, {at_once:?}: {:#?}", outcome.logs)
                };
                assert_eq!(line["message"], "record failed", "{line}");
                assert_eq!(line["requestId"], *outcome.request_id);
                let place = line["location"].as_str();
                let place = place.and_then(|place| place.split_once(':'));
                let expected = (what == "panic").then_some("crates/switchboard/examples/faulty.rs");
                assert_eq!(place.map(|(file, _)| file), expected, "{line}");
            }
        }
        let unrouted = std::fs::read_to_string(events().join("unrouted/s3_batch.json")).unwrap();
        let outcome = running.invoke(unrouted).await;
        let errors = errors(&outcome);
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert!(
            errors[0]["message"]
                .as_str()
                .unwrap()
                .starts_with("no handler for s3_batch")
        );
        assert_eq!(outcome.result.unwrap_err().error_type, "UnroutedEvent");
    }
}

/// A function whose lines are kept from its start on.
struct Heard {
    running: Running,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Heard {
    async fn start(variables: &[(&str, &str)]) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&lines);
        let configure = |builder: Builder| {
            let builder = builder.env("AWS_LAMBDA_LOG_FORMAT", "JSON");
            let with = |builder: Builder, (name, value): &(&str, &str)| builder.env(name, value);
            let builder = variables.iter().fold(builder, with);
            builder.on_log(move |line| heard.lock().unwrap().push(line.to_owned()))
        };
        let running = Running::start(configure).await;
        Self { running, lines }
    }

    /// What the log has said of a missing dead-letter sink since the last time, beside the lines of the records.
    async fn of_the_sink(&self, payload: String) -> Vec<Value> {
        assert!(self.running.invoke(payload).await.result.is_ok());
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        let lines = lines.iter().filter(|line| line.starts_with('{'));
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        let speaks = |line: &Value| {
            line["message"]
                .as_str()
                .is_some_and(|said| said.contains("dead-letter sink"))
        };
        lines.filter(speaks).collect()
    }
}

const NO_SINK: (&str, &str) = ("FAULTY_SINK", "0");
const REJECTING: (&str, &str) = ("FAULTY_UNREADABLE", "reject");

#[tokio::test]
async fn a_rejection_without_a_sink_is_a_failure() {
    let running = Running::start(|builder| builder.env(NO_SINK.0, NO_SINK.1)).await;
    let reply = running.reply(batch([sqs("reject", "a"), sqs("ok", "b")])).await;
    assert_eq!(reply, json!({"batchItemFailures": [{"itemIdentifier": "a"}]}));
}

#[tokio::test]
async fn a_rejection_without_a_sink_is_said_once_for_each_source() {
    let function = Heard::start(&[NO_SINK]).await;
    let stream = |number| batch([kinesis(number, told("reject", "d").as_bytes())]);
    let first = function
        .of_the_sink(batch([sqs("reject", "a"), sqs("reject", "b")]))
        .await;
    let [line] = &first[..] else {
        panic!("{first:?}");
    };
    assert_eq!((&line["level"], &line["source"]), (&json!("WARN"), &json!("sqs")));
    assert!(
        line["message"]
            .as_str()
            .unwrap()
            .contains("`Router::dead_letters`"),
        "{line}"
    );
    for (event, lines) in [
        (batch([sqs("reject", "c")]), 0),
        (stream(1), 1),
        (batch([sqs("fail", "e")]), 0),
        (stream(2), 0),
    ] {
        let said = function.of_the_sink(event).await;
        assert_eq!(said.len(), lines, "{said:?}");
    }
}

#[tokio::test]
async fn a_function_that_rejects_by_itself_without_a_sink_says_so_at_start() {
    let function = Heard::start(&[NO_SINK, REJECTING]).await;
    let first = function.of_the_sink(batch([sqs("ok", "a")])).await;
    let [line] = &first[..] else {
        panic!("{first:?}");
    };
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["handlers"], "faulty::on_message of sqs");
    // What is known is not said again.
    let said = function.of_the_sink(batch([sqs("reject", "b")])).await;
    assert!(said.is_empty(), "{said:?}");
}

#[tokio::test]
async fn with_a_sink_or_without_rejections_nothing_is_said() {
    for (variables, what) in [(&[NO_SINK][..], "ok"), (&[REJECTING], "reject"), (&[], "reject")] {
        let function = Heard::start(variables).await;
        for event in [
            batch([sqs(what, "a")]),
            batch([kinesis(1, told(what, "b").as_bytes())]),
        ] {
            let said = function.of_the_sink(event).await;
            assert!(said.is_empty(), "{variables:?}: {said:?}");
        }
    }
}
