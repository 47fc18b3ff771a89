//! What can be registered: async functions of an item and the context.

use super::{Context, Failure};
use std::future::Future;

/// An async function `Fn(I, Context<S>) -> Result<_, Failure>`, where `I` is what the event gives one call: an
/// `S3EventRecord`, a whole `CloudWatchEvent`. Implemented for functions and closures; there is no need to
/// implement it by hand.
pub trait Handler<I, S>: Send + Sync + 'static {
    /// What the handler gives back when it is done.
    type Reply;

    /// Handles one item.
    fn call(&self, item: I, cx: Context<S>) -> impl Future<Output = Result<Self::Reply, Failure>> + Send;
}

impl<F, Fut, I, S, R> Handler<I, S> for F
where
    F: Fn(I, Context<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<R, Failure>> + Send,
{
    type Reply = R;

    fn call(&self, item: I, cx: Context<S>) -> impl Future<Output = Result<R, Failure>> + Send {
        self(item, cx)
    }
}
