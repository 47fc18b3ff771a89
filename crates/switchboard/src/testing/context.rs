//! The invocation that a test delivers an event with, and the context of a handler that is called alone.

use super::deliver::{Delivered, deliver_event};
use super::event::text;
use super::origin::{Number, arn, received};
use crate::event::StableFields;
use crate::handler::{ContextRecord, Invocation};
use crate::router::RouteTable;
use crate::source::Source;
use crate::telemetry::Metrics;
use crate::{Context, Payload, Router};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// How much time an invocation has, unless a test says otherwise.
const TIME: Duration = Duration::from_secs(60);

/// An invocation: its request id, its deadline, its clock. It has a stopped clock: every event is
/// [received](Context::received) at 08:00 UTC on 15 January 2027, unless [`received`](Self::received) says otherwise.
///
/// # Example
///
/// A handler that is called alone:
///
/// ```
/// use aws_lambda_events::s3::S3EventRecord;
/// use std::time::Duration;
/// use switchboard::{Context, Failure, testing};
///
/// async fn on_object(record: S3EventRecord, cx: Context<&'static str>) -> Result<(), Failure> {
///     match cx.remaining_time() < Duration::from_secs(5) {
///         true => Err(Failure::msg(format!("{} has too little time", cx.state()))),
///         false => Ok(()),
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let cx = testing::context().state("the shop").deadline(Duration::from_secs(1)).build();
/// let failure = on_object(S3EventRecord::default(), cx).await.unwrap_err();
/// assert_eq!(failure.to_string(), "the shop has too little time");
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct TestContext<S> {
    state: S,
    pub(super) received: DateTime<Utc>,
    time: Duration,
    request_id: Option<String>,
    trace_id: Option<String>,
    tenant_id: Option<String>,
    source: Source,
    raw: Bytes,
    pub(super) headers: HeaderMap,
}

/// An invocation as Lambda makes them, to be changed.
#[must_use]
pub fn context() -> TestContext<()> {
    TestContext {
        state: (),
        received: received(),
        time: TIME,
        request_id: None,
        trace_id: None,
        tenant_id: None,
        source: Source::Unknown,
        raw: Bytes::new(),
        headers: HeaderMap::new(),
    }
}

impl<S> TestContext<S> {
    /// The state that a handler gets from [`Context::state`]. An event that is [delivered](Self::deliver) has the
    /// router's.
    #[must_use]
    pub fn state<T>(self, state: T) -> TestContext<T> {
        TestContext {
            state,
            received: self.received,
            time: self.time,
            request_id: self.request_id,
            trace_id: self.trace_id,
            tenant_id: self.tenant_id,
            source: self.source,
            raw: self.raw,
            headers: self.headers,
        }
    }

    /// How much time the invocation has. It is a minute by default.
    #[must_use]
    pub fn deadline(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// When the event is received, by a stopped clock.
    #[must_use]
    pub fn received(mut self, received: DateTime<Utc>) -> Self {
        self.received = received;
        self
    }

    /// The invocation's request id. By default it is another one each time.
    #[must_use]
    pub fn request_id(mut self, id: &str) -> Self {
        self.request_id = Some(id.to_owned());
        self
    }

    /// The tracing header of AWS X-Ray.
    #[must_use]
    pub fn trace_id(mut self, header: &str) -> Self {
        self.trace_id = Some(header.to_owned());
        self
    }

    /// The tenant's id.
    #[must_use]
    pub fn tenant_id(mut self, id: &str) -> Self {
        self.tenant_id = Some(id.to_owned());
        self
    }

    /// The client context that the caller of the Invoke API sent with the event.
    ///
    /// # Panics
    /// If it cannot be written as JSON, or has characters outside of ASCII.
    #[must_use]
    pub fn client_context<T: Serialize + ?Sized>(mut self, sent: &T) -> Self {
        let name = HeaderName::from_static("lambda-runtime-client-context");
        let value =
            HeaderValue::from_str(&text(sent)).unwrap_or_else(|error| panic!("the client context: {error}"));
        self.headers.insert(name, value);
        self
    }

    /// The source that a handler which is called alone sees.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// The record's JSON that a handler which is called alone sees.
    #[must_use]
    pub fn raw(mut self, json: impl Into<String>) -> Self {
        self.raw = json.into().into();
        self
    }

    /// Delivers an event to a router, as [`Router::deliver`](crate::Router::deliver) does, in this invocation.
    pub async fn deliver<R>(&self, router: &Router<R>, event: impl Into<Payload>) -> Delivered
    where
        R: Clone + Send + Sync + 'static,
    {
        deliver_event(self, router, event.into()).await
    }

    /// The context in the runtime's type.
    pub(super) fn lambda(&self) -> lambda_runtime::Context {
        let mut context = lambda_runtime::Context::default();
        let ends = SystemTime::now() + self.time;
        let ends = ends.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        context.request_id = self.request_id.clone().unwrap_or_else(|| Number::next().uuid());
        context.deadline = u64::try_from(ends.as_millis()).unwrap_or(u64::MAX);
        context.invoked_function_arn = arn("lambda", "function:test");
        context.xray_trace_id = self.trace_id.clone();
        context.tenant_id = self.tenant_id.clone();
        context
    }

    /// A context for a handler that is called alone.
    #[must_use]
    pub fn build(self) -> Context<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let record = ContextRecord {
            raw: self.raw.clone(),
            identify: |_, _| None,
            stable_fields: &StableFields::NONE,
            filled: Vec::new(),
            place: None,
            #[cfg(feature = "durable")]
            durable: None,
        };
        self.with(record)
    }

    /// A context of this record.
    pub(super) fn with(self, record: ContextRecord) -> Context<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let invocation = Invocation {
            source: self.source,
            lambda: self.lambda(),
            received: self.received,
            ends: Instant::now().checked_add(self.time),
            state: self.state,
            router: Arc::new(RouteTable::default()),
            metrics: Metrics::of(self.source),
            depth: 0,
            unpacked: 0,
            failures_logged: Arc::default(),
            sent: None,
            execution: None,
            #[cfg(feature = "durable")]
            durable: None,
        };
        Context::new(Arc::new(invocation), record)
    }
}
