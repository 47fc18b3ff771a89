//! The loop: fetch an event, handle it, answer it, repeat.
//!
//! `lambda_runtime` has such loops, too. The one for sequential events puts each trace id into the environment, which
//! never frees memory. Both end if a caller sends certain input.

use super::answer_to::AnswerTo;
use super::api::{Api, PollFailure};
use super::back_off::BackOff;
use super::received::{self, TRACE_ID};
use crate::error::Error;
use crate::telemetry;
use bytes::Bytes;
use http::response::Parts;
use lambda_runtime::tower::ServiceExt as _;
use lambda_runtime::{Context, LambdaInvocation, Service};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

/// The pause after an API says at once that there is no event. Emulators do this, Lambda does not.
const NO_EVENT: Duration = Duration::from_millis(10);

/// Handles events one after another.
#[derive(Clone)]
pub(super) struct Worker<S> {
    service: S,
    api: Arc<Api>,
    back_off: Arc<BackOff>,
    /// The same for every invocation of the process.
    process: Context,
}

impl<S> Worker<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
{
    pub(super) fn new(service: S, api: Arc<Api>, process: Context) -> Self {
        Self {
            service,
            api,
            back_off: Arc::default(),
            process,
        }
    }

    /// Handles events until the process ends.
    ///
    /// # Errors
    /// The Runtime API is gone.
    pub(super) async fn run(mut self) -> Result<(), Error> {
        loop {
            match self.api.next().await {
                Ok(Some((parts, body))) => self.take(parts, body).await?,
                Ok(None) => sleep(NO_EVENT).await,
                Err(failed) => self.failed(failed).await?,
            }
        }
    }

    async fn take(&mut self, parts: Parts, body: Bytes) -> Result<(), Error> {
        if !AnswerTo::is_known(&parts.headers) {
            return self.failed(PollFailure::Nameless).await;
        }
        self.back_off.succeeded();
        let trace = parts.headers.get(TRACE_ID).cloned();
        let invocation = received::invocation(parts, body, &self.process);
        let service = self.service.ready().await?;
        telemetry::in_trace(trace, async move { service.call(invocation).await }).await
    }

    async fn failed(&mut self, failed: PollFailure) -> Result<(), Error> {
        let again = self.back_off.failed(&failed)?;
        if let PollFailure::Broken(_, Some(to)) = &failed {
            let error = Error::runtime(failed.to_string().into());
            self.api.answer(to, Err(error)).await;
        }
        sleep_until(again).await;
        Ok(())
    }
}

/// Runs this many workers, for as long as there is a Runtime API.
///
/// # Errors
/// The Runtime API is gone.
pub(super) async fn several<S>(worker: Worker<S>, count: u32) -> Result<(), Error>
where
    S: Service<LambdaInvocation, Response = (), Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    let mut workers = JoinSet::new();
    for _ in 0..count {
        workers.spawn(worker.clone().run());
    }
    while let Some(ended) = workers.join_next().await {
        let Err(panicked) = ended else {
            return ended.unwrap_or(Ok(()));
        };
        // Panics of handlers are answered. This one is a bug in the loop, and must not cost a worker.
        tracing::error!(error = %panicked, "a worker ended: another one takes its place");
        workers.spawn(worker.clone().run());
    }
    Ok(())
}
