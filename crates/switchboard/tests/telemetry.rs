//! What operators see: the log lines of a function in a process of its own, of every source and every kind of failure.

use lambda_sandbox::{Builder, Function, InvokeEvent, Outcome};
use serde_json::{Value, json};
use std::time::Duration;
use switchboard_test_support::{batch, dynamodb, event, example, http_api, kinesis, s3};

const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

fn observed() -> Builder {
    let clean = [
        "AWS_LAMBDA_LOG_LEVEL",
        "RUST_LOG",
        "POWERTOOLS_SERVICE_NAME",
        "POWERTOOLS_LOGGER_SAMPLE_RATE",
        "SWITCHBOARD_LOG_BUFFER_MAX_BYTES",
    ];
    let builder = Function::builder(example("observed")).env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    clean
        .into_iter()
        .fold(builder, |builder, name| builder.env(name, ""))
}

async fn invoke(function: &Function, payload: impl ToString) -> (Outcome, Vec<Value>) {
    let event = InvokeEvent::from(payload.to_string()).trace_id(TRACE);
    let outcome = function.invoke(event).await.unwrap();
    let lines = lines(&outcome);
    (outcome, lines)
}

/// All that is JSON; the panic hook's words on standard error are not.
fn lines(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.logs.iter().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn sqs(bodies: &[&str]) -> String {
    let message = |(index, body): (usize, &&str)| {
        json!({"messageId": format!("m-{index}"), "receiptHandle": "r", "body": body, "awsRegion": "eu-west-1",
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
            "attributes": {"ApproximateReceiveCount": (index + 1).to_string()}, "messageAttributes": {}})
    };
    batch(bodies.iter().enumerate().map(message))
}

fn sns() -> String {
    let sns = json!({"Type": "Notification", "MessageId": "n-1", "Message": "hello",
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Timestamp": "2026-03-01T10:00:00.000Z"});
    batch([json!({"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": "a", "Sns": sns})])
}

fn request(path: &str) -> Value {
    let mut request = http_api("GET", path);
    request["requestContext"]["requestId"] = "api-1".into();
    request["headers"]["authorization"] = "Bearer hush".into();
    request
}

/// The line as it stands, but for its time, which has to be one.
fn untimed(mut line: Value) -> Value {
    let time = line["timestamp"].take();
    let time = time.as_str().unwrap();
    chrono::DateTime::parse_from_rfc3339(time).unwrap();
    assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    line.as_object_mut().unwrap().remove("timestamp");
    line
}

#[tokio::test]
async fn a_line_says_of_every_source_where_it_belongs() {
    let function = observed()
        .env("POWERTOOLS_SERVICE_NAME", "shop")
        .start()
        .await
        .unwrap();
    let number = format!("49590338271490256608559692538361571095921575989136588{:08}", 1);
    let events = [
        (batch([s3("k")]), "s3", "R1".to_owned()),
        (
            batch([kinesis(1, b"x")]),
            "kinesis",
            format!("shardId-000000000006:{number}"),
        ),
        (batch([dynamodb(3, json!({}))]), "dynamodb", "e3".to_owned()),
        (sns(), "sns", "n-1".to_owned()),
        (sqs(&["x"]), "sqs", "m-0".to_owned()),
        (
            event(&json!({})).to_string(),
            "cloudwatch_events",
            "e-1".to_owned(),
        ),
        (
            request("/hello").to_string(),
            "api_gateway_http",
            "api-1".to_owned(),
        ),
    ];
    for (index, (payload, source, id)) in events.into_iter().enumerate() {
        let (outcome, lines) = invoke(&function, payload).await;
        let line = lines.first().unwrap();
        let says = |key: &str, value: Value| assert_eq!(line[key], value, "{key} of {line}");
        says("source", source.into());
        says("correlation_id", id.into());
        says("requestId", outcome.request_id.as_str().into());
        says("function_request_id", outcome.request_id.as_str().into());
        says("xray_trace_id", "1-5759e988-bd862e3fe1be46a994272793".into());
        says("cold_start", (index == 0).into());
        says("service", "shop".into());
        says("function_name", "observed".into());
        let text = outcome.logs.concat();
        assert!(!text.contains("hush") && !text.contains("span"), "{text}");
    }
}

#[tokio::test]
async fn fields_never_replace_the_keys() {
    let function = observed().start().await.unwrap();
    let (outcome, lines) = invoke(&function, event(&json!({}))).await;
    let id = outcome.request_id.as_str();
    let line = |message: &str, level: &str| {
        json!({"level": level, "message": message, "target": "observed", "service": "observed",
            "function_name": "observed", "function_request_id": id, "requestId": id,
            "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793", "cold_start": true, "source": "cloudwatch_events",
            "correlation_id": "e-1"})
    };
    let mut full = line("two\nlines", "WARN");
    for (key, value) in [
        ("order", json!(7)),
        ("late", json!(true)),
        ("requests", json!(3)),
        ("share", json!(0.5)),
        ("fields.source", json!("shop")),
        ("fields.requestId", json!("another")),
        ("type", json!("Some(\"Order Placed\")")),
    ] {
        full[key] = value;
    }
    let beside = line("beside the invocation", "INFO");
    assert_eq!(lines.into_iter().map(untimed).collect::<Vec<_>>(), [full, beside]);
}

#[tokio::test]
async fn text_is_a_line_for_each_event() {
    let function = observed()
        .env("AWS_LAMBDA_LOG_FORMAT", "Text")
        .start()
        .await
        .unwrap();
    let (outcome, _) = invoke(&function, event(&json!({}))).await;
    let id = &outcome.request_id;
    let warning = format!(
        " WARN {id} observed: two\\nlines order=7 requests=3 late=true share=0.5 source=\"shop\" requestId=\"another\" \
         type=Some(\"Order Placed\") correlation_id=e-1"
    );
    let info = format!(" INFO {id} observed: beside the invocation correlation_id=e-1");
    assert_eq!(outcome.logs, [warning, info]);
}

#[tokio::test]
async fn each_record_that_failed_has_one_line() {
    let function = observed().timeout(Duration::from_secs(1)).start().await.unwrap();
    let (outcome, lines) = invoke(&function, sqs(&["x", "fail", "panic", "reject", "hang"])).await;
    let failed: Vec<Value> = lines
        .into_iter()
        .filter(|line| line["message"] == "record failed")
        .map(|line| {
            assert_eq!(line["requestId"], *outcome.request_id);
            assert_eq!(
                (&line["level"], &line["source"]),
                (&json!("ERROR"), &json!("sqs"))
            );
            assert_eq!(line["correlation_id"], line["record"]);
            json!([
                line["record"],
                line["index"],
                line["attempt"],
                line["rejected"],
                line["error"]
            ])
        })
        .collect();
    let error = "the message was refused: the disk is full";
    let mut expected = vec![
        json!(["m-1", 1, 2, null, error]),
        json!(["m-2", 2, 3, null, "the handler panicked: no such thing"]),
        json!(["m-3", 3, 4, true, "nobody wants it"]),
        json!([
            "m-4",
            4,
            5,
            null,
            "the handler was dropped, because the invocation's time ran out"
        ]),
    ];
    expected.sort_by_key(|line| line[1].as_u64());
    let mut failed = failed;
    failed.sort_by_key(|line| line[1].as_u64());
    assert_eq!(failed, expected);
    let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
    assert_eq!(reply["batchItemFailures"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_panic_that_fails_no_record_has_a_line_of_its_own() {
    let function = observed().start().await.unwrap();
    let (outcome, lines) = invoke(&function, sqs(&["x", "catch"])).await;
    assert_eq!(outcome.result.unwrap(), &br#"{"batchItemFailures":[]}"#[..]);
    let told: Vec<&Value> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    let [line] = told[..] else { panic!("{lines:#?}") };
    assert_eq!(
        (&line["message"], &line["error"]),
        (&json!("panicked"), &json!("caught"))
    );
    assert_eq!(
        (&line["requestId"], &line["correlation_id"]),
        (&json!(outcome.request_id), &json!("m-1"))
    );
    assert!(
        line["location"]
            .as_str()
            .unwrap()
            .starts_with("crates/switchboard/examples/observed.rs:")
    );
}

#[tokio::test]
async fn an_invocation_that_fails_as_a_whole_has_one_line() {
    let function = observed().start().await.unwrap();
    let (outcome, lines) = invoke(&function, r#"{"awslogs":{"data":"x"}}"#).await;
    assert_eq!(outcome.result.unwrap_err().error_type, "UnroutedEvent");
    let [line] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!(line["level"], "ERROR");
    assert!(
        line["target"].as_str().unwrap().starts_with("switchboard"),
        "{line}"
    );
    assert_eq!(line["requestId"], *outcome.request_id);
    assert_eq!(line["source"], "cloudwatch_logs");
}

#[tokio::test]
async fn debug_lines_are_written_of_the_invocations_that_are_sampled() {
    for (rate, expected) in [("1", 1), ("0", 0)] {
        let function = observed()
            .env("AWS_LAMBDA_LOG_LEVEL", "WARN")
            .env("POWERTOOLS_LOGGER_SAMPLE_RATE", rate)
            .start()
            .await
            .unwrap();
        let (_, lines) = invoke(&function, sqs(&["x"])).await;
        let debug = lines.iter().filter(|line| line["message"] == "message");
        assert_eq!(debug.count(), expected, "{rate}");
        assert!(lines.iter().all(|line| line["level"] != "TRACE"));
    }
}

fn buffered(bytes: &str) -> Builder {
    observed()
        .env("AWS_LAMBDA_LOG_LEVEL", "INFO")
        .env("SWITCHBOARD_LOG_BUFFER_MAX_BYTES", bytes)
}

/// Messages of the example's own lines and of the library's.
fn messages(lines: &[Value]) -> Vec<&str> {
    let ours = lines.iter().filter(|line| {
        let target = line["target"].as_str().unwrap();
        target == "observed" || target.starts_with("switchboard")
    });
    ours.map(|line| line["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn debug_lines_come_out_if_the_invocation_fails() {
    let function = buffered("20480").start().await.unwrap();
    let (_, lines) = invoke(&function, sqs(&["x"])).await;
    assert_eq!(messages(&lines), ["handled"]);
    let (outcome, lines) = invoke(&function, sqs(&["fail"])).await;
    assert_eq!(messages(&lines), ["message", "record failed"]);
    assert_eq!(
        (&lines[0]["level"], &lines[0]["correlation_id"]),
        (&json!("DEBUG"), &json!("m-0"))
    );
    assert!(lines.iter().all(|line| line["requestId"] == *outcome.request_id));
    assert!(lines.iter().all(|line| line["evicted_lines"].is_null()));
}

#[tokio::test]
async fn what_does_not_fit_gives_way_and_is_counted() {
    let function = buffered("1000").start().await.unwrap();
    let (_, lines) = invoke(&function, sqs(&["x", "x", "x", "x", "x", "x", "x", "fail"])).await;
    let kept = lines.iter().filter(|line| line["level"] == "DEBUG").count();
    let failed = lines
        .iter()
        .find(|line| line["message"] == "record failed")
        .unwrap();
    assert!((1..8).contains(&kept), "{lines:#?}");
    assert_eq!(failed["evicted_lines"], 8 - kept);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_and_its_debug_lines_come_out() {
    let function = buffered("20480")
        .timeout(Duration::from_millis(500))
        .start()
        .await
        .unwrap();
    let (outcome, lines) = invoke(&function, request("/hang")).await;
    let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
    assert_eq!(reply["statusCode"], 504);
    assert_eq!(messages(&lines), ["about to hang", "request failed"]);
    let id = json!(outcome.request_id);
    assert!(
        lines
            .iter()
            .all(|line| line["requestId"] == id && line["correlation_id"] == "api-1")
    );
}

#[tokio::test]
async fn a_handler_that_blocks_its_thread_is_cancelled_too() {
    let function = buffered("20480")
        .timeout(Duration::from_millis(500))
        .start()
        .await
        .unwrap();
    for _ in 0..2 {
        let (_, lines) = invoke(&function, request("/hello")).await;
        assert_eq!(messages(&lines), ["hello"]);
    }
    let (outcome, lines) = invoke(&function, request("/block")).await;
    assert_eq!(outcome.result.unwrap_err().error_type, "Sandbox.Timedout");
    assert_eq!(messages(&lines), ["the invocation's time runs out"]);
    assert_eq!(lines[0]["requestId"], outcome.request_id);
}

#[tokio::test]
async fn a_panic_of_the_http_service_is_logged_with_its_request() {
    let function = observed().start().await.unwrap();
    let (outcome, lines) = invoke(&function, request("/fail")).await;
    assert_eq!(messages(&lines), ["request failed"]);
    assert_eq!(lines[0]["requestId"], *outcome.request_id);
    assert_eq!(lines[0]["correlation_id"], "api-1");
    let place = lines[0]["location"].as_str().unwrap();
    assert!(
        place.starts_with("crates/switchboard/examples/observed.rs:"),
        "{place}"
    );
    assert_eq!(lines[0]["error"], "the HTTP service panicked: no such page");
    // Nothing but lines of JSON: the standard library keeps silent.
    assert_eq!(lines.len(), outcome.logs.len());
}

#[tokio::test]
async fn a_bad_value_is_an_initialisation_error() {
    for (variable, value, allowed) in [
        ("POWERTOOLS_LOGGER_SAMPLE_RATE", "1.5", "a number from 0 to 1"),
        ("POWERTOOLS_LOGGER_SAMPLE_RATE", "NaN", "a number from 0 to 1"),
        ("POWERTOOLS_LOGGER_SAMPLE_RATE", "half", "a number from 0 to 1"),
        (
            "SWITCHBOARD_LOG_BUFFER_MAX_BYTES",
            "-1",
            "a whole number of bytes up to 1048576",
        ),
        (
            "SWITCHBOARD_LOG_BUFFER_MAX_BYTES",
            "1048577",
            "a whole number of bytes up to 1048576",
        ),
    ] {
        let error = observed().env(variable, value).start().await.unwrap_err();
        let init = error.init().unwrap();
        assert_eq!(
            init.message,
            format!("{variable} is {value:?}, but must be {allowed}")
        );
    }
}
