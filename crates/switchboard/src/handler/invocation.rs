//! An invocation as its handlers and records see it, and what a route is called with.

#[cfg(feature = "durable")]
use super::DurableScope;
#[cfg(feature = "envelopes")]
use super::EnvelopeLimits;
use super::{CallerContext, Context, Failure, Sink};
use crate::event::durable::Execution;
use crate::source::Source;
use crate::telemetry::Metrics;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

/// The arguments of a route.
pub(crate) struct Call<S> {
    pub(crate) payload: Bytes,
    pub(crate) invocation: Arc<Invocation<S>>,
}

/// What all records of an invocation share.
pub(crate) struct Invocation<S> {
    pub(crate) source: Source,
    pub(crate) lambda: lambda_runtime::Context,
    /// What the event's caller sent with it.
    pub(crate) sent: Option<Arc<CallerContext>>,
    pub(crate) received: DateTime<Utc>,
    /// The durable execution that it belongs to, if the function is durable.
    pub(crate) execution: Option<Arc<Execution>>,
    /// The execution's own context, if the handler is durable.
    #[cfg(feature = "durable")]
    pub(crate) durable: Option<Arc<dyn DurableScope>>,
    /// When Lambda ends the invocation, on the monotonic clock.
    pub(crate) ends: Option<Instant>,
    pub(crate) state: S,
    pub(crate) router: Arc<dyn Dispatch<S>>,
    pub(crate) metrics: Metrics,
    /// The number of envelopes around the payload.
    pub(crate) depth: usize,
    /// The memory that it and the events around it take, in bytes; 0 for an event that was not in an envelope.
    pub(crate) unpacked: usize,
    /// How many records have failed so far, including those of inner events.
    pub(crate) failures_logged: Arc<AtomicUsize>,
}

/// The result of an event inside a record.
pub(crate) type Dispatched<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// The router, as handlers and batches know it.
pub(crate) trait Dispatch<S>: Send + Sync {
    /// Passes an event inside a record to the handler of its source.
    fn dispatch<'a>(&'a self, cx: &'a Context<S>, event: Bytes) -> Dispatched<'a>;

    /// Whether a handler is registered for the event inside an envelope. HTTP requests do not count: their answer would
    /// not reach anyone, and a message may well look like a request.
    #[cfg(feature = "envelopes")]
    fn takes(&self, event: &[u8]) -> bool;

    /// The limits for opening envelopes.
    #[cfg(feature = "envelopes")]
    fn limits(&self) -> EnvelopeLimits;

    /// Where rejected records go.
    fn sink(&self) -> Option<&Sink>;

    /// Notes that a record of the source was rejected and there is no sink. Whether it is the first one.
    fn note_sinkless(&self, source: Source) -> bool;

    /// Whether batches of EventBridge Pipes arrive here as at the pipe's target.
    fn is_pipe_target(&self) -> bool;

    /// The test that watches the invocation.
    #[cfg(feature = "testing")]
    fn watch(&self) -> Option<&super::Watch>;
}
