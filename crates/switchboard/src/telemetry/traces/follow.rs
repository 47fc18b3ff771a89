//! Runs an invocation in its span, and sends the spans: full batches while it runs, the rest at its end.

use super::super::scope::Scope;
use super::running::Running;
use crate::deadlines::{NOTHING_IS_SENT, SPAN_ENDS, left};
use futures_util::future::join;
use opentelemetry::trace::FutureExt as _;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, sleep_until, timeout_at};

/// Waits for the answer, and then until its spans are sent; but not beyond the end of the process, if that comes with
/// the invocation's.
///
/// The invocation's own future ends when the answer has been delivered, so the caller does not wait any longer. The
/// next event is polled only when this future ends, so Lambda does not freeze the process earlier.
pub(in crate::telemetry) fn follow<F: Future>(
    scope: &Arc<Scope>,
    answer: F,
    ends: Option<SystemTime>,
) -> impl Future<Output = F::Output> + use<F> {
    follow_in(Arc::clone(scope), answer, ends)
}

async fn follow_in<F: Future>(scope: Arc<Scope>, answer: F, ends: Option<SystemTime>) -> F::Output {
    let Some(running) = scope.trace.running() else {
        return answer.await;
    };
    let answer = answer.with_context(running.cx.clone());
    if running.open.is_none() {
        return answer.await;
    }
    let end = ends.and_then(left).map(|left| Instant::now() + left);
    let (mut answer, mut sending) = (pin!(answer), pin!(send(running)));
    let in_time = tokio::select! {
        biased;
        answer = &mut answer => Some(answer),
        // `sending` does not end before the invocation.
        () = &mut sending => None,
        () = before(end, SPAN_ENDS) => None,
    };
    match in_time {
        Some(_) => running.conclude(),
        None => running.run_out(),
    }
    let last = async {
        match end.and_then(|end| end.checked_sub(NOTHING_IS_SENT)) {
            None => sending.await,
            Some(last) => {
                if timeout_at(last, sending).await.is_err() {
                    running.pipeline.exporter.lost("the invocation's time ran out");
                }
            }
        }
        if let lost @ 1.. = running.pipeline.finished.lost() {
            let why = format!("{lost} spans were more than OTEL_BSP_MAX_QUEUE_SIZE");
            running.pipeline.exporter.lost(why);
        }
    };
    match in_time {
        Some(answer) => {
            last.await;
            answer
        }
        // An answer at the last moment still counts.
        None => join(answer, last).await.0,
    }
}

async fn send(running: &Running) {
    let Some(open) = &running.open else { return };
    loop {
        let spans = open.next().await;
        if spans.is_empty() {
            return;
        }
        running.pipeline.exporter.export(spans).await;
    }
}

async fn before(end: Option<Instant>, margin: Duration) {
    match end.map(|end| end.checked_sub(margin).unwrap_or(end)) {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

/// Runs the future with the span that is current now.
pub(in crate::telemetry) fn along<F: Future>(future: F) -> impl Future<Output = F::Output> {
    future.with_current_context()
}
