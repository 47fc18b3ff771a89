//! One invocation without a Runtime API, through the same services: for tests.

use super::answering::{answered, called, event};
use super::deadline::Deadline;
use crate::error::Error;
use crate::handler::MAX_REPLY;
use crate::mode::Mode;
use crate::router::Router;
use crate::telemetry::ScopeLayer;
use lambda_runtime::tower::{Layer as _, ServiceExt as _};
use lambda_runtime::{LambdaInvocation, Service};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Handles one event. Returns what would be sent to the Runtime API.
///
/// # Errors
/// The invocation has failed.
pub(crate) async fn once<S>(
    router: Router<S>,
    scope: &ScopeLayer,
    invocation: LambdaInvocation,
) -> Result<Vec<u8>, Error>
where
    S: Clone + Send + Sync + 'static,
{
    let mut service = scope.layer(Unsent(Deadline::new(router, Mode::Classic)));
    service.ready().await?.call(invocation).await
}

/// Returns the answer instead of sending it.
struct Unsent<S>(Deadline<Router<S>>);

impl<S> Service<LambdaInvocation> for Unsent<S>
where
    S: Clone + Send + Sync + 'static,
{
    type Response = Vec<u8>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Vec<u8>, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let (_, event) = event(invocation);
        let answer = called(&mut self.0, event);
        Box::pin(async move {
            let reply = match answered(answer).await {
                Ok(reply) => reply.collected().await,
                Err(error) => Err(error),
            };
            // Lambda refuses larger replies.
            let reply = reply.and_then(|reply| match reply.len() {
                size if size > MAX_REPLY => Err(Error::reply_too_large(size)),
                _ => Ok(reply),
            });
            reply.inspect_err(|error| {
                if !error.is_logged() {
                    tracing::error!("{error}");
                }
            })
        })
    }
}
