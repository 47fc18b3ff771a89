//! The invocations under way, so that the end can wait for them.

use futures_util::future::Either;
use lambda_runtime::tower::Layer;
use lambda_runtime::{LambdaInvocation, Service};
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::watch::{Receiver, Sender};

/// What invocations are asked to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Run,
    /// Whoever has ended takes no other event.
    Drain,
    /// Whoever has not ended is given up.
    Cut,
}

/// The invocations of a process, counted while they are under way: until their answer has been sent.
#[derive(Clone)]
pub(crate) struct Invocations {
    phase: Arc<Sender<Phase>>,
    under_way: Arc<Sender<usize>>,
}

impl Invocations {
    pub(super) fn new() -> Self {
        Self {
            phase: Arc::new(Sender::new(Phase::Run)),
            under_way: Arc::new(Sender::new(0)),
        }
    }

    /// From now on, whoever ends takes no other event.
    pub(super) fn drain(&self) {
        self.phase.send_replace(Phase::Drain);
    }

    /// Whoever is still under way says so in a log line, and is given up.
    pub(super) fn cut(&self) {
        self.phase.send_replace(Phase::Cut);
    }

    /// Waits until none is under way.
    pub(super) async fn ended(&self) {
        // Cannot fail: this value holds the sender.
        let _ = self.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    fn begin(&self) -> UnderWay {
        self.under_way.send_modify(|count| *count += 1);
        UnderWay(Arc::clone(&self.under_way))
    }
}

/// Counts as one until it is dropped.
struct UnderWay(Arc<Sender<usize>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Watches over each invocation, if there is somebody to tell.
///
/// It stands inside of the invocation's scope, so that the line of one that is given up says which it is.
pub(crate) struct Watch(pub(crate) Option<Invocations>);

impl<S> Layer<S> for Watch {
    type Service = WatchService<S>;

    fn layer(&self, inner: S) -> WatchService<S> {
        WatchService {
            inner,
            invocations: self.0.clone(),
        }
    }
}

#[derive(Clone)]
pub(crate) struct WatchService<S> {
    inner: S,
    invocations: Option<Invocations>,
}

impl<S> Service<LambdaInvocation> for WatchService<S>
where
    S: Service<LambdaInvocation, Response: Send, Error: Send>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        match &self.invocations {
            None => Either::Left(self.inner.call(invocation)),
            Some(invocations) => {
                let (under_way, phase) = (invocations.begin(), invocations.phase.subscribe());
                Either::Right(Box::pin(watched(self.inner.call(invocation), under_way, phase)))
            }
        }
    }
}

/// The end of an invocation, unless the process ends first: then nothing more comes of it, least of all another poll.
async fn watched<F: Future>(invocation: F, under_way: UnderWay, mut phase: Receiver<Phase>) -> F::Output {
    let mut cut = phase.clone();
    let ended = tokio::select! {
        biased;
        output = invocation => Some(output),
        _ = cut.wait_for(|phase| *phase == Phase::Cut) => None,
    };
    if ended.is_none() {
        tracing::error!("the process is stopped before the invocation has ended");
    }
    drop(under_way);
    match ended {
        Some(output) if *phase.borrow_and_update() == Phase::Run => output,
        _ => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use std::future::ready;

    #[tokio::test]
    async fn the_end_waits_for_those_under_way_only() {
        let invocations = Invocations::new();
        invocations.ended().await;
        let one = invocations.begin();
        assert!(invocations.ended().now_or_never().is_none());
        drop(one);
        invocations.ended().await;
    }

    #[tokio::test]
    async fn an_invocation_that_ends_while_the_process_does_takes_no_other_event() {
        let invocations = Invocations::new();
        let watch = |output| watched(output, invocations.begin(), invocations.phase.subscribe());
        assert_eq!(watch(ready(1)).await, 1);
        invocations.drain();
        assert_eq!(watch(ready(1)).now_or_never(), None);
        invocations.ended().await;
    }

    #[tokio::test]
    async fn an_invocation_that_does_not_end_is_given_up() {
        let invocations = Invocations::new();
        let phase = invocations.phase.subscribe();
        let mut hangs = Box::pin(watched(pending::<()>(), invocations.begin(), phase));
        assert!(hangs.as_mut().now_or_never().is_none());
        invocations.cut();
        assert!(hangs.as_mut().now_or_never().is_none());
        invocations.ended().await;
    }
}
