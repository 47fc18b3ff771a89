//! An invocation, as far as its handlers and its records need to know it, and what it is answered by.

#[cfg(feature = "envelopes")]
use super::EnvelopeLimits;
use super::{CallerContext, Context, Failure, Sink};
use crate::source::Source;
use crate::telemetry::Metrics;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

/// What a route is called with.
pub(crate) struct Call<S> {
    pub(crate) payload: Bytes,
    pub(crate) invocation: Arc<Invocation<S>>,
}

/// What is the same for every record of an invocation.
pub(crate) struct Invocation<S> {
    pub(crate) source: Source,
    pub(crate) lambda: lambda_runtime::Context,
    /// What the event's caller sent beside it.
    pub(crate) sent: Option<Arc<CallerContext>>,
    pub(crate) received: DateTime<Utc>,
    /// When Lambda ends the invocation, on the clock that does not jump.
    pub(crate) ends: Option<Instant>,
    pub(crate) state: S,
    pub(crate) router: Arc<dyn Dispatch<S>>,
    pub(crate) metrics: Metrics,
    /// How many envelopes the payload was taken out of.
    pub(crate) depth: usize,
    /// What it and those around it take, in bytes; nothing of an event that came by itself.
    pub(crate) unpacked: usize,
    /// How many records have failed so far, in events within events, too.
    pub(crate) told: Arc<AtomicUsize>,
}

/// An event inside a record that is being handled.
pub(crate) type Dispatched<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// The router, as handlers and batches know it.
pub(crate) trait Dispatch<S>: Send + Sync {
    /// Hands an event that was inside a record to the handler of its source.
    fn dispatch<'a>(&'a self, cx: &'a Context<S>, event: Bytes) -> Dispatched<'a>;

    /// Whether a handler is registered that takes the event out of an envelope. A request is not such an event: nobody
    /// would get its answer, and a message may well look like one.
    #[cfg(feature = "envelopes")]
    fn takes(&self, event: &[u8]) -> bool;

    /// How far envelopes are opened.
    #[cfg(feature = "envelopes")]
    fn limits(&self) -> EnvelopeLimits;

    /// Where rejected records go.
    fn sink(&self) -> Option<&Sink>;

    /// Whether batches of EventBridge Pipes come to their target here.
    fn is_pipe_target(&self) -> bool;
}
