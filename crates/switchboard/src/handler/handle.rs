//! What can be registered: async functions of an item and the context.

#[cfg(feature = "idempotency")]
use super::Memo;
use super::name::readable;
use super::options::{Configured, OnFault, Options};
use super::{Context, Failure};
use std::any::type_name;
use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

/// An async function `Fn(I, Context<S>) -> Result<_, Failure>`, where `I` is what the event gives one call: an
/// `S3EventRecord`, a whole `CloudWatchEvent`. Implemented for functions and closures; there is no need to
/// implement it by hand.
pub trait Handler<I, S>: Send + Sync + 'static {
    /// What the handler gives back when it is done.
    type Reply;

    /// Handles one item.
    fn call(&self, item: I, cx: Context<S>) -> impl Future<Output = Result<Self::Reply, Failure>> + Send;

    /// What the handler is called where the function tells its routes: the path of a function. A handler that wraps another
    /// passes on the other's.
    fn name(&self) -> Cow<'static, str> {
        readable(type_name::<Self>())
    }

    /// How it is to be called. A handler that wraps another passes on the other's.
    fn options(&self) -> Options {
        Options::default()
    }

    /// Handles up to so many records of a batch at once; 1 by default. Records of one lane (a partition key, an
    /// item, a message group) never run side by side but in their order.
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::kinesis::KinesisEventRecord;
    /// use switchboard::{Context, Failure, Handler, Router};
    ///
    /// async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(()).kinesis(on_record.concurrency(16));
    /// # let _ = router;
    /// ```
    fn concurrency(self, lanes: usize) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).concurrency(lanes)
    }

    /// Starts no further record when less time than this is left to the invocation. By default as long as the
    /// slowest record has taken so far, and at least 200 ms.
    fn margin(self, margin: Duration) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).margin(margin)
    }

    /// What becomes of records that cannot be read: delivered again (the default), or rejected.
    fn on_unreadable(self, fault: OnFault) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).on_unreadable(fault)
    }

    /// For Kinesis and DynamoDB Streams: a failure holds up its own lane only (its partition key, its item); the other
    /// lanes go on, and what is done beyond the checkpoint is remembered in a store and skipped when the stream
    /// delivers it again. It costs a look into the store per batch, and a note per batch that is not all done.
    ///
    /// A process that ends before its answer remembers nothing. For effects that must not be repeated even then,
    /// see [`Handler::idempotent`].
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::kinesis::KinesisEventRecord;
    /// use switchboard::idempotency::Memory;
    /// use switchboard::{Context, Failure, Handler, Router};
    ///
    /// async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(()).kinesis(on_record.concurrency(16).memo(Memory::new()));
    /// # let _ = router;
    /// ```
    #[cfg(feature = "idempotency")]
    fn memo(self, memo: impl Into<Memo>) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).memo(memo)
    }

    /// What becomes of records at which the handler panics: delivered again (the default), or rejected.
    fn on_panic(self, fault: OnFault) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).on_panic(fault)
    }

    /// Has its effect at most once per record, however often that is delivered: see
    /// [`idempotency`](crate::idempotency). The handler's answer must be one that can be written and read again.
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::s3::S3EventRecord;
    /// use switchboard::idempotency::{Idempotency, Memory};
    /// use switchboard::{Context, Failure, Handler, Router};
    ///
    /// async fn charge(_record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(()).s3(charge.idempotent(Idempotency::new(Memory::new())));
    /// # let _ = router;
    /// ```
    #[cfg(feature = "idempotency")]
    fn idempotent<L: Wrap<Self>>(self, idempotency: L) -> L::Handler
    where
        Self: Sized,
    {
        idempotency.wrap(self)
    }
}

/// What goes around a handler, and makes another handler of it: an [`Idempotency`](crate::idempotency::Idempotency).
#[cfg(feature = "idempotency")]
pub trait Wrap<H> {
    /// The handler with this around it.
    type Handler;

    /// Goes around a handler.
    fn wrap(self, handler: H) -> Self::Handler;
}

fn configured<I, S, H: Handler<I, S>>(handler: H) -> Configured<H> {
    Configured {
        options: handler.options(),
        handler,
    }
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
