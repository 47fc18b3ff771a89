//! An OpenTelemetry collector in the test's own process: it takes spans by OTLP and shows what it received.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::timeout;

/// Takes spans on a port of this machine, as long as it is there.
pub(crate) struct Collector {
    port: u16,
    received: Arc<ReceivedExports>,
    serving: tokio::task::JoinHandle<()>,
}

/// How exports are answered.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ExportAnswer {
    Takes,
    /// With this status.
    Refuses(u16),
    /// Not at all.
    Hangs,
}

#[derive(Default)]
struct ReceivedExports {
    requests: Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>,
    more: Notify,
}

/// A span, readably.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    /// By its number in the protocol.
    pub(crate) kind: i32,
    pub(crate) attributes: Map<String, Value>,
    /// Trace and span of each.
    pub(crate) links: Vec<(String, String)>,
    pub(crate) failed: bool,
    pub(crate) message: String,
    pub(crate) events: Vec<String>,
}

impl Collector {
    pub(crate) async fn start(answer: ExportAnswer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(ReceivedExports::default());
        let serving = tokio::spawn(serve(listener, Arc::clone(&received), answer));
        Self {
            port,
            received,
            serving,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.received.requests.lock().unwrap().len()
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        self.received.requests.lock().unwrap()[0].0.clone()
    }

    pub(crate) fn resource(&self) -> Map<String, Value> {
        let received = self.received.requests.lock().unwrap();
        let spans = &received[0].1.resource_spans[0];
        attributes(&spans.resource.as_ref().unwrap().attributes)
    }

    /// All spans so far, in the order in which they ended.
    pub(crate) fn spans(&self) -> Vec<Seen> {
        let received = self.received.requests.lock().unwrap();
        let all = received.iter().flat_map(|(_, request)| &request.resource_spans);
        let scopes = all.flat_map(|spans| &spans.scope_spans);
        let mut spans: Vec<&Span> = scopes.flat_map(|scope| &scope.spans).collect();
        spans.sort_by_key(|span| span.end_time_unix_nano);
        spans.into_iter().map(seen).collect()
    }

    /// Waits for the span of an invocation, whose answer comes before its spans do.
    pub(crate) async fn invocation(&self, request_id: &str) -> Seen {
        let waiting = async {
            loop {
                let of = |span: &Seen| {
                    span.attributes
                        .get("faas.invocation_id")
                        .is_some_and(|id| id == request_id)
                };
                if let Some(span) = self.spans().into_iter().find(of) {
                    return span;
                }
                self.received.more.notified().await;
            }
        };
        let found = timeout(Duration::from_secs(20), waiting).await;
        found.unwrap_or_else(|_| panic!("no span of {request_id} in {:#?}", self.spans()))
    }

    /// The only span of a name.
    pub(crate) fn span(&self, name: &str) -> Seen {
        let all = self.spans();
        let mut named = all.iter().filter(|span| span.name == name);
        match (named.next(), named.next()) {
            (Some(span), None) => span.clone(),
            _ => panic!("not one {name} in {all:#?}"),
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, received: Arc<ReceivedExports>, answer: ExportAnswer) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let received = Arc::clone(&received);
        let service = service_fn(move |request| take(request, Arc::clone(&received), answer));
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // The function may end whenever it likes.
            let _ = connection.await;
        });
    }
}

async fn take(
    request: Request<Incoming>,
    received: Arc<ReceivedExports>,
    answer: ExportAnswer,
) -> Result<Response<Full<Bytes>>, Infallible> {
    assert_eq!(
        (request.method().as_str(), request.uri().path()),
        ("POST", "/v1/traces")
    );
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let export = ExportTraceServiceRequest::decode(body).unwrap();
    received.requests.lock().unwrap().push((parts.headers, export));
    received.more.notify_one();
    let status = match answer {
        ExportAnswer::Takes => StatusCode::OK,
        ExportAnswer::Refuses(status) => StatusCode::from_u16(status).unwrap(),
        ExportAnswer::Hangs => std::future::pending().await,
    };
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    Ok(answer)
}

fn seen(span: &Span) -> Seen {
    let status = span.status.clone().unwrap_or_default();
    assert!(span.start_time_unix_nano > 0 && span.end_time_unix_nano >= span.start_time_unix_nano);
    Seen {
        name: span.name.clone(),
        trace: hexadecimal(&span.trace_id),
        id: hexadecimal(&span.span_id),
        parent: hexadecimal(&span.parent_span_id),
        kind: span.kind,
        attributes: attributes(&span.attributes),
        links: span
            .links
            .iter()
            .map(|link| (hexadecimal(&link.trace_id), hexadecimal(&link.span_id)))
            .collect(),
        failed: status.code == 2,
        message: status.message,
        events: span.events.iter().map(|event| event.name.clone()).collect(),
    }
}

fn hexadecimal(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attributes(attributes: &[KeyValue]) -> Map<String, Value> {
    let value = |attribute: &KeyValue| (attribute.key.clone(), value(attribute.value.as_ref()));
    attributes.iter().map(value).collect()
}

fn value(value: Option<&AnyValue>) -> Value {
    match value.and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => json!(text),
        Some(any_value::Value::BoolValue(flag)) => json!(flag),
        Some(any_value::Value::IntValue(number)) => json!(number),
        Some(any_value::Value::DoubleValue(number)) => json!(number),
        Some(any_value::Value::ArrayValue(list)) => list
            .values
            .iter()
            .map(|element| self::value(Some(element)))
            .collect(),
        other => panic!("{other:?} is no value of ours"),
    }
}
