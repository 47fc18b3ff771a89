//! The Telemetry API and the Logs API, as extensions see them.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_test_support::client::{Mark, error, reply};

use crate::extensions::Extended;

const TELEMETRY: &str = "/2022-07-01/telemetry";
const LOGS: &str = "/2020-08-15/logs";

/// A subscription to everything but extensions' lines, which is delivered at once.
fn subscription(path: &str, version: &str) -> Value {
    json!({"path": path, "body": {
        "schemaVersion": version,
        "types": ["platform", "function"],
        "buffering": {"maxItems": 1000, "maxBytes": 262_144, "timeoutMs": 25},
        "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:PORT/records"},
    }})
}

fn subscribed(subscriptions: &Value) -> Extended {
    Extended::new(&json!({"one": {"subscribe": subscriptions}}))
}

/// The records that came with a line of this beginning.
fn records(extended: &Extended, prefix: &str) -> Vec<Value> {
    let lines = extended.lines();
    let records = lines.iter().filter_map(|line| line.strip_prefix(prefix));
    records
        .map(|record| serde_json::from_str(record).unwrap())
        .collect()
}

fn types(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record["type"].as_str().unwrap())
        .collect()
}

fn of<'r>(records: &'r [Value], kind: &str) -> Vec<&'r Value> {
    let of_kind = records.iter().filter(|record| record["type"] == kind);
    of_kind.map(|record| &record["record"]).collect()
}

#[tokio::test]
async fn a_subscriber_learns_of_the_whole_life_of_the_environment() {
    let extended = subscribed(&json!([subscription(TELEMETRY, "2022-12-13")]));
    let function = extended.start().await.unwrap();
    let logged = function.invoke(r#"{"do":"log","name":"x"}"#).await.unwrap();
    let failed = function
        .invoke(r#"{"do":"error","type":"Function.Mine","message":"no"}"#)
        .await
        .unwrap();
    assert_eq!(error(&failed).0, "Function.Mine");
    function.shutdown().await;
    let records = records(&extended, "one: POST /records ");
    let mut expected = vec![
        "platform.initStart",
        "function",
        "platform.initRuntimeDone",
        "platform.extension",
        "platform.initReport",
    ];
    expected.extend([
        "platform.start",
        "function",
        "platform.runtimeDone",
        "platform.report",
    ]);
    expected.extend(["platform.start", "platform.runtimeDone", "platform.report"]);
    let mut seen = types(&records);
    // The function starts while the extension subscribes.
    seen.retain(|kind| *kind != "platform.telemetrySubscription");
    assert_eq!(seen, expected, "{records:#?}");
    assert_eq!(of(&records, "function"), ["starting", "line 0 of x"]);
    let extension = json!({"name": "one", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"]});
    assert_eq!(of(&records, "platform.extension"), [&extension]);
    let subscription = json!({"name": "one", "state": "Subscribed", "types": ["platform", "function"]});
    assert_eq!(of(&records, "platform.telemetrySubscription"), [&subscription]);
    let start = of(&records, "platform.start")[0];
    assert_eq!(
        (&start["requestId"], &start["version"]),
        (&json!(logged.request_id), &json!("$LATEST"))
    );
    assert!(
        start["tracing"]["value"].as_str().unwrap().starts_with("Root=1-"),
        "{start}"
    );
    let done = of(&records, "platform.runtimeDone");
    assert_eq!(
        (&done[0]["status"], &done[0]["metrics"]["producedBytes"]),
        (&json!("success"), &json!(4))
    );
    assert_eq!(
        (&done[1]["status"], &done[1]["errorType"]),
        (&json!("error"), &json!("Function.Mine"))
    );
    let reports = of(&records, "platform.report");
    assert!(reports[0]["metrics"]["initDurationMs"].is_f64(), "{reports:?}");
    assert!(reports[1]["metrics"]["initDurationMs"].is_null(), "{reports:?}");
    assert_eq!(reports[0]["metrics"]["memorySizeMB"], 128);
    assert!(!cfg!(target_os = "linux") || reports[0]["metrics"]["maxMemoryUsedMB"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_timeout_and_a_crash_have_their_status() {
    let extended = subscribed(&json!([subscription(TELEMETRY, "2022-07-01")]));
    let function = extended.builder.clone().timeout(Duration::from_millis(300));
    let function = function.start().await.unwrap();
    function.invoke(Mark::new().await.hang()).await.unwrap();
    function.invoke(r#"{"do":"exit","code":1}"#).await.unwrap();
    function.shutdown().await;
    let records = records(&extended, "one: POST /records ");
    let status = |kind: &str| {
        let records = of(&records, kind);
        let status = records
            .iter()
            .map(|record| (record["status"].clone(), record["errorType"].clone()));
        status.collect::<Vec<_>>()
    };
    let expected = [
        (json!("timeout"), json!("Sandbox.Timedout")),
        (json!("failure"), json!("Runtime.ExitError")),
    ];
    assert_eq!(status("platform.runtimeDone"), expected);
    assert_eq!(status("platform.report"), expected);
    assert_eq!(of(&records, "platform.initStart").len(), 2);
}

#[tokio::test]
async fn the_logs_api_has_its_own_records_also_over_tcp() {
    let mut tcp = subscription(LOGS, "2021-03-18");
    tcp["body"]["destination"] = json!({"protocol": "TCP", "port": "PORT"});
    let http = subscription(LOGS, "2020-08-15");
    let extended = Extended::new(&json!({"one": {"subscribe": [http]}, "two": {"subscribe": [tcp]}}));
    let function = extended.start().await.unwrap();
    let outcome = function.invoke(r#"{"do":"log","name":"x"}"#).await.unwrap();
    function.shutdown().await;
    let of_one = records(&extended, "one: POST /records ");
    let invocation = |records: &[Value]| {
        let types = types(records);
        let start = types.iter().position(|kind| *kind == "platform.start").unwrap();
        types[start..]
            .iter()
            .map(|kind| (*kind).to_owned())
            .collect::<Vec<_>>()
    };
    let mut expected = vec!["platform.start", "function", "platform.end", "platform.report"];
    assert_eq!(invocation(&of_one), expected, "{of_one:#?}");
    let end = json!({"requestId": outcome.request_id});
    assert_eq!(of(&of_one, "platform.end"), [&end]);
    assert!(!of(&of_one, "platform.logsSubscription").is_empty());
    let of_two = records(&extended, "two: record ");
    expected.insert(2, "platform.runtimeDone");
    assert_eq!(invocation(&of_two), expected, "{of_two:#?}");
}

#[tokio::test]
async fn records_that_are_not_taken_are_sent_again() {
    let mut subscription = subscription(TELEMETRY, "2022-12-13");
    subscription["refuse"] = 2.into();
    let extended = subscribed(&json!([subscription]));
    let function = extended.start().await.unwrap();
    reply(&function.invoke(r#"{"do":"context"}"#).await.unwrap());
    function.shutdown().await;
    let refused = extended
        .lines()
        .iter()
        .filter(|line| *line == "one: refusing records")
        .count();
    let records = records(&extended, "one: POST /records ");
    assert_eq!((refused, types(&records)[0]), (2, "platform.initStart"));
    assert_eq!(of(&records, "platform.report").len(), 1);
}

#[tokio::test]
async fn what_lambda_refuses_is_refused() {
    let mut far = subscription(TELEMETRY, "2022-12-13");
    far["body"]["destination"]["URI"] = "http://example.com:80".into();
    let mut small = subscription(LOGS, "2020-08-15");
    small["body"]["buffering"]["maxItems"] = 5.into();
    let subscriptions = json!([
        far,
        small,
        subscription(TELEMETRY, "2020-08-15"),
        subscription(TELEMETRY, "2022-12-13"),
        subscription(LOGS, "2020-08-15"),
    ]);
    let script = json!({"one": {"subscribe": subscriptions, "late": subscription(TELEMETRY, "2022-12-13")}});
    let extended = Extended::new(&script);
    let function = extended.start().await.unwrap();
    let outcome = function.invoke(r#"{"do":"context"}"#).await.unwrap();
    let lines = extended.lines();
    let answers: Vec<_> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("one: subscription: "))
        .collect();
    let expected = [
        (
            "400 ",
            "Telemetry.ValidationError",
            "URI host should be sandbox.localdomain",
        ),
        (
            "400 ",
            "Logs.ValidationError",
            "maxItems should be a whole number from 1000 to 10000",
        ),
        (
            "400 ",
            "Telemetry.ValidationError",
            "schemaVersion should be one of 2022-07-01",
        ),
        ("200 ", "\"OK\"", ""),
        (
            "400 ",
            "Logs.ValidationError",
            "has subscribed with the other API",
        ),
        (
            "403 ",
            "Telemetry.SubscriptionClosed",
            "Telemetry API subscription is closed already",
        ),
    ];
    assert_eq!(answers.len(), expected.len(), "{answers:?}");
    for (answer, (status, kind, text)) in answers.iter().zip(expected) {
        assert!(
            answer.starts_with(status) && answer.contains(kind) && answer.contains(text),
            "{answer}"
        );
    }
    let put = json!({"do": "post", "method": "PUT", "path": TELEMETRY, "headers": {}, "body": "{}"});
    let stranger = reply(&function.invoke(put.to_string()).await.unwrap());
    assert!(
        stranger["body"]
            .as_str()
            .unwrap()
            .contains("Extension.MissingExtensionIdentifier"),
        "{stranger}"
    );
    assert!(outcome.result.is_ok());
}

#[tokio::test]
async fn a_collector_exports_each_invocation_as_a_span_before_it_ends() {
    use switchboard_test_support::{example, files};
    let backend = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    // Taken and given back: an extension listens on a port that it is told.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let folder = files(&[]);
    std::os::unix::fs::symlink(example("collector"), folder.path().join("collector")).unwrap();
    let builder = switchboard_test_support::client::builder()
        .extensions(folder.path())
        .env("COLLECTOR_PORT", port.to_string())
        .env(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            backend.local_addr().unwrap().to_string(),
        );
    let exported = tokio::spawn(async move {
        let mut exported = Vec::new();
        while exported.len() < 2 {
            exported.push(switchboard_test_support::client::received(&backend).await);
        }
        exported
    });
    let function = builder.start().await.unwrap();
    let logged = function.invoke(r#"{"do":"log","name":"x"}"#).await.unwrap();
    let failed = function
        .invoke(r#"{"do":"error","type":"Mine","message":"no"}"#)
        .await
        .unwrap();
    let exported = exported.await.unwrap();
    function.shutdown().await;
    for (export, outcome, code) in [(&exported[0], &logged, 1), (&exported[1], &failed, 2)] {
        let span = &export["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        let attribute = json!({"key": "faas.invocation_id", "value": {"stringValue": outcome.request_id}});
        assert_eq!(
            (&span["attributes"][0], &span["status"]["code"]),
            (&attribute, &json!(code)),
            "{export}"
        );
        assert!(span["startTimeUnixNano"].as_str() <= span["endTimeUnixNano"].as_str());
    }
    let lines = &exported[0]["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
    let bodies: Vec<_> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["body"]["stringValue"])
        .collect();
    assert_eq!(bodies, ["starting", "line 0 of x"]);
}
