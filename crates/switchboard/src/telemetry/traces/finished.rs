//! Finished spans that are waiting to be sent, grouped by the invocations of their traces: an invocation sends its own
//! spans, and waits for no others.

use opentelemetry::Context;
use opentelemetry::trace::TraceId;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The SDK's destination for finished spans.
#[derive(Clone, Debug)]
pub(super) struct FinishedSpans {
    shared: Arc<SharedSpans>,
}

#[derive(Debug)]
struct SharedSpans {
    spans: Mutex<SpanQueues>,
    /// How many spans of a trace may wait.
    queue: usize,
    /// How many spans are taken at once.
    batch: usize,
}

#[derive(Debug, Default)]
struct SpanQueues {
    /// Spans of traces that an invocation belongs to.
    live: HashMap<TraceId, LiveTrace>,
    /// Spans of all other traces: the application's, outside invocations.
    rest: Vec<SpanData>,
    /// How many spans were dropped because the queue was full.
    lost: u64,
}

#[derive(Debug, Default)]
struct LiveTrace {
    invocations: usize,
    spans: Vec<SpanData>,
    /// Notified when there is a batch, or when no more spans will come.
    ready: Arc<Notify>,
}

impl FinishedSpans {
    pub(super) fn new(queue: usize, batch: usize) -> Self {
        let shared = SharedSpans {
            spans: Mutex::default(),
            queue,
            batch,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Opens the trace of an invocation.
    pub(super) fn open(&self, trace: TraceId) -> OpenTrace {
        let mut spans = self.lock();
        let live = spans.live.entry(trace).or_default();
        live.invocations += 1;
        OpenTrace {
            finished: self.clone(),
            trace,
            ready: Arc::clone(&live.ready),
            closed: AtomicBool::new(false),
        }
    }

    /// How many spans were dropped since the last call.
    pub(super) fn lost(&self) -> u64 {
        std::mem::take(&mut self.lock().lost)
    }

    fn lock(&self) -> MutexGuard<'_, SpanQueues> {
        self.shared.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanProcessor for FinishedSpans {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {}

    fn on_end(&self, span: SpanData) {
        let (queue, batch) = (self.shared.queue, self.shared.batch);
        let mut spans = self.lock();
        let SpanQueues { live, rest, lost } = &mut *spans;
        let (list, ready) = match live.get_mut(&span.span_context.trace_id()) {
            Some(live) => (&mut live.spans, Some(&live.ready)),
            None => (rest, None),
        };
        if list.len() >= queue {
            *lost += 1;
            return;
        }
        list.push(span);
        if let Some(ready) = ready.filter(|_| list.len() >= batch) {
            ready.notify_one();
        }
    }

    /// Nothing to do: invocations send their spans, and a process that ends between them has sent all.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// An invocation's share of the finished spans.
#[derive(Debug)]
pub(super) struct OpenTrace {
    finished: FinishedSpans,
    trace: TraceId,
    ready: Arc<Notify>,
    closed: AtomicBool,
}

impl OpenTrace {
    /// The invocation's own spans have ended.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.ready.notify_waiters();
    }

    /// Waits for a batch. After `close` it returns what is left, and finally nothing.
    pub(super) async fn next(&self) -> Vec<SpanData> {
        loop {
            let mut ready = pin!(self.ready.notified());
            // Notifications from here on are not missed.
            ready.as_mut().enable();
            let closed = self.closed.load(Ordering::Acquire);
            let batch = self.take(closed);
            if closed || !batch.is_empty() {
                return batch;
            }
            ready.await;
        }
    }

    /// Whether a batch is waiting.
    pub(super) fn is_full(&self) -> bool {
        let spans = self.finished.lock();
        let waiting = spans.live.get(&self.trace).map_or(0, |live| live.spans.len());
        waiting >= self.finished.shared.batch
    }

    fn take(&self, all: bool) -> Vec<SpanData> {
        let most = self.finished.shared.batch;
        let mut spans = self.finished.lock();
        let SpanQueues { live, rest, .. } = &mut *spans;
        let Some(live) = live.get_mut(&self.trace) else {
            return Vec::new();
        };
        if !all && live.spans.len() < most {
            return Vec::new();
        }
        let mut batch: Vec<_> = live.spans.drain(..live.spans.len().min(most)).collect();
        if all {
            let room = rest.len().min(most - batch.len());
            batch.extend(rest.drain(..room));
        }
        batch
    }
}

impl Drop for OpenTrace {
    fn drop(&mut self) {
        let queue = self.finished.shared.queue;
        let mut spans = self.finished.lock();
        let Some(live) = spans.live.get_mut(&self.trace) else {
            return;
        };
        live.invocations -= 1;
        if live.invocations > 0 {
            return;
        }
        // The rest is for the next call.
        let left = spans
            .live
            .remove(&self.trace)
            .map_or_else(Vec::new, |live| live.spans);
        let room = queue.saturating_sub(spans.rest.len());
        spans.lost += left.len().saturating_sub(room) as u64;
        spans.rest.extend(left.into_iter().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use opentelemetry::InstrumentationScope;
    use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceState};
    use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};
    use std::time::SystemTime;

    fn span(trace: u128, id: u64) -> SpanData {
        SpanData {
            span_context: SpanContext::new(
                trace.into(),
                id.into(),
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: "span".into(),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::builder("test").build(),
        }
    }

    fn ids(batch: &[SpanData]) -> Vec<u64> {
        let id = |span: &SpanData| u64::from_be_bytes(span.span_context.span_id().to_bytes());
        batch.iter().map(id).collect()
    }

    #[tokio::test]
    async fn an_invocation_gets_its_own_spans_and_those_without_an_invocation() {
        let finished = FinishedSpans::new(8, 4);
        let (one, other) = (finished.open(1.into()), finished.open(2.into()));
        for (trace, id) in [(1, 11), (2, 21), (3, 31), (1, 12)] {
            finished.on_end(span(trace, id));
        }
        assert!(one.next().now_or_never().is_none(), "there is no batch yet");
        one.close();
        assert_eq!(ids(&one.next().await), [11, 12, 31]);
        assert!(one.next().await.is_empty());
        other.close();
        assert_eq!(ids(&other.next().await), [21]);
    }

    #[tokio::test]
    async fn a_full_batch_is_there_before_the_invocation_ends() {
        let finished = FinishedSpans::new(8, 2);
        let open = finished.open(1.into());
        let mut next = Box::pin(open.next());
        assert!((&mut next).now_or_never().is_none());
        finished.on_end(span(1, 1));
        assert!((&mut next).now_or_never().is_none() && !open.is_full());
        finished.on_end(span(1, 2));
        assert!(open.is_full());
        assert_eq!(ids(&next.await), [1, 2]);
    }

    #[tokio::test]
    async fn the_buffer_is_bounded_and_what_does_not_fit_is_counted() {
        let finished = FinishedSpans::new(3, 3);
        let open = finished.open(1.into());
        (1..=5).for_each(|id| finished.on_end(span(1, id)));
        assert_eq!((finished.lost(), finished.lost()), (2, 0));
        drop(open);
        // The next invocation sends what the one before could not.
        let next = finished.open(2.into());
        next.close();
        assert_eq!(ids(&next.next().await), [1, 2, 3]);
    }

    #[tokio::test]
    async fn two_invocations_of_one_trace_share_its_spans() {
        let finished = FinishedSpans::new(8, 8);
        let (one, other) = (finished.open(1.into()), finished.open(1.into()));
        finished.on_end(span(1, 1));
        drop(one);
        finished.on_end(span(1, 2));
        other.close();
        assert_eq!(ids(&other.next().await), [1, 2]);
    }
}
