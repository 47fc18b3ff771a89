//! How to call a handler: how many records at once, how close to the deadline, and what happens after a fault.

#[cfg(feature = "durable")]
use super::DurableEngine;
#[cfg(feature = "idempotency")]
use super::Memo;
use super::{Context, Failure, Handler, When};
use std::borrow::Cow;
use std::future::Future;
#[cfg(feature = "durable")]
use std::sync::Arc;
use std::time::Duration;

/// What happens to a record that cannot be read, or on which the handler panics.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnFault {
    /// It is delivered again, like any failed record.
    #[default]
    Retry,
    /// It is rejected: it goes to the dead-letter sink, then counts as done.
    Reject,
}

impl OnFault {
    pub(crate) fn judge(self, failure: Failure) -> Failure {
        match self {
            OnFault::Retry => failure,
            OnFault::Reject => failure.rejecting(),
        }
    }
}

/// A handler takes what the handlers before it do not take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rest {
    /// All of it.
    Everything,
    /// It was given a condition as well, which is a mistake.
    WithCondition,
}

/// How to call a handler.
#[derive(Clone, Debug)]
pub struct Options {
    #[cfg(feature = "durable")]
    pub(crate) durable: Option<Engine>,
    /// Whether the handler is behind a store of its own.
    #[cfg(all(feature = "durable", feature = "idempotency"))]
    pub(crate) idempotent: bool,
    pub(crate) concurrency: usize,
    pub(crate) margin: Option<Duration>,
    pub(crate) unreadable: OnFault,
    pub(crate) panic: OnFault,
    pub(crate) when: Option<When>,
    pub(crate) rest: Option<Rest>,
    #[cfg(feature = "idempotency")]
    pub(crate) memo: Option<Memo>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            #[cfg(feature = "durable")]
            durable: None,
            #[cfg(all(feature = "durable", feature = "idempotency"))]
            idempotent: false,
            concurrency: 1,
            margin: None,
            unreadable: OnFault::Retry,
            panic: OnFault::Retry,
            when: None,
            rest: None,
            #[cfg(feature = "idempotency")]
            memo: None,
        }
    }
}

/// The engine of a durable handler.
#[cfg(feature = "durable")]
#[derive(Clone)]
pub(crate) struct Engine(pub(crate) Arc<dyn DurableEngine>);

#[cfg(feature = "durable")]
impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl Options {
    /// The options of a handler that runs in durable executions of this engine: [`Context::durable`] has its context then.
    #[cfg(feature = "durable")]
    #[must_use]
    pub fn durable(engine: Arc<dyn DurableEngine>) -> Self {
        Self {
            durable: Some(Engine(engine)),
            ..Self::default()
        }
    }

    /// What becomes of a handler's failure: a record that it could not read is a fault, as one that was refused before.
    pub(crate) fn judge(&self, failure: Failure) -> Failure {
        match failure.is_unreadable() {
            true => self.unreadable.judge(failure),
            false => failure,
        }
    }

    /// Whether records are rejected by themselves, whatever the handler says.
    pub(crate) fn rejects(&self) -> bool {
        [self.unreadable, self.panic].contains(&OnFault::Reject)
    }
}

/// A handler with options; see [`Handler::when`], [`Handler::otherwise`], [`Handler::concurrency`], [`Handler::margin`],
/// [`Handler::on_unreadable`] and [`Handler::on_panic`].
#[derive(Clone, Debug)]
pub struct Configured<H> {
    pub(crate) handler: H,
    pub(crate) options: Options,
}

impl<H> Configured<H> {
    /// See [`Handler::concurrency`].
    #[must_use]
    pub fn concurrency(mut self, lanes: usize) -> Self {
        self.options.concurrency = lanes.max(1);
        self
    }

    /// See [`Handler::margin`].
    #[must_use]
    pub fn margin(mut self, margin: Duration) -> Self {
        self.options.margin = Some(margin);
        self
    }

    /// See [`Handler::on_unreadable`].
    #[must_use]
    pub fn on_unreadable(mut self, fault: OnFault) -> Self {
        self.options.unreadable = fault;
        self
    }

    /// See [`Handler::on_panic`].
    #[must_use]
    pub fn on_panic(mut self, fault: OnFault) -> Self {
        self.options.panic = fault;
        self
    }

    /// See [`Handler::when`]. Of two conditions, both must hold.
    #[must_use]
    pub fn when(mut self, condition: When) -> Self {
        self.options.when = Some(match self.options.when {
            Some(first) => first.and(condition),
            None => condition,
        });
        self.options.rest = self.options.rest.map(|_| Rest::WithCondition);
        self
    }

    /// See [`Handler::otherwise`].
    #[must_use]
    pub fn otherwise(mut self) -> Self {
        self.options.rest = Some(match self.options.when {
            None => Rest::Everything,
            Some(_) => Rest::WithCondition,
        });
        self
    }

    /// See [`Handler::memo`].
    #[cfg(feature = "idempotency")]
    #[must_use]
    pub fn memo(mut self, memo: impl Into<Memo>) -> Self {
        self.options.memo = Some(memo.into());
        self
    }
}

impl<H, I, S> Handler<I, S> for Configured<H>
where
    H: Handler<I, S>,
{
    type Reply = H::Reply;

    fn call(&self, item: I, cx: Context<S>) -> impl Future<Output = Result<H::Reply, Failure>> + Send {
        self.handler.call(item, cx)
    }

    fn name(&self) -> Cow<'static, str> {
        self.handler.name()
    }

    fn options(&self) -> Options {
        self.options.clone()
    }
}
