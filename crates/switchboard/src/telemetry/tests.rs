//! Many invocations at once in one process: no line of one contains what belongs to another.

use super::layer::ScopeLayer;
use super::line::Format;
use super::metrics::MetricsSettings;
use super::scope::Scope;
use super::settings::Settings;
use super::subscriber::{Filter, LogSubscriber};
use super::traces::Traces;
use crate::mode::Mode;
use crate::telemetry::{Dimension, Metric, Unit};
use crate::{Context, Failure, Payload, Router};
use aws_lambda_events::kinesis::KinesisEventRecord;
use bytes::Bytes;
use lambda_runtime::tower::{Layer, service_fn};
use lambda_runtime::{LambdaEvent, LambdaInvocation, Service};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use tokio::sync::Barrier;
use tracing::instrument::WithSubscriber as _;
use tracing::{Dispatch, Instrument as _};
use tracing_subscriber::filter::LevelFilter;

const INVOCATIONS: usize = 64;
const SEEN: Metric = Metric::new("Seen", Unit::Count);
const REQUEST: Dimension = Dimension::new("Request");

type Written = Arc<Mutex<Vec<Value>>>;

/// Keeps the lines instead of writing them.
fn settings(written: &Written, buffer: usize) -> Arc<Settings> {
    let written = Arc::clone(written);
    Arc::new(Settings {
        service: "test".to_owned(),
        function_name: "test".to_owned(),
        sample_rate: 0.0,
        buffer,
        #[cfg(feature = "durable")]
        replays: false,
        metrics: Some(MetricsSettings {
            namespace: "test".to_owned(),
            level: None,
            by_tenant: false,
        }),
        traces: Traces::OFF,
        output: Box::new(move |line| {
            let lines = serde_json::Deserializer::from_slice(line).into_iter();
            written.lock().unwrap().extend(lines.map(Result::unwrap));
        }),
    })
}

fn invocation(n: usize) -> LambdaInvocation {
    let record = |part: usize| {
        json!({"eventSource": "aws:kinesis", "eventID": format!("shardId-0:{n}.{part}"), "eventSourceARN": "a",
            "awsRegion": "eu-west-1", "eventVersion": "1.0",
            "kinesis": {"partitionKey": part.to_string(), "sequenceNumber": "1", "data": "eA==",
                "approximateArrivalTimestamp": 1_700_000_000.25}})
    };
    let mut context = lambda_runtime::Context::default();
    context.request_id = format!("request-{n}");
    context.xray_trace_id = Some(format!("Root=1-{n}"));
    context.tenant_id = Some(format!("tenant-{n}"));
    LambdaInvocation {
        parts: http::Response::new(()).into_parts().0,
        body: Bytes::from(json!({"Records": [record(0), record(1)]}).to_string()),
        context,
    }
}

/// Waits in the middle until all invocations are there.
async fn on_record(record: KinesisEventRecord, cx: Context<Arc<Barrier>>) -> Result<(), Failure> {
    let (request, id) = (cx.lambda().request_id.clone(), cx.identity());
    let says = |when: &'static str| tracing::info!(when, own_request = request, own_id = id, "here");
    says("before");
    tracing::debug!(own_request = request, own_id = id, "detail");
    cx.metrics().with(REQUEST, &request).add(SEEN, 1);
    if record.kinesis.partition_key == "0" {
        cx.state().wait().await;
    }
    says("behind");
    let span = tracing::info_span!("span", own_span = request);
    async {
        tokio::task::yield_now().await;
        says("inside");
    }
    .instrument(span)
    .await;
    // Every other invocation fails.
    match request.ends_with(['1', '3', '5', '7', '9']) {
        true => Err(Failure::msg("odd")),
        false => Ok(()),
    }
}

async fn run_all(settings: Arc<Settings>) {
    let filter = Filter::Level(LevelFilter::INFO);
    let logs = Dispatch::new(LogSubscriber::new(Arc::clone(&settings), filter, Format::Json));
    let router = Router::new(Arc::new(Barrier::new(INVOCATIONS))).kinesis(on_record);
    let service = service_fn(move |invocation: LambdaInvocation| {
        let payload = Payload::new(invocation.body);
        router.clone().call(LambdaEvent::new(payload, invocation.context))
    });
    let mut service = ScopeLayer::with(settings, Mode::Classic).layer(service);
    let running: Vec<_> = (0..INVOCATIONS)
        .map(|n| {
            let invocation = tracing::dispatcher::with_default(&logs, || service.call(invocation(n)));
            tokio::spawn(invocation.with_subscriber(logs.clone()))
        })
        .collect();
    for invocation in running {
        invocation.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invocations_side_by_side_do_not_mix() {
    let written = Written::default();
    run_all(settings(&written, 4096)).await;
    let lines = written.lock().unwrap();
    let mut said = HashSet::new();
    for line in lines.iter().filter(|line| line["target"] == module_path!()) {
        let request = line["own_request"].as_str().unwrap();
        assert_eq!(
            (&line["requestId"], &line["correlation_id"]),
            (&line["own_request"], &line["own_id"])
        );
        assert_eq!(line["xray_trace_id"], request.replace("request-", "1-"));
        assert_eq!(line["tenant_id"], request.replace("request-", "tenant-"));
        assert_eq!(line["source"], "kinesis");
        let inside = line["when"] == "inside";
        assert_eq!(
            line["own_span"],
            if inside { json!(request) } else { Value::Null }
        );
        let line = (
            line["requestId"].clone(),
            line["own_id"].clone(),
            line["when"].clone(),
        );
        assert!(said.insert(line.clone()), "{line:?}");
    }
    // An even invocation handles both records and logs three lines of each; an odd one fails at its first record, which
    // brings out the detail as well.
    assert_eq!(said.len(), INVOCATIONS / 2 * 6 + INVOCATIONS / 2 * 4);
    let failed = lines.iter().filter(|line| line["message"] == "record failed");
    let failed: HashSet<_> = failed.map(|line| line["requestId"].to_string()).collect();
    assert_eq!(failed.len(), INVOCATIONS / 2);
    let cold: HashSet<_> = lines
        .iter()
        .filter(|line| line["cold_start"] == true)
        .map(|line| line["requestId"].to_string())
        .collect();
    assert_eq!(cold, HashSet::from(["\"request-0\"".to_owned()]));
    let documents: Vec<_> = lines.iter().filter(|line| line.get("_aws").is_some()).collect();
    let of_invocations: HashSet<_> = documents
        .iter()
        .filter(|document| document["Invocations"] == 1)
        .map(|document| {
            let request = document["function_request_id"].as_str().unwrap();
            let failed = u8::from(request.ends_with(['1', '3', '5', '7', '9']));
            assert_eq!(document["xray_trace_id"], request.replace("request-", "1-"));
            assert_eq!(document["tenant_id"], request.replace("request-", "tenant-"));
            assert_eq!(
                (
                    &document["Records"],
                    &document["RecordsFailed"],
                    &document["ColdStart"]
                ),
                (
                    &json!(2),
                    &json!(failed),
                    &json!(u8::from(request == "request-0"))
                )
            );
            request
        })
        .collect();
    assert_eq!(of_invocations.len(), INVOCATIONS);
    let seen: Vec<_> = documents
        .iter()
        .filter(|document| document["Seen"] != Value::Null)
        .collect();
    for document in &seen {
        assert_eq!(document["Request"], document["function_request_id"]);
    }
    assert_eq!((seen.len(), documents.len()), (INVOCATIONS, 2 * INVOCATIONS));
}

/// A header of HTTP may hold tabs and, as UTF-8, control characters beyond ASCII.
#[test]
fn a_request_id_makes_no_line_of_its_own() {
    let written = Arc::new(Mutex::new(Vec::new()));
    let output = Arc::clone(&written);
    let settings = Arc::new(Settings {
        service: "test".to_owned(),
        function_name: "test".to_owned(),
        sample_rate: 0.0,
        buffer: 0,
        #[cfg(feature = "durable")]
        replays: false,
        metrics: None,
        traces: Traces::OFF,
        output: Box::new(move |line| output.lock().unwrap().extend_from_slice(line)),
    });
    let mut context = lambda_runtime::Context::default();
    context.request_id = "a\tb\u{85}c\u{9b}31md".to_owned();
    let scope = Scope::new(Arc::clone(&settings), &context, false);
    let format = Format::Text { colour: false };
    let logs = LogSubscriber::new(settings, Filter::Level(LevelFilter::INFO), format);
    tracing::subscriber::with_default(logs, || scope.enter(|| tracing::info!("here")));
    let line = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    assert_eq!(
        line,
        format!(" INFO a\\tb\\u{{85}}c\\u{{9b}}31md {}: here\n", module_path!())
    );
}

/// However often it is tried, what CloudWatch does not take is one line for each metric, and that is the invocation's.
#[tokio::test]
async fn what_is_not_taken_is_counted() {
    const LATENCY: Metric = Metric::new("Latency", Unit::Milliseconds);
    const SHARE: Metric = Metric::new("Share", Unit::Percent);
    async fn divides(_record: KinesisEventRecord, cx: Context<()>) -> Result<(), Failure> {
        let metrics = cx.metrics();
        for _ in 0..50_000 {
            metrics.record(LATENCY, 0.0 / std::hint::black_box(0.0));
        }
        metrics.record(SHARE, f64::INFINITY);
        metrics.record(SHARE, 0.5);
        metrics.with(Dimension::new("Seen"), "x").add(SEEN, 1);
        let mut metrics = metrics.clone();
        for n in 0..40 {
            metrics = metrics.with(Dimension::new(DIMENSIONS[n % 30]), "x");
        }
        Ok(())
    }
    const DIMENSIONS: [&str; 30] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
        "u", "v", "w", "x", "y", "z", "aa", "bb", "cc", "dd",
    ];
    let written = Written::default();
    let settings = settings(&written, 0);
    let filter = Filter::Level(LevelFilter::INFO);
    let logs = Dispatch::new(LogSubscriber::new(Arc::clone(&settings), filter, Format::Json));
    let router = Router::new(()).kinesis(divides);
    let service = service_fn(move |invocation: LambdaInvocation| {
        let payload = Payload::new(invocation.body);
        router.clone().call(LambdaEvent::new(payload, invocation.context))
    });
    let mut service = ScopeLayer::with(settings, Mode::Classic).layer(service);
    let call = tracing::dispatcher::with_default(&logs, || service.call(invocation(7)));
    call.with_subscriber(logs).await.unwrap();
    let lines = written.lock().unwrap();
    let warned = lines.iter().filter(|line| line["level"] == "WARN");
    let mut told: Vec<Value> = warned
        .map(|line| {
            assert_eq!(line["requestId"], "request-7");
            let name = [&line["metric"], &line["dimension"]]
                .into_iter()
                .find(|name| !name.is_null());
            json!([name, line["times"], line["value"]])
        })
        .collect();
    told.sort_by_key(Value::to_string);
    let expected = [
        json!(["Latency", 100_000, "NaN"]),
        json!(["Seen", 2, null]),
        json!(["Share", 2, "inf"]),
        json!(["cc", 2, null]),
        json!(["dd", 2, null]),
    ];
    assert_eq!(told, expected);
    let document = lines.iter().find(|line| !line["Share"].is_null()).unwrap();
    assert_eq!(document["Share"], json!([0.5, 0.5]));
}
