//! The running invocations, so that the shutdown can wait for them.

use crate::error::Error;
use crate::router::ReplyFuture;
use futures_util::future::Either;
use lambda_runtime::tower::Layer;
use lambda_runtime::{LambdaInvocation, Service};
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::watch::{Receiver, Sender};

/// What invocations are to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Run,
    /// A worker whose invocation has ended does not poll again.
    Drain,
    /// An invocation that has not ended fails.
    Cut,
}

/// The running invocations of a process. An invocation is running until its answer has been sent.
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

    /// From now on, a worker whose invocation ends does not poll again.
    pub(super) fn drain(&self) {
        self.phase.send_replace(Phase::Drain);
    }

    /// All running invocations fail now.
    pub(super) fn cut(&self) {
        self.phase.send_replace(Phase::Cut);
    }

    /// Waits until no invocation is running.
    pub(super) async fn ended(&self) {
        // Cannot fail: this value holds the sender.
        let _ = self.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    /// The answer, or an error if running invocations must fail first.
    pub(in crate::runtime) fn unless_cut(&self, answer: ReplyFuture) -> ReplyFuture {
        let mut phase = self.phase.subscribe();
        Box::pin(async move {
            tokio::select! {
                biased;
                answer = answer => answer,
                _ = phase.wait_for(|phase| *phase == Phase::Cut) => Err(Error::stopped()),
            }
        })
    }

    pub(super) fn begin(&self) -> RunningGuard {
        self.under_way.send_modify(|count| *count += 1);
        RunningGuard(Arc::clone(&self.under_way))
    }
}

/// Counts as one running invocation until it is dropped.
pub(super) struct RunningGuard(Arc<Sender<usize>>);

impl Drop for RunningGuard {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Counts each invocation, if there is a shutdown to wait for it. It is the outermost layer, because an invocation is
/// running until its last log line is written.
pub(crate) struct WatchLayer(pub(crate) Option<Invocations>);

impl<S> Layer<S> for WatchLayer {
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

/// Ends with the invocation, unless the process is stopping: then it never completes, so the worker does not poll
/// again.
async fn watched<F: Future>(invocation: F, under_way: RunningGuard, phase: Receiver<Phase>) -> F::Output {
    let output = invocation.await;
    drop(under_way);
    let stays = *phase.borrow() == Phase::Run;
    match stays {
        true => output,
        false => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handler::Reply;
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
    async fn an_invocation_that_does_not_end_fails() {
        let invocations = Invocations::new();
        let mut hangs = invocations.unless_cut(Box::pin(pending()));
        assert!(hangs.as_mut().now_or_never().is_none());
        invocations.cut();
        assert_eq!(hangs.await.unwrap_err().error_type(), "Stopped");
        let answered = invocations.unless_cut(Box::pin(ready(Ok(Reply::nothing()))));
        assert!(answered.await.is_ok());
    }
}
