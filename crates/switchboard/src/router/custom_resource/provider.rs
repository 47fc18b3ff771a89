//! The handler that answers CloudFormation.

use super::put::Put;
use crate::deadlines::within;
use crate::event::cloudformation::{ResourceAnswer, undoes_nothing};
use crate::event::{Resource, ResourceRequest, read_json, text_at};
use crate::handler::{Context, Failure, Handler, Options};
use crate::panics;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::marker::PhantomData;
use std::pin::pin;
use std::time::{Duration, Instant};

/// How long before the deadline a handler is dropped, so that the answer can still be sent.
const TO_ANSWER: Duration = Duration::from_secs(5);

/// Calls the application's handler, and sends what came of it.
pub(in crate::router) struct Provider<H, P> {
    handler: H,
    put: Put,
    properties: PhantomData<fn() -> P>,
}

impl<H, P> Provider<H, P> {
    pub(in crate::router) fn new(handler: H) -> Self {
        Self {
            handler,
            put: Put::default(),
            properties: PhantomData,
        }
    }
}

impl<H, P, S> Handler<Box<RawValue>, S> for Provider<H, P>
where
    H: Handler<ResourceRequest<P>, S, Reply = Resource>,
    P: DeserializeOwned + Send + 'static,
    S: Send + Sync,
{
    type Reply = ResourceAnswer;

    async fn call(&self, _: Box<RawValue>, cx: Context<S>) -> Result<ResourceAnswer, Failure> {
        let event = cx.payload();
        let is_test = cx.is_watched();
        let time = cx.remaining_time();
        let answer = match undoes_nothing(&event) {
            true => ResourceAnswer::success(&event, Resource::unchanged()),
            false => self.answer(&event, cx, time).await,
        };
        if !is_test {
            let address = text_at(&event, "ResponseURL")
                .ok_or("the event has no `ResponseURL` to send the answer to")?;
            let sending = self.put.send(&address, &answer);
            sending.await.map_err(|error| {
                Failure::msg(format!(
                    "the answer could not be sent to the event's `ResponseURL`: {error}"
                ))
            })?;
        }
        Ok(answer)
    }

    fn name(&self) -> Cow<'static, str> {
        self.handler.name()
    }

    fn options(&self) -> Options {
        self.handler.options()
    }
}

impl<H, P> Provider<H, P> {
    /// What came of the request. Its failure is an answer, too.
    async fn answer<S>(&self, event: &[u8], cx: Context<S>, time: Duration) -> ResourceAnswer
    where
        H: Handler<ResourceRequest<P>, S, Reply = Resource>,
        P: DeserializeOwned + Send + 'static,
        S: Send + Sync,
    {
        let margin = self.handler.options().margin.unwrap_or(TO_ANSWER).min(time / 2);
        // A context without a deadline has no time left.
        let until = (!time.is_zero()).then(|| Instant::now() + (time - margin));
        let call = pin!(async {
            let request = read_json(event)?;
            self.handler.call(request, cx).await
        });
        let outcome = match within(until, panics::catching(call)).await {
            Some(Ok(outcome)) => outcome,
            Some(Err(panic)) => Err(Failure::panicked("the handler", panic)),
            None => Err(Failure::msg(
                "the handler was dropped, because the function's time is nearly over",
            )),
        };
        match outcome {
            Ok(resource) => ResourceAnswer::success(event, resource),
            Err(failure) => {
                log(&failure);
                ResourceAnswer::failure(event, &failure.to_string())
            }
        }
    }
}

fn log(failure: &Failure) {
    let panic = failure.panic();
    tracing::error!(
        location = panic.and_then(panics::Panic::location),
        backtrace = panic.and_then(panics::Panic::backtrace),
        error = %failure,
        "CloudFormation is told that its request has failed"
    );
}
