//! Many invocations at once in one process: each has its own trace, and waits for no other's spans.

#[path = "../../../tests/support/collector.rs"]
#[expect(dead_code, reason = "tests of whole functions look at more of it")]
mod collector;

use super::super::BoxFuture;
use super::super::layer::ScopeLayer;
use super::super::settings::Settings;
use super::Traces;
use super::pipeline::Pipeline;
use super::propagation::Propagation;
use super::variables::Variables;
use crate::mode::Mode;
use crate::{Context, Failure, Payload, Reply, Router};
use aws_lambda_events::kinesis::KinesisEventRecord;
use bytes::Bytes;
use collector::{Collector, ExportAnswer, Seen};
use futures_util::FutureExt as _;
use http::HeaderMap;
use lambda_runtime::tower::{Layer, service_fn};
use lambda_runtime::{LambdaEvent, LambdaInvocation, Service};
use opentelemetry::Context as Trace;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::trace::Sampler;
use serde_json::json;
use std::collections::HashSet;
use std::future::{Future, pending, ready};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Barrier;

fn answering(answer: BoxFuture<Reply>) -> BoxFuture<Reply> {
    super::answering(answer, Reply::status)
}

const INVOCATIONS: usize = 64;
const RECORDS: usize = 3;

fn settings(collector: &Collector) -> Arc<Settings> {
    let variables = Variables {
        endpoint: format!("{}/v1/traces", collector.url()).parse().unwrap(),
        headers: HeaderMap::new(),
        timeout: Duration::from_secs(60),
        sampler: Sampler::ParentBased(Box::new(Sampler::AlwaysOn)),
        propagation: Propagation {
            xray: true,
            trace_context: true,
            baggage: false,
        },
        service: None,
        attributes: Vec::new(),
        queue: 16,
        batch: 2,
    };
    let pipeline = Pipeline::new("test", variables);
    Arc::new(Settings {
        traces: Traces(Some(Arc::new(pipeline))),
        ..Settings::off()
    })
}

/// The id of an invocation's trace.
fn trace(n: usize) -> String {
    format!("5759e988bd862e3fe1be46a9{:08x}", n + 1)
}

fn invocation(n: usize) -> LambdaInvocation {
    let record = |part: usize| {
        json!({"eventSource": "aws:kinesis", "eventID": format!("shardId-0:{part}"), "eventVersion": "1.0",
            "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", "awsRegion": "eu-west-1",
            "kinesis": {"partitionKey": part.to_string(), "sequenceNumber": part.to_string(), "data": "eA==",
                "approximateArrivalTimestamp": 1_700_000_000.25}})
    };
    let mut context = lambda_runtime::Context::default();
    context.request_id = format!("request-{n}");
    let trace = trace(n);
    let (time, unique) = trace.split_at(8);
    context.xray_trace_id = Some(format!("Root=1-{time}-{unique};Parent={:016x};Sampled=1", n + 1));
    LambdaInvocation {
        parts: http::Response::new(()).into_parts().0,
        body: Bytes::from(json!({"Records": (0..RECORDS).map(record).collect::<Vec<_>>()}).to_string()),
        context,
    }
}

/// One that ends in so much time.
fn ending(left: Duration) -> LambdaInvocation {
    let ends = SystemTime::now() + left;
    let ends = ends.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let mut invocation = invocation(0);
    invocation.context.deadline = u64::try_from(ends).unwrap();
    invocation
}

fn current() -> (String, String) {
    Trace::map_current(|cx| {
        let span = cx.span().span_context().clone();
        (span.trace_id().to_string(), span.span_id().to_string())
    })
}

/// Waits in the middle until all invocations are there.
async fn on_record(record: KinesisEventRecord, cx: Context<Arc<Barrier>>) -> Result<(), Failure> {
    let before = current();
    let n: usize = cx.lambda().request_id.strip_prefix("request-").unwrap().parse()?;
    assert_eq!(before.0, trace(n));
    if n == INVOCATIONS {
        return std::future::pending().await;
    }
    if record.kinesis.partition_key == "0" {
        cx.state().wait().await;
    }
    tokio::task::yield_now().await;
    assert_eq!(current(), before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invocations_side_by_side_have_traces_of_their_own() {
    let collector = Arc::new(Collector::start(ExportAnswer::Takes).await);
    let router = Router::new(Arc::new(Barrier::new(INVOCATIONS))).kinesis(on_record);
    let service = service_fn(move |invocation: LambdaInvocation| {
        let payload = Payload::new(invocation.body);
        answering(router.clone().call(LambdaEvent::new(payload, invocation.context)))
    });
    let mut service = ScopeLayer::with(settings(&collector), Mode::Classic).layer(service);
    // One more, which is there before the others and does not end.
    let endless = tokio::spawn(service.call(invocation(INVOCATIONS)));
    let running: Vec<_> = (0..INVOCATIONS)
        .map(|n| {
            let (answer, collector) = (service.call(invocation(n)), Arc::clone(&collector));
            tokio::spawn(async move {
                answer.await.unwrap();
                // All of its own were sent by now.
                let sent = collector
                    .spans()
                    .into_iter()
                    .filter(|span| span.trace == trace(n));
                check(n, &sent.collect::<Vec<_>>());
            })
        })
        .collect();
    for invocation in running {
        invocation.await.unwrap();
    }
    let spans = collector.spans();
    assert_eq!(spans.len(), INVOCATIONS * (RECORDS + 1));
    assert_eq!(
        spans.iter().map(|span| &span.id).collect::<HashSet<_>>().len(),
        spans.len()
    );
    endless.abort();
}

fn check(n: usize, spans: &[Seen]) {
    assert_eq!(spans.len(), RECORDS + 1, "{spans:#?}");
    let invocation = spans
        .iter()
        .find(|span| span.parent == format!("{:016x}", n + 1))
        .unwrap();
    assert_eq!(
        invocation.attributes["faas.invocation_id"],
        format!("request-{n}")
    );
    assert!(spans.iter().all(|span| !span.failed), "{spans:#?}");
    let records = spans.iter().filter(|span| span.parent == invocation.id);
    let ids: HashSet<_> = records
        .map(|record| record.attributes["messaging.message.id"].to_string())
        .collect();
    assert_eq!(ids.len(), RECORDS);
}

/// The span of an invocation that does only this, if it ends within the time.
async fn span_of<F>(left: Option<Duration>, answer: impl Fn() -> F + Clone + Send + Sync + 'static) -> Seen
where
    F: Future<Output = ()> + Send + 'static,
{
    let collector = Collector::start(ExportAnswer::Takes).await;
    let service = service_fn(move |_: LambdaInvocation| {
        let answer = answer();
        async move {
            answer.await;
            Ok::<_, Failure>(())
        }
    });
    let mut service = ScopeLayer::with(settings(&collector), Mode::Classic).layer(service);
    let invocation = left.map_or_else(|| invocation(0), ending);
    service.call(invocation).await.unwrap();
    let spans = collector.spans();
    assert_eq!(spans.len(), 1, "{spans:#?}");
    spans[0].clone()
}

#[tokio::test]
async fn an_invocation_without_an_answer_has_failed() {
    let panicking = span_of(None, || async {
        let answer = answering(Box::pin(async { panic!("no reply") }));
        AssertUnwindSafe(answer).catch_unwind().await.unwrap_err();
    });
    let given_up = span_of(None, || async {
        let answer = answering(Box::pin(pending()));
        assert!(answer.now_or_never().is_none());
    });
    for (span, error_type) in [(panicking.await, "panic"), (given_up.await, "_OTHER")] {
        assert!(span.failed);
        assert_eq!(span.attributes["error.type"], error_type);
        assert_eq!(span.attributes["faas.trigger"], "other");
    }
}

/// The clock only moves when the test waits, so the speed of the machine does not matter.
#[tokio::test(start_paused = true)]
async fn sending_does_not_hold_up_an_answer_at_the_invocations_end() {
    let collector = Collector::start(ExportAnswer::Hangs).await;
    let (begun, left) = (tokio::time::Instant::now(), Duration::from_secs(60));
    let service = service_fn(move |_: LambdaInvocation| async move {
        tokio::time::sleep_until(begun + left - Duration::from_millis(25)).await;
        Ok::<_, Failure>(begun.elapsed())
    });
    let mut service = ScopeLayer::with(settings(&collector), Mode::Classic).layer(service);
    let answered = service.call(ending(left)).await.unwrap();
    assert!(answered < left - Duration::from_millis(20), "{answered:?}");
}

#[tokio::test(start_paused = true)]
async fn where_the_process_goes_on_no_answer_within_the_time_is_too_late() {
    let collector = Collector::start(ExportAnswer::Takes).await;
    let left = Duration::from_secs(60);
    let service = service_fn(move |_: LambdaInvocation| async move {
        tokio::time::sleep(left - Duration::from_millis(5)).await;
        answering(Box::pin(ready(Ok(Reply::nothing())))).await
    });
    let layer = ScopeLayer::with(
        settings(&collector),
        Mode::ManagedInstances {
            at_once: std::num::NonZeroU32::MIN,
        },
    );
    layer.layer(service).call(ending(left)).await.unwrap();
    let spans = collector.spans();
    assert_eq!(spans.len(), 1);
    assert!(!spans[0].failed, "{spans:#?}");
}

#[tokio::test]
async fn an_answer_on_its_way_at_the_invocations_end_was_given() {
    let left = Duration::from_millis(300);
    let answered = span_of(Some(left), move || async move {
        answering(Box::pin(ready(Ok(Reply::nothing())))).await.unwrap();
        tokio::time::sleep(left).await;
    });
    let hanging = span_of(Some(left), move || async move {
        let answer = tokio::time::timeout(left, answering(Box::pin(pending())));
        answer.await.unwrap_err();
    });
    let (answered, hanging) = (answered.await, hanging.await);
    assert!(!answered.failed && hanging.failed);
    assert_eq!(hanging.attributes["error.type"], "timeout");
}
