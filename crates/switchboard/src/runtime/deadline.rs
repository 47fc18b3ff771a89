//! What happens when an invocation runs out of time and Lambda does not end the process.

use super::polling::in_turn;
#[cfg(feature = "graceful-shutdown")]
use super::shutdown::Invocations;
use crate::deadlines::left;
use crate::error::Error;
use crate::handler::{Payload, Reply};
use crate::mode::Mode;
use crate::router::ReplyFuture;
use crate::telemetry;
use lambda_runtime::{LambdaEvent, Service};
use std::task::{Context, Poll};
use tokio::time::timeout;

/// Drops the handler of an invocation that ran out of time.
///
/// In the classic mode Lambda ends the process. On Managed Instances it abandons only the invocation, because others
/// run in the same process: a handler that hangs would block its worker forever. AWS Lambda Developer Guide,
/// “Understanding the Lambda Managed Instances execution environment”, Invoke phase.
#[derive(Clone)]
pub(super) struct Deadline<S> {
    inner: S,
    mode: Mode,
    #[cfg(feature = "graceful-shutdown")]
    invocations: Option<Invocations>,
}

impl<S> Deadline<S> {
    pub(super) fn new(inner: S, mode: Mode) -> Self {
        Self {
            inner,
            mode,
            #[cfg(feature = "graceful-shutdown")]
            invocations: None,
        }
    }

    /// Also drops the handler if the process ends first.
    #[cfg(feature = "graceful-shutdown")]
    pub(super) fn until_stopped(self, invocations: Option<Invocations>) -> Self {
        Self { invocations, ..self }
    }
}

impl<S> Service<LambdaEvent<Payload>> for Deadline<S>
where
    S: Service<LambdaEvent<Payload>, Response = Reply, Error = Error, Future = ReplyFuture>,
{
    type Response = Reply;
    type Error = Error;
    type Future = ReplyFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, event: LambdaEvent<Payload>) -> ReplyFuture {
        // Emulators send deadlines in the past; these count as none.
        let left = match self.mode.ends_with_invocation() {
            true => None,
            false => left(event.context.deadline()),
        };
        let size = event.payload.len();
        let answer = in_turn(size, self.inner.call(event));
        let answer: ReplyFuture = match left {
            None => answer,
            Some(left) => Box::pin(async move {
                let answered = timeout(left, answer).await;
                answered.unwrap_or_else(|_| Err(Error::timed_out()))
            }),
        };
        #[cfg(feature = "graceful-shutdown")]
        let answer = match &self.invocations {
            Some(invocations) => invocations.unless_cut(answer),
            None => answer,
        };
        telemetry::answering(answer, Reply::status)
    }
}
