//! How a handler is to be called: how many records at once, how close to the deadline, what of the unreadable.

use super::{Context, Failure, Handler};
use std::future::Future;
use std::time::Duration;

/// What becomes of a record that cannot be read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unreadable {
    /// It is delivered again, as any failed record.
    #[default]
    Retry,
    /// It is rejected: it goes to the dead-letter sink, then counts as done.
    Reject,
}

/// How a handler is called.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub(crate) concurrency: usize,
    pub(crate) margin: Option<Duration>,
    pub(crate) unreadable: Unreadable,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 1,
            margin: None,
            unreadable: Unreadable::Retry,
        }
    }
}

/// A handler with options; see [`Handler::concurrency`], [`Handler::margin`] and [`Handler::unreadable`].
#[derive(Clone, Debug)]
pub struct Configured<H> {
    pub(super) handler: H,
    pub(super) options: Options,
}

impl<H> Configured<H> {
    /// As [`Handler::concurrency`].
    #[must_use]
    pub fn concurrency(mut self, lanes: usize) -> Self {
        self.options.concurrency = lanes.max(1);
        self
    }

    /// As [`Handler::margin`].
    #[must_use]
    pub fn margin(mut self, margin: Duration) -> Self {
        self.options.margin = Some(margin);
        self
    }

    /// As [`Handler::unreadable`].
    #[must_use]
    pub fn unreadable(mut self, unreadable: Unreadable) -> Self {
        self.options.unreadable = unreadable;
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

    fn options(&self) -> Options {
        self.options
    }
}
