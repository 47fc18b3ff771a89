//! Metrics of a function in a process of its own: which documents it writes for which invocation.

use lambda_sandbox::{Builder, Function, InvokeEvent, Outcome};
use serde_json::{Value, json};
use std::time::Duration;
use switchboard_test_support::{batch, dynamodb, event, example, http_api, kinesis, s3};

fn measured() -> Builder {
    Function::builder(example("observed"))
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .env("AWS_LAMBDA_LOG_LEVEL", "")
        .env("POWERTOOLS_SERVICE_NAME", "shop")
        .env("POWERTOOLS_METRICS_NAMESPACE", "Shop/Orders")
        .env("POWERTOOLS_METRICS_DISABLED", "")
}

async fn invoke(function: &Function, payload: impl ToString) -> (Outcome, Vec<Value>) {
    let outcome = function.invoke(payload.to_string()).await.unwrap();
    let documents = outcome.logs.iter().filter(|line| line.starts_with(r#"{"_aws""#));
    let documents = documents
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (outcome, documents)
}

/// One document, without what differs from run to run, which is looked at here.
fn only(outcome: &Outcome, documents: &[Value]) -> Value {
    let [document] = documents else {
        panic!("{documents:#?}");
    };
    comparable(outcome, document)
}

fn comparable(outcome: &Outcome, document: &Value) -> Value {
    let mut document = document.clone();
    let directive = &mut document["_aws"]["CloudWatchMetrics"][0];
    let metrics = directive["Metrics"].as_array_mut().unwrap();
    metrics.sort_by_key(|metric| metric["Name"].to_string());
    let now = chrono::Utc::now().timestamp_millis();
    let time = document["_aws"]["Timestamp"].take().as_i64().unwrap();
    assert!((now - 60_000..=now).contains(&time), "{time}");
    assert_eq!(document["function_request_id"].take(), *outcome.request_id);
    assert!(
        document["xray_trace_id"]
            .take()
            .as_str()
            .unwrap()
            .starts_with("1-")
    );
    for (name, most) in [("Duration", 60_000.0), ("IteratorAge", f64::MAX)] {
        if let Some(value) = document.get_mut(name) {
            let value = value.take().as_f64().unwrap();
            assert!((0.0..most).contains(&value), "{name} {value}");
        }
    }
    document
}

/// By name: records that are handled side by side end in any order.
fn definitions(names: &[&str]) -> Value {
    let mut names = names.to_vec();
    names.sort_unstable();
    let unit = |name: &str| match name {
        "Duration" | "IteratorAge" => "Milliseconds",
        "RecordSize" | "BytesRead" => "Bytes",
        _ => "Count",
    };
    names
        .iter()
        .map(|name| json!({"Name": name, "Unit": unit(name)}))
        .collect()
}

fn document(source: &str, dimensions: &[&str], names: &[&str], values: Value) -> Value {
    let mut document = json!({
        "_aws": {"Timestamp": null, "CloudWatchMetrics": [{"Namespace": "Shop/Orders", "Dimensions": [dimensions],
            "Metrics": definitions(names)}]},
        "service": "shop", "source": source, "function_name": "observed", "function_request_id": null,
        "xray_trace_id": null});
    for (name, value) in values.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

const DIMENSIONS: &[&str] = &["service", "source"];
const OF_A_BATCH: &[&str] = &[
    "Records",
    "RecordsFailed",
    "RecordsRejected",
    "RecordsSkipped",
    "BatchSize",
];
const OF_AN_INVOCATION: &[&str] = &["Invocations", "ColdStart", "Duration"];

#[tokio::test]
async fn a_batch_has_one_document_and_one_for_each_value_of_a_dimension() {
    let function = measured().start().await.unwrap();
    let (outcome, documents) = invoke(&function, batch([kinesis(1, b"x"), kinesis(2, b"xyz")])).await;
    let [of_source, of_partition] = &documents[..] else {
        panic!("{documents:#?}");
    };
    let names = [&["RecordSize"], OF_A_BATCH, &["IteratorAge"], OF_AN_INVOCATION].concat();
    let values = json!({"RecordSize": [1.0, 3.0], "Records": 2, "RecordsFailed": 0, "RecordsRejected": 0,
        "RecordsSkipped": 0, "BatchSize": 2.0, "IteratorAge": null, "Invocations": 1, "ColdStart": 1,
        "Duration": null});
    assert_eq!(
        comparable(&outcome, of_source),
        document("kinesis", DIMENSIONS, &names, values)
    );
    let dimensions = ["service", "source", "Partition"];
    assert_eq!(
        comparable(&outcome, of_partition),
        document(
            "kinesis",
            &dimensions,
            &["BytesRead"],
            json!({"Partition": "p", "BytesRead": 4})
        )
    );
}

#[tokio::test]
async fn the_tenant_is_a_dimension_if_that_is_asked_for() {
    for (by_tenant, dimensions) in [
        ("true", &["service", "source", "tenant_id"][..]),
        ("", DIMENSIONS),
    ] {
        let builder = measured().env("SWITCHBOARD_METRICS_BY_TENANT", by_tenant);
        let function = builder.tenant_isolation().start().await.unwrap();
        let event = InvokeEvent::from(batch([kinesis(1, b"x")])).tenant_id("blue");
        let outcome = function.invoke(event).await.unwrap();
        let documents: Vec<Value> = outcome
            .logs
            .iter()
            .filter(|line| line.starts_with(r#"{"_aws""#))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(documents.len(), 2, "{documents:?}");
        for document in &documents {
            assert_eq!(document["tenant_id"], "blue");
            let of = &document["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0];
            let mut of: Vec<_> = of.as_array().unwrap().iter().collect();
            of.retain(|name| *name != "Partition");
            assert_eq!(of, dimensions, "{document}");
        }
    }
    let error = measured()
        .env("SWITCHBOARD_METRICS_BY_TENANT", "maybe")
        .start()
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("SWITCHBOARD_METRICS_BY_TENANT"),
        "{error}"
    );
}

#[tokio::test]
async fn the_age_is_that_of_the_last_record_of_a_stream() {
    let function = measured().start().await.unwrap();
    let arrived = |seconds_ago: f64| {
        let mut record = kinesis(1, b"x");
        let time = chrono::Utc::now().timestamp_millis() as f64 / 1000.0 - seconds_ago;
        record["kinesis"]["approximateArrivalTimestamp"] = time.into();
        record
    };
    let (_, documents) = invoke(&function, batch([arrived(9000.0), arrived(100.0)])).await;
    let age = documents[0]["IteratorAge"].as_f64().unwrap();
    assert!((100_000.0..160_000.0).contains(&age), "{age}");
    let mut change = dynamodb(1, json!({}));
    change["dynamodb"]["ApproximateCreationDateTime"] = (chrono::Utc::now().timestamp() - 10).into();
    let (_, documents) = invoke(&function, batch([change])).await;
    let age = documents[0]["IteratorAge"].as_f64().unwrap();
    assert!((9_000.0..70_000.0).contains(&age), "{age}");
    let mut timeless = kinesis(1, b"x");
    timeless["kinesis"]
        .as_object_mut()
        .unwrap()
        .remove("approximateArrivalTimestamp");
    let (_, documents) = invoke(&function, batch([timeless])).await;
    assert_eq!(documents[0].get("IteratorAge"), None);
    let (_, documents) = invoke(&function, batch([s3("k")])).await;
    assert_eq!(documents[0].get("IteratorAge"), None);
}

fn sqs(bodies: &[&str]) -> String {
    let message = |(index, body): (usize, &&str)| {
        json!({"messageId": format!("m-{index}"), "body": body, "awsRegion": "eu-west-1", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders", "attributes": {}, "messageAttributes": {}})
    };
    batch(bodies.iter().enumerate().map(message))
}

#[tokio::test]
async fn what_failed_and_what_was_rejected_is_counted_apart() {
    let function = measured().start().await.unwrap();
    let (outcome, documents) = invoke(&function, sqs(&["x", "fail", "panic", "reject"])).await;
    let names = [OF_A_BATCH, OF_AN_INVOCATION].concat();
    let values = json!({"RecordsFailed": 2, "RecordsRejected": 1, "Records": 4, "RecordsSkipped": 0, "BatchSize": 4.0,
        "Invocations": 1, "ColdStart": 1, "Duration": null});
    let expected = document("sqs", DIMENSIONS, &names, values);
    assert_eq!(only(&outcome, &documents), expected);
    let (_, documents) = invoke(&function, sqs(&["x"])).await;
    assert_eq!(
        (&documents[0]["ColdStart"], &documents[0]["Records"]),
        (&json!(0), &json!(1))
    );
}

#[tokio::test]
async fn an_event_and_a_request_are_one_record_and_no_batch() {
    let function = measured().start().await.unwrap();
    let names = [&OF_A_BATCH[..4], OF_AN_INVOCATION].concat();
    let values = |cold: u8| {
        json!({"Records": 1, "RecordsFailed": 0, "RecordsRejected": 0, "RecordsSkipped": 0, "Invocations": 1,
            "ColdStart": cold, "Duration": null})
    };
    let (outcome, documents) = invoke(&function, event(&json!({}))).await;
    let expected = document("cloudwatch_events", DIMENSIONS, &names, values(1));
    assert_eq!(only(&outcome, &documents), expected);
    let (_, documents) = invoke(&function, http_api("GET", "/hello")).await;
    assert_eq!(documents[0]["Greetings"], 1);
    assert_eq!(documents[0]["source"], "api_gateway_http");
    let (_, documents) = invoke(&function, http_api("GET", "/fail")).await;
    assert_eq!(documents[0]["RecordsFailed"], 1);
}

#[tokio::test]
async fn an_unrouted_event_is_counted_by_its_source() {
    let function = measured().start().await.unwrap();
    for (payload, source) in [
        (r#"{"awslogs":{"data":"x"}}"#, "cloudwatch_logs"),
        ("7", "unknown"),
    ] {
        let (outcome, documents) = invoke(&function, payload).await;
        assert_eq!(outcome.result.as_ref().unwrap_err().error_type, "UnroutedEvent");
        let document = &documents[0];
        assert_eq!(
            (&document["Unrouted"], &document["source"]),
            (&json!(1), &json!(source))
        );
        assert_eq!(
            (&document["Invocations"], &document["Records"]),
            (&json!(1), &Value::Null)
        );
    }
}

#[tokio::test]
async fn an_invocation_that_runs_out_of_time_is_counted() {
    let function = measured()
        .timeout(Duration::from_millis(500))
        .start()
        .await
        .unwrap();
    let (outcome, documents) = invoke(&function, http_api("GET", "/hang")).await;
    let reply: Value = serde_json::from_slice(outcome.result.as_ref().unwrap()).unwrap();
    assert_eq!(reply["statusCode"], 504);
    let document = only(&outcome, &documents);
    assert_eq!(
        (&document["Invocations"], &document["RecordsFailed"]),
        (&json!(1), &json!(1))
    );
    // What blocks its thread cannot be dropped: Lambda ends the process.
    let (outcome, documents) = invoke(&function, http_api("GET", "/block")).await;
    assert_eq!(
        outcome.result.as_ref().unwrap_err().error_type,
        "Sandbox.Timedout"
    );
    let document = only(&outcome, &documents);
    assert_eq!(
        (&document["Invocations"], &document["Records"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn without_a_namespace_or_when_switched_off_there_are_no_metrics() {
    for (variable, value) in [
        ("POWERTOOLS_METRICS_NAMESPACE", ""),
        ("POWERTOOLS_METRICS_DISABLED", "true"),
    ] {
        let function = measured().env(variable, value).start().await.unwrap();
        let (_, documents) = invoke(&function, batch([kinesis(1, b"x")])).await;
        assert_eq!(documents, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_document_passes_lambdas_own_filter() {
    let function = measured()
        .env("AWS_LAMBDA_LOG_LEVEL", "WARN")
        .start()
        .await
        .unwrap();
    let (_, documents) = invoke(&function, event(&json!({}))).await;
    assert_eq!(documents[0]["level"], "WARN");
    let time = documents[0]["timestamp"].as_str().unwrap();
    chrono::DateTime::parse_from_rfc3339(time).unwrap();
}

#[tokio::test]
async fn a_bad_value_is_an_initialisation_error() {
    for (variable, value, start) in [
        (
            "POWERTOOLS_METRICS_NAMESPACE",
            "AWS/Shop",
            r#"POWERTOOLS_METRICS_NAMESPACE is "AWS/Shop", but must be up to 255"#,
        ),
        (
            "POWERTOOLS_METRICS_DISABLED",
            "perhaps",
            r#"POWERTOOLS_METRICS_DISABLED is "perhaps", but must be `true` or `false`"#,
        ),
    ] {
        let error = measured().env(variable, value).start().await.unwrap_err();
        let message = &error.init().unwrap().message;
        assert!(message.starts_with(start), "{message}");
    }
}
