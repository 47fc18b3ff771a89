//! Sends spans to a collector. OpenTelemetry Protocol Specification, “OTLP/HTTP Request”.

use super::variables::Variables;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::Context;
use opentelemetry::trace::FutureExt as _;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use prost::Message as _;
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// How many bytes of a collector's answer are read.
const MAX_ANSWER: usize = 64 * 1024;

/// Sends spans from the task that calls it, and never makes that task fail.
pub(super) struct Exporter {
    client: Client<HttpConnector, Full<Bytes>>,
    endpoint: Uri,
    headers: HeaderMap,
    timeout: Duration,
    resource: ResourceAttributesWithSchema,
    /// Whether lost spans have been reported.
    reported: AtomicBool,
}

impl Exporter {
    pub(super) fn new(variables: &Variables, resource: &Resource) -> Self {
        let agent = concat!("switchboard/", env!("CARGO_PKG_VERSION"));
        let mut headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(agent))]);
        headers.extend(variables.headers.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        Self {
            // A connection from before a freeze may have been closed unnoticed.
            client: Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build_http(),
            endpoint: variables.endpoint.clone(),
            headers,
            timeout: variables.timeout,
            resource: resource.into(),
            reported: AtomicBool::new(false),
        }
    }

    /// Sends the spans once. Spans that do not arrive are lost: the invocation does not wait for a second attempt.
    pub(super) async fn export(&self, spans: Vec<SpanData>) {
        // The requests that send spans must not be traced themselves.
        let sending = self
            .send(spans)
            .with_context(Context::new().with_telemetry_suppressed());
        match timeout(self.timeout, sending).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.lost(error),
            Err(_) => self.lost("the collector took longer than OTEL_EXPORTER_OTLP_TIMEOUT allows"),
        }
    }

    async fn send(&self, spans: Vec<SpanData>) -> Result<(), Box<dyn Error + Send + Sync>> {
        let resource_spans = group_spans_by_resource_and_scope(spans, &self.resource);
        let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        let mut request = Request::post(self.endpoint.clone()).body(Full::from(body))?;
        *request.headers_mut() = self.headers.clone();
        let answer = self.client.request(request).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MAX_ANSWER)
            .collect()
            .await?
            .to_bytes();
        if !status.is_success() {
            return Err(format!("the collector answered with status {status}").into());
        }
        let rejected = ExportTraceServiceResponse::decode(body)
            .ok()
            .and_then(|answer| answer.partial_success);
        match rejected.map_or(0, |rejected| rejected.rejected_spans) {
            0 => Ok(()),
            spans => Err(format!("the collector rejected {spans} spans").into()),
        }
    }

    /// Reports this once, because a missing collector is missing for every invocation.
    pub(super) fn lost(&self, why: impl Into<Box<dyn Error + Send + Sync>>) {
        if self.reported.swap(true, Ordering::Relaxed) {
            return;
        }
        let error = why.into();
        let error: &(dyn Error + 'static) = &*error;
        let authority = self.endpoint.authority().map(|authority| authority.as_str());
        let collector = authority.and_then(|authority| authority.rsplit('@').next());
        tracing::warn!(error, collector, "spans were lost; this is reported only once");
    }
}
