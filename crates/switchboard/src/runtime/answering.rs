//! The innermost service: passes an invocation's event to its handler, and the handler's answer to the Runtime API.

use super::answer_to::AnswerTo;
use super::api::Api;
use crate::error::Error;
use crate::handler::CallerContext;
use crate::handler::Payload;
use crate::handler::Reply;
use crate::router::ReplyFuture;
use futures_util::FutureExt as _;
use lambda_runtime::{LambdaEvent, LambdaInvocation, Service};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Answers each invocation, whatever its handler does: an error or a panic fails that invocation only.
#[derive(Clone)]
pub(super) struct Answering<S> {
    inner: S,
    api: Arc<Api>,
}

impl<S> Answering<S> {
    pub(super) fn new(inner: S, api: Arc<Api>) -> Self {
        Self { inner, api }
    }
}

impl<S> Service<LambdaInvocation> for Answering<S>
where
    S: Service<LambdaEvent<Payload>, Response = Reply, Error = Error, Future = ReplyFuture>,
{
    type Response = ();
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let (to, event) = event(invocation);
        let answer = called(&mut self.inner, event);
        let api = Arc::clone(&self.api);
        Box::pin(async move {
            let answer = answered(answer).await;
            if let Some(to) = to {
                api.answer(&to, answer).await;
            }
            Ok(())
        })
    }
}

/// What a call has begun, unless it panicked.
type Called = std::thread::Result<ReplyFuture>;

/// Passes the event on.
pub(super) fn called<S>(service: &mut S, event: LambdaEvent<Payload>) -> Called
where
    S: Service<LambdaEvent<Payload>, Response = Reply, Error = Error, Future = ReplyFuture>,
{
    catch_unwind(AssertUnwindSafe(|| service.call(event)))
}

/// The answer to it. A panic is an error.
pub(super) async fn answered(called: Called) -> Result<Reply, Error> {
    let answer = match called {
        Ok(answer) => AssertUnwindSafe(answer).catch_unwind().await,
        Err(panic) => Err(panic),
    };
    answer.unwrap_or_else(|panic| Err(Error::panicked(&*panic)))
}

/// The event as the handler gets it, and the invocation to answer.
pub(super) fn event(invocation: LambdaInvocation) -> (Option<AnswerTo>, LambdaEvent<Payload>) {
    let LambdaInvocation {
        parts,
        body,
        mut context,
    } = invocation;
    let sent = CallerContext::of(&parts.headers);
    if let Some(sent) = &sent {
        sent.read(&mut context);
    }
    if context.deadline == 0 {
        tracing::warn!("the event has no deadline: the time left is unknown");
    }
    let event = LambdaEvent::new(Payload::received(body, sent), context);
    (AnswerTo::of(&parts.headers), event)
}
