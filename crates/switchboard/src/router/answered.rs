//! Handlers of sources that wait for an answer: what they give back becomes the answer that the source's contract asks for.

use crate::event::Unreadable;
use crate::event::answered::{Contract, ContractOfItems, FailedCall};
use crate::handler::{Context, Failure, Handler, Options, When};
use crate::panics;
use futures_util::stream::{self, StreamExt as _};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;

/// The error of an answer that its source would not accept.
const INVALID: &str = "InvalidReply";

/// A handler that composes the answer. It has the name and the options of the application's handler, and takes the events that meet
/// both conditions.
pub(super) struct ContractHandler<C, H> {
    handler: H,
    when: Option<When>,
    contract: PhantomData<fn() -> C>,
}

impl<C, H> ContractHandler<C, H> {
    pub(super) fn new(handler: H, when: Option<When>) -> Self {
        let contract = PhantomData;
        Self {
            handler,
            when,
            contract,
        }
    }

    fn options_of<I, S>(&self) -> Options
    where
        H: Handler<I, S>,
    {
        let mut options = self.handler.options();
        options.when = match (self.when.clone(), options.when) {
            (Some(own), Some(also)) => Some(own.and(also)),
            (own, also) => own.or(also),
        };
        options
    }
}

impl<C, H, T, S> Handler<T, S> for ContractHandler<C, H>
where
    C: Contract,
    H: Handler<T, S, Reply = C::Reply>,
    T: Send,
    S: Send + Sync,
{
    type Reply = Box<RawValue>;

    async fn call(&self, item: T, cx: Context<S>) -> Result<Box<RawValue>, Failure> {
        let event = cx.payload();
        match self.handler.call(item, cx).await {
            Ok(reply) => C::answer(reply, &event).map_err(invalid),
            Err(failure) => {
                let refusal = failure.name().and_then(|name| C::refusal(name, &event));
                refusal.ok_or(failure)
            }
        }
    }

    fn name(&self) -> Cow<'static, str> {
        self.handler.name()
    }

    fn options(&self) -> Options {
        self.options_of::<T, S>()
    }
}

/// A handler of a whole event that passes its items to the application's handler, and composes the answer to all.
pub(super) struct ItemsHandler<C, H>(ContractHandler<C, H>);

impl<C, H> ItemsHandler<C, H> {
    pub(super) fn new(handler: H) -> Self {
        Self(ContractHandler::new(handler, None))
    }
}

impl<C, H, S> Handler<Box<RawValue>, S> for ItemsHandler<C, H>
where
    C: ContractOfItems,
    H: Handler<C::Item, S, Reply = C::Reply>,
    S: Send + Sync,
{
    type Reply = Box<RawValue>;

    async fn call(&self, _: Box<RawValue>, cx: Context<S>) -> Result<Box<RawValue>, Failure> {
        let event = cx.payload();
        let handler = &self.0.handler;
        let calls = C::items(&event)?.into_iter().enumerate().map(|(index, item)| {
            let cx = cx.clone();
            async move {
                let outcome = handled(handler, item, cx).await;
                outcome.map_err(|failure| failed(index, &failure))
            }
        });
        let lanes = handler.options().concurrency;
        let results = stream::iter(calls).buffered(lanes).collect().await;
        C::answer(results, &event).map_err(invalid)
    }

    fn name(&self) -> Cow<'static, str> {
        self.0.handler.name()
    }

    fn options(&self) -> Options {
        self.0.options_of::<C::Item, S>()
    }
}

/// Calls the handler for one item. A panic is the item's failure.
async fn handled<I, S, H: Handler<I, S>>(
    handler: &H,
    item: Result<I, Unreadable>,
    cx: Context<S>,
) -> Result<H::Reply, Failure> {
    let options = handler.options();
    let item = item.map_err(|unreadable| options.unreadable.judge(unreadable.into()))?;
    let call = pin!(async { handler.call(item, cx).await });
    let panicked = |panic| options.panic.judge(Failure::panicked("the handler", panic));
    panics::catching(call).await.map_err(panicked)?
}

fn failed(index: usize, failure: &Failure) -> FailedCall {
    let panic = failure.panic();
    tracing::error!(
        index,
        rejected = failure.is_rejection().then_some(true),
        location = panic.and_then(panics::Panic::location),
        backtrace = panic.and_then(panics::Panic::backtrace),
        error = %failure,
        "item failed"
    );
    FailedCall {
        message: failure.to_string(),
        error_type: failure.error_type(),
        rejected: failure.is_rejection(),
    }
}

fn invalid(problem: String) -> Failure {
    Failure::named(INVALID).because(problem)
}

/// A handler of two routes.
pub(super) struct Shared<H>(Arc<H>);

impl<H> Shared<H> {
    pub(super) fn twice(handler: H) -> [Self; 2] {
        let handler = Arc::new(handler);
        [Self(Arc::clone(&handler)), Self(handler)]
    }
}

impl<H, I, S> Handler<I, S> for Shared<H>
where
    H: Handler<I, S>,
{
    type Reply = H::Reply;

    fn call(&self, item: I, cx: Context<S>) -> impl Future<Output = Result<H::Reply, Failure>> + Send {
        self.0.call(item, cx)
    }

    fn name(&self) -> Cow<'static, str> {
        self.0.name()
    }

    fn options(&self) -> Options {
        self.0.options()
    }
}
