//! What a collector gets of a function in a process of its own: spans, whose they are and what they say.

use crate::support::collector::{Collector, ExportAnswer, Seen};
use futures_util::future::join_all;
use lambda_sandbox::{Builder, Function, InvokeEvent, Outcome};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use switchboard_test_support::{batch, dynamodb, event, example, http_api, kinesis, s3};

const TRACE: &str = "5759e988bd862e3fe1be46a994272793";
const PARENT: &str = "53995c3f42cd8ad8";
const HEADER: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0";

const SERVER: i32 = 2;
const INTERNAL: i32 = 1;
const CONSUMER: i32 = 5;

fn traced(endpoint: &str) -> Builder {
    let clean = [
        "AWS_LAMBDA_LOG_LEVEL",
        "RUST_LOG",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "OTEL_PROPAGATORS",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_SDK_DISABLED",
        "OTEL_SERVICE_NAME",
        "OTEL_TRACES_EXPORTER",
        "OTEL_TRACES_SAMPLER",
        "OTEL_BSP_MAX_QUEUE_SIZE",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    ];
    let builder = Function::builder(example("traced"))
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    clean
        .into_iter()
        .fold(builder, |builder, name| builder.env(name, ""))
}

async fn start() -> (Collector, Function) {
    let collector = Collector::start(ExportAnswer::Takes).await;
    let function = traced(&collector.url()).start().await.unwrap();
    (collector, function)
}

async fn invoke(function: &Function, payload: impl ToString) -> Outcome {
    let event = InvokeEvent::from(payload.to_string()).trace_id(HEADER);
    function.invoke(event).await.unwrap()
}

/// The answer, and the invocation's span.
async fn traced_invoke(
    collector: &Collector,
    function: &Function,
    payload: impl ToString,
) -> (Outcome, Seen) {
    let outcome = invoke(function, payload).await;
    let span = collector.invocation(&outcome.request_id).await;
    (outcome, span)
}

fn message(id: usize, body: &str) -> Value {
    json!({"messageId": format!("m-{id}"), "receiptHandle": "r", "body": body, "awsRegion": "eu-west-1",
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
        "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}})
}

fn sqs(bodies: &[&str]) -> String {
    batch(bodies.iter().enumerate().map(|(id, body)| message(id, body)))
}

fn notification(id: usize, traceparent: &str) -> Value {
    let sns = json!({"Type": "Notification", "MessageId": format!("n-{id}"), "Message": "hello",
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:news", "Timestamp": "2026-03-01T10:00:00.000Z",
        "MessageAttributes": {"traceparent": {"Type": "String", "Value": traceparent}}});
    json!({"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": "a", "Sns": sns})
}

fn traceparent(span: u8) -> String {
    format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033{span:02x}-01")
}

fn linked(span: u8) -> (String, String) {
    let trace = "0af7651916cd43dd8448eb211c80319c".to_owned();
    (trace, format!("b7ad6b71692033{span:02x}"))
}

/// The attributes named.
fn says(span: &Seen, expected: Value) {
    for (name, value) in expected.as_object().unwrap() {
        let said = span.attributes.get(name).unwrap_or(&Value::Null);
        assert_eq!(said, value, "{name} of {span:#?}");
    }
}

#[tokio::test]
async fn an_invocation_is_a_child_of_lambdas_span_and_a_record_of_the_invocations() {
    let (collector, function) = start().await;
    let mut first = message(0, "x");
    first["attributes"]["AWSTraceHeader"] =
        "Root=1-6759e988-bd862e3fe1be46a994272794;Parent=63995c3f42cd8ad9;Sampled=1".into();
    let mut second = message(1, "x");
    second["messageAttributes"]["traceparent"] = json!({"stringValue": traceparent(1), "dataType": "String"});
    let (outcome, span) = traced_invoke(&collector, &function, batch([first, second])).await;
    assert_eq!((span.trace.as_str(), span.parent.as_str()), (TRACE, PARENT));
    assert_eq!(
        (span.name.as_str(), span.kind, span.failed),
        ("process orders", CONSUMER, false)
    );
    let arn = function.arn();
    let expected = json!({"faas.trigger": "pubsub", "faas.invocation_id": outcome.request_id, "faas.coldstart": true,
        "aws.lambda.invoked_arn": arn, "cloud.account.id": arn.split(':').nth(4), "messaging.system": "aws_sqs",
        "messaging.operation.type": "process", "messaging.operation.name": "process",
        "messaging.destination.name": "orders", "messaging.batch.message_count": 2, "error.type": null});
    says(&span, expected);
    let all = collector.spans();
    let mut records: Vec<_> = all.iter().filter(|other| other.parent == span.id).collect();
    records.sort_by_key(|record| record.attributes["messaging.message.id"].to_string());
    assert_eq!(records.len(), 2);
    let links = [
        (
            "6759e988bd862e3fe1be46a994272794".to_owned(),
            "63995c3f42cd8ad9".to_owned(),
        ),
        linked(1),
    ];
    for (number, (record, link)) in records.iter().zip(links).enumerate() {
        assert_eq!(
            (record.trace.as_str(), record.kind, record.failed),
            (TRACE, CONSUMER, false)
        );
        assert_eq!(
            (record.name.as_str(), &record.links),
            ("process orders", &vec![link])
        );
        says(
            record,
            json!({"messaging.message.id": format!("m-{number}"), "faas.trigger": "pubsub"}),
        );
    }
    // What the handler did: spans by `tracing` and by OpenTelemetry, whose parent is the record's or each other's.
    for record in records {
        let inside: Vec<_> = all.iter().filter(|span| span.parent == record.id).collect();
        assert_eq!((inside.len(), inside[0].name.as_str()), (1, "ship"));
        assert_eq!(inside[0].events, ["shipped"]);
        let label = all.iter().find(|span| span.parent == inside[0].id).unwrap();
        assert_eq!(
            (label.name.as_str(), label.trace.as_str()),
            ("print a label", TRACE)
        );
    }
}

#[tokio::test]
async fn an_invocation_says_its_tenant() {
    let collector = Collector::start(ExportAnswer::Takes).await;
    let function = traced(&collector.url()).tenant_isolation().start().await.unwrap();
    let tenant = InvokeEvent::from(sqs(&["x"])).trace_id(HEADER).tenant_id("blue");
    let outcome = function.invoke(tenant).await.unwrap();
    let span = collector.invocation(&outcome.request_id).await;
    says(&span, json!({"tenant_id": "blue"}));
    let (collector, plain) = start().await;
    let (_, span) = traced_invoke(&collector, &plain, sqs(&["x"])).await;
    says(&span, json!({"tenant_id": null}));
}

#[tokio::test]
async fn the_resource_is_the_function() {
    let collector = Collector::start(ExportAnswer::Takes).await;
    let function = traced(&collector.url())
        .env("OTEL_SERVICE_NAME", "shop")
        .env(
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=te%20st,cloud.region=xx-1",
        )
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-key=se%3Dcret")
        .memory_mb(256)
        .start()
        .await
        .unwrap();
    traced_invoke(&collector, &function, batch([kinesis(1, b"x")])).await;
    let resource = collector.resource();
    for (name, value) in [
        ("service.name", json!("shop")),
        ("faas.name", json!("traced")),
        ("faas.max_memory", json!(256 * 1024 * 1024)),
        ("cloud.provider", json!("aws")),
        ("cloud.platform", json!("aws_lambda")),
        ("cloud.region", json!("xx-1")),
        ("deployment.environment.name", json!("te st")),
        ("telemetry.sdk.language", json!("rust")),
    ] {
        assert_eq!(resource.get(name), Some(&value), "{name} of {resource:#?}");
    }
    assert!(resource.contains_key("faas.instance") && resource.contains_key("faas.version"));
    let headers = collector.headers();
    assert_eq!(
        (&headers["x-key"], &headers["content-type"]),
        (
            &"se=cret".parse().unwrap(),
            &"application/x-protobuf".parse().unwrap()
        )
    );
}

#[tokio::test]
async fn the_trigger_is_by_the_source() {
    let (collector, function) = start().await;
    let mut schedule = event(&json!({}));
    schedule["detail-type"] = "Scheduled Event".into();
    schedule["source"] = "aws.events".into();
    for (payload, trigger, name, kind, record) in [
        (
            batch([s3("a+b%2Fc")]),
            "datasource",
            "traced",
            SERVER,
            Some(("process photos", INTERNAL)),
        ),
        (
            batch([kinesis(1, b"x")]),
            "pubsub",
            "process clicks",
            CONSUMER,
            Some(("process clicks", CONSUMER)),
        ),
        (event(&json!({})).to_string(), "pubsub", "traced", CONSUMER, None),
        (schedule.to_string(), "timer", "traced", SERVER, None),
        (
            http_api("GET", "/orders/7?token=hush").to_string(),
            "http",
            "traced",
            SERVER,
            None,
        ),
        (
            batch([dynamodb(1, json!({}))]),
            "datasource",
            "traced",
            SERVER,
            None,
        ),
    ] {
        let (_, span) = traced_invoke(&collector, &function, payload).await;
        says(&span, json!({"faas.trigger": trigger}));
        assert_eq!((span.name.as_str(), span.kind), (name, kind));
        let all = collector.spans();
        let child = all
            .iter()
            .find(|other| other.parent == span.id && other.name.starts_with("process"));
        assert_eq!(child.map(|child| (child.name.as_str(), child.kind)), record);
        assert!(!format!("{all:?}").contains("hush"));
    }
    let object = collector.span("process photos");
    says(
        &object,
        json!({"faas.document.collection": "photos", "faas.document.operation": "insert",
        "faas.document.name": "a b/c", "messaging.message.id": null}),
    );
}

#[tokio::test]
async fn a_request_says_its_route_and_status_and_links_its_caller() {
    let (collector, function) = start().await;
    let mut request = http_api("GET", "/orders/7?token=hush");
    request["routeKey"] = "GET /orders/{id}".into();
    request["headers"]["traceparent"] = traceparent(2).into();
    let (_, span) = traced_invoke(&collector, &function, &request).await;
    assert_eq!(
        (span.name.as_str(), span.parent.as_str(), &span.links),
        ("/orders/{id}", PARENT, &vec![linked(2)])
    );
    says(
        &span,
        json!({"http.request.method": "GET", "url.path": "/orders/7", "http.route": "/orders/{id}",
        "http.response.status_code": 200, "server.address": "a1.execute-api.eu-west-1.amazonaws.com", "error.type": null}),
    );
    for (path, status) in [("/down", 503), ("/fail", 500)] {
        let (_, span) = traced_invoke(&collector, &function, http_api("GET", path)).await;
        says(
            &span,
            json!({"http.response.status_code": status, "error.type": status.to_string()}),
        );
        assert!(span.failed);
    }
    let (_, span) = traced_invoke(&collector, &function, http_api("GET", "/missing")).await;
    assert!(!span.failed);
    says(&span, json!({"http.response.status_code": 404}));
}

#[tokio::test]
async fn the_caller_is_the_parent_where_x_ray_is_not_asked() {
    let collector = Collector::start(ExportAnswer::Takes).await;
    let function = traced(&collector.url())
        .env("OTEL_PROPAGATORS", "tracecontext")
        .start()
        .await
        .unwrap();
    let mut request = http_api("GET", "/orders/7");
    request["headers"]["traceparent"] = traceparent(3).into();
    let (_, span) = traced_invoke(&collector, &function, &request).await;
    assert_eq!(((span.trace, span.parent), span.links), (linked(3), vec![]));
    let (_, span) = traced_invoke(&collector, &function, http_api("GET", "/orders/7")).await;
    assert_eq!((span.parent.as_str(), span.links), ("", vec![]));
}

#[tokio::test]
async fn a_record_that_failed_has_a_span_that_says_so() {
    let collector = Collector::start(ExportAnswer::Takes).await;
    let function = traced(&collector.url())
        .timeout(Duration::from_secs(2))
        .start()
        .await
        .unwrap();
    let mut unreadable = message(5, "x");
    unreadable["attributes"] = 5.into();
    let mut messages: Vec<_> = ["x", "fail", "panic", "reject", "hang"]
        .into_iter()
        .enumerate()
        .map(|(id, body)| message(id, body))
        .collect();
    messages.push(unreadable);
    let (outcome, span) = traced_invoke(&collector, &function, batch(messages)).await;
    let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
    assert_eq!(reply["batchItemFailures"].as_array().map(Vec::len), Some(4));
    assert!(!span.failed, "the invocation itself has done what it is for");
    let all = collector.spans();
    let mut records: Vec<_> = all
        .iter()
        .filter(|record| record.parent == span.id)
        .map(|record| {
            let error_type = record.attributes.get("error.type").cloned().unwrap_or_default();
            let id = record.attributes["messaging.message.id"].as_str().unwrap();
            (id, record.failed, error_type, record.message.as_str())
        })
        .collect();
    records.sort_by_key(|record| record.0);
    let failed = json!("HandlerFailed");
    let unreadable = records[5].3;
    assert!(
        unreadable.starts_with("unreadable at `attributes`"),
        "{unreadable}"
    );
    let expected = [
        ("m-0", false, Value::Null, ""),
        ("m-1", true, failed.clone(), "the disk is full"),
        ("m-2", true, failed.clone(), "the handler panicked: no such thing"),
        ("m-3", true, json!("Rejected"), "nobody wants it"),
        (
            "m-4",
            true,
            failed.clone(),
            "the handler was dropped, because the invocation's time ran out",
        ),
        ("m-5", true, failed, unreadable),
    ];
    assert_eq!(records, expected);
}

#[tokio::test]
async fn an_invocation_that_failed_says_how() {
    let (collector, function) = start().await;
    let (_, span) = traced_invoke(&collector, &function, r#"{"awslogs":{"data":"x"}}"#).await;
    assert!(span.failed && span.message.starts_with("no handler for"));
    says(
        &span,
        json!({"faas.trigger": "other", "error.type": "UnroutedEvent", "faas.coldstart": true}),
    );
    let mut other = event(&json!({}));
    other["detail-type"] = json!({"no": "text"});
    let (_, span) = traced_invoke(&collector, &function, other).await;
    assert!(span.failed);
    says(
        &span,
        json!({"error.type": "HandlerFailed", "faas.coldstart": false}),
    );
}

#[tokio::test]
async fn spans_of_a_request_that_takes_too_long_are_sent_before_lambda_ends_the_process() {
    let collector = Collector::start(ExportAnswer::Takes).await;
    let function = traced(&collector.url())
        .timeout(Duration::from_secs(1))
        .start()
        .await
        .unwrap();
    let (outcome, span) = traced_invoke(&collector, &function, http_api("GET", "/hang")).await;
    assert!(outcome.result.is_ok() && span.failed);
    says(
        &span,
        json!({"http.response.status_code": 504, "error.type": "504"}),
    );
    assert_eq!(collector.span("ship").parent, span.id);
}

#[tokio::test]
async fn a_batch_that_is_handled_at_once_links_all_its_messages() {
    let (collector, function) = start().await;
    let payload = batch((1..=3).map(|id| notification(id, &traceparent(id as u8))));
    let (_, span) = traced_invoke(&collector, &function, payload).await;
    assert_eq!(
        (span.name.as_str(), &span.links),
        ("process news", &vec![linked(1), linked(2), linked(3)])
    );
    says(
        &span,
        json!({"messaging.batch.message_count": 3, "messaging.system": "aws.sns"}),
    );
    assert_eq!(collector.spans().len(), 1);
}

#[tokio::test]
async fn a_task_of_its_own_is_in_the_trace_if_it_is_taken_along() {
    let (collector, function) = start().await;
    let (_, span) = traced_invoke(&collector, &function, event(&json!({}))).await;
    assert_eq!(collector.span("ship").parent, span.id);
}

#[tokio::test]
async fn a_large_batch_is_sent_while_it_is_handled_and_loses_nothing() {
    let (collector, function) = start().await;
    let payload = batch((0..5_000).map(|number| kinesis(number, b"x")));
    let (_, span) = traced_invoke(&collector, &function, payload).await;
    let records = collector
        .spans()
        .into_iter()
        .filter(|record| record.parent == span.id)
        .count();
    assert_eq!(records, 5_000);
    assert!(collector.requests() >= 10, "{}", collector.requests());
}

/// The header of an invocation of its own trace.
fn header(number: u64) -> String {
    format!("Root=1-6759e988-{number:024x};Parent={number:016x};Sampled=1")
}

#[tokio::test]
async fn of_32_invocations_at_once_each_has_a_trace_of_its_own() {
    let collector = Collector::start(ExportAnswer::Takes).await;
    let builder = traced(&collector.url()).timeout(Duration::from_secs(3));
    let function = builder.max_concurrency(32).start().await.unwrap();
    let function = &function;
    let invocations = (1..=32).map(|number| async move {
        // Every fourth hangs until its time is over, and fails.
        let body = if number % 4 == 0 { "hang" } else { "x" };
        let event = InvokeEvent::from(sqs(&["fail", body])).trace_id(header(number));
        (number, function.invoke(event).await.unwrap())
    });
    let outcomes = join_all(invocations).await;
    let hanging = InvokeEvent::from(http_api("GET", "/hang").to_string()).trace_id(header(33));
    let hanging = function.invoke(hanging).await.unwrap();
    let span = collector.invocation(&hanging.request_id).await;
    says(&span, json!({"error.type": "504"}));
    for (number, outcome) in outcomes {
        let span = collector.invocation(&outcome.request_id).await;
        assert_eq!(span.parent, format!("{number:016x}"));
        assert_eq!(span.trace, format!("6759e988{number:024x}"));
        let mut children: Vec<_> = collector.spans();
        children.retain(|child| child.parent == span.id);
        let failed = children.iter().filter(|child| child.failed).count();
        assert_eq!((children.len(), failed), (2, if number % 4 == 0 { 2 } else { 1 }));
        assert!(children.iter().all(|child| child.trace == span.trace));
    }
}

#[tokio::test]
async fn what_is_not_sampled_is_not_sent() {
    let (collector, function) = start().await;
    let unsampled = InvokeEvent::from(sqs(&["x"])).trace_id(HEADER.replace("Sampled=1", "Sampled=0"));
    function.invoke(unsampled.clone()).await.unwrap();
    let (outcome, _) = traced_invoke(&collector, &function, sqs(&["x"])).await;
    let sent = collector.spans();
    assert!(sent.iter().all(|span| {
        span.attributes
            .get("faas.invocation_id")
            .is_none_or(|id| *id == outcome.request_id)
    }));
    assert_eq!(sent.len(), 4);
    let function = traced(&collector.url())
        .env("OTEL_TRACES_SAMPLER", "always_on")
        .start()
        .await
        .unwrap();
    let outcome = function.invoke(unsampled).await.unwrap();
    assert_eq!(collector.invocation(&outcome.request_id).await.parent, PARENT);
}

/// What the function says of lost spans, over some invocations.
async fn complaints(function: &Function, invocations: usize) -> Vec<Value> {
    let mut lines = Vec::new();
    for _ in 0..invocations {
        let outcome = invoke(function, sqs(&["x"])).await;
        outcome.result.unwrap();
        lines.extend(outcome.logs);
    }
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["level"] == "WARN").collect()
}

#[tokio::test]
async fn a_missing_collector_fails_nothing_and_is_reported_once() {
    for answer in [ExportAnswer::Refuses(500), ExportAnswer::Refuses(400)] {
        let collector = Collector::start(answer).await;
        let function = traced(&collector.url()).start().await.unwrap();
        let warnings = complaints(&function, 3).await;
        assert_eq!(warnings.len(), 1, "{warnings:#?}");
        assert_eq!(
            warnings[0]["message"],
            "spans were lost; this is reported only once"
        );
        let error = warnings[0]["error"].as_str().unwrap();
        assert!(error.starts_with("the collector answered with status"), "{error}");
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let function = traced(&format!("http://user:secret@{closed}"))
        .start()
        .await
        .unwrap();
    let warnings = complaints(&function, 3).await;
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert_eq!(warnings[0]["collector"], closed.to_string());
}

#[tokio::test]
async fn nobody_waits_for_an_answer_until_spans_are_sent() {
    const LIMIT: Duration = Duration::from_secs(3);
    let collector = Collector::start(ExportAnswer::Hangs).await;
    let function = traced(&collector.url())
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", LIMIT.as_millis().to_string())
        .timeout(Duration::from_secs(60))
        .start()
        .await
        .unwrap();
    let start = Instant::now();
    let outcome = invoke(&function, sqs(&["x"])).await;
    // The function polls again when it has given up the collector; the answer was there before.
    assert!(start.elapsed() >= LIMIT);
    assert!(outcome.duration < LIMIT, "{:?}", outcome.duration);
}

#[tokio::test]
async fn a_collector_that_hangs_holds_an_invocation_up_no_longer_than_allowed() {
    let collector = Collector::start(ExportAnswer::Hangs).await;
    let function = traced(&collector.url())
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", "100")
        .start()
        .await
        .unwrap();
    let start = Instant::now();
    let warnings = complaints(&function, 3).await;
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    let error = warnings[0]["error"].as_str().unwrap();
    assert!(error.contains("OTEL_EXPORTER_OTLP_TIMEOUT"), "{error}");
    // The collector's own 10 s, three times over, would be far beyond.
    assert!(start.elapsed() < Duration::from_secs(10));
    // The invocation's end comes first, and the process lives on.
    let function = traced(&collector.url())
        .timeout(Duration::from_secs(1))
        .start()
        .await
        .unwrap();
    let pid = function.pid();
    complaints(&function, 3).await;
    assert_eq!(function.pid(), pid);
}

#[tokio::test]
async fn traces_can_be_switched_off() {
    for (name, value) in [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")] {
        let collector = Collector::start(ExportAnswer::Takes).await;
        let function = traced(&collector.url()).env(name, value).start().await.unwrap();
        invoke(&function, sqs(&["x"])).await;
        invoke(&function, sqs(&["x"])).await;
        assert_eq!(collector.requests(), 0);
    }
}

#[tokio::test]
async fn a_bad_value_is_an_initialisation_error() {
    for (variable, value, allowed) in [
        ("OTEL_SDK_DISABLED", "yes", "`true` or `false`"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "`otlp` or `none`"),
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "grpc",
            "`http/protobuf`, nothing else is built in",
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "https://collector.example",
            "an `http://` address, such as that of a collector in a layer",
        ),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1s", "a whole number above 0"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5", "a number from 0 to 1"),
        (
            "OTEL_PROPAGATORS",
            "b3",
            "a list of `xray`, `xray-lambda`, `tracecontext`, `baggage`; or `none`",
        ),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "a whole number above 0"),
    ] {
        let builder = traced("")
            .env("OTEL_TRACES_SAMPLER", "traceidratio")
            .env(variable, value);
        let error = builder.start().await.unwrap_err();
        let init = error.init().unwrap();
        assert_eq!(
            init.message,
            format!("{variable} is {value:?}, but must be {allowed}")
        );
    }
    let error = traced("")
        .env("OTEL_EXPORTER_OTLP_HEADERS", "Bearer hush")
        .start()
        .await
        .unwrap_err();
    assert!(!error.init().unwrap().message.contains("hush"));
}
