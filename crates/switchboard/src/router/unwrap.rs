//! A handler that opens AWS's envelopes.

use crate::event::envelope::{Envelope, Inside};
use crate::event::{OpenedItem, TypedItem};
use crate::handler::{Configured, Context, Failure, Handler, Options, Unwrapped, When};
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

/// A handler for records that contain events: it passes the inner event to the handler registered for *its* source. A
/// failure there is the outer record's failure, and is reported by that record's id.
///
/// * An SQS message (feature `sqs`) has an event in its `body`: from S3, EventBridge, or any other sender. An SNS
///   notification in it goes to the SNS handler if there is one, and is opened otherwise.
/// * An SNS notification (feature `sns`) has an event in its `Message`.
/// * A Kinesis record's data is an event; or an aggregate of the Kinesis Producer Library, whose records are each
///   handled as a Kinesis record; or a message of a CloudWatch Logs subscription (feature `cloudwatch_logs`), whose
///   `CONTROL_MESSAGE`s succeed by themselves.
///
/// Records without such an event fail, unless [`Unwrap::or`] names a handler for them. Your own messages count as such
/// records, even if [`Source::Unknown`](crate::source::Source::Unknown) has a handler. So do requests (HTTP, Firehose,
/// tumbling windows), because their answer would not reach the sender.
///
/// [`Router::envelope_limits`](crate::Router::envelope_limits) and the function's memory limit how far envelopes are
/// opened.
///
/// # Example
///
/// ```
/// use aws_lambda_events::{kinesis::KinesisEventRecord, s3::S3EventRecord};
/// use switchboard::{Context, Failure, Router, Unwrap};
///
/// async fn on_object(_record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
///     Ok(())
/// }
///
/// async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
///     Ok(())
/// }
///
/// let router = Router::new(()).s3(on_object).kinesis(Unwrap.or(on_record));
/// # #[cfg(feature = "sqs")]
/// let router = router.on::<aws_lambda_events::sqs::SqsEvent>(Unwrap.concurrency(10));
/// # let _ = router;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwrap;

/// [`Unwrap`] with a handler for records that contain no event; created by [`Unwrap::or`]. `I` is what the handler asks for.
pub struct UnwrapOr<H, I> {
    handler: H,
    item: PhantomData<fn(I)>,
}

impl Unwrap {
    /// Passes records that contain no event of a routed source to `handler`. It may ask for the struct of the record, or for what can be
    /// read from it: `.sqs(Unwrap.or(on_order))` with a handler that takes `Json<Order>`. Nothing is read as that before the record is
    /// known to contain no event.
    #[must_use]
    pub fn or<H, I, S>(self, handler: H) -> UnwrapOr<H, I>
    where
        H: Handler<I, S, Reply = ()>,
    {
        UnwrapOr {
            handler,
            item: PhantomData,
        }
    }

    /// See [`Handler::when`].
    #[must_use]
    pub fn when(self, condition: When) -> Configured<Self> {
        self.configured().when(condition)
    }

    /// See [`Handler::otherwise`].
    #[must_use]
    pub fn otherwise(self) -> Configured<Self> {
        self.configured().otherwise()
    }

    /// See [`Handler::concurrency`].
    #[must_use]
    pub fn concurrency(self, lanes: usize) -> Configured<Self> {
        self.configured().concurrency(lanes)
    }

    /// See [`Handler::margin`].
    #[must_use]
    pub fn margin(self, margin: Duration) -> Configured<Self> {
        self.configured().margin(margin)
    }

    fn configured(self) -> Configured<Self> {
        Configured {
            handler: self,
            options: Options::default(),
        }
    }
}

/// What comes before what, for the compiler to say.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`Unwrap.or(…)` comes before the options",
    label = "an option was set before this",
    note = "write `Unwrap.or(handler.concurrency(16))`: the options are the handler's"
)]
pub trait BeforeOptions {}

impl Configured<Unwrap> {
    /// Never compiles: says that [`Unwrap::or`] comes first.
    #[doc(hidden)]
    #[must_use]
    pub fn or<H: BeforeOptions>(self, _: H) -> Self {
        self
    }
}

impl<I, S> Handler<I, S> for Unwrap
where
    I: Envelope,
    S: Clone + Send + Sync + 'static,
{
    type Reply = Unwrapped;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("Unwrap")
    }

    async fn call(&self, item: I, cx: Context<S>) -> Result<Unwrapped, Failure> {
        // Dispatching the part produces the error that says why it has no handler.
        let unrouted = |part: I, cx: Context<S>| async move { cx.dispatch(part.text()).await };
        open(item, cx, unrouted).await.map(|()| Unwrapped)
    }
}

impl<H, I, S> Handler<I, S> for UnwrapOr<H, I>
where
    H: Handler<I, S, Reply = ()>,
    I: Envelope,
    S: Clone + Send + Sync + 'static,
{
    type Reply = ();

    fn name(&self) -> Cow<'static, str> {
        Cow::Owned(format!("Unwrap, else {}", self.handler.name()))
    }

    async fn call(&self, item: I, cx: Context<S>) -> Result<(), Failure> {
        open(item, cx, |part, cx| self.handler.call(part, cx)).await
    }

    fn options(&self) -> Options {
        self.handler.options()
    }
}

/// The same for a handler that asks for something else than the record's struct.
impl<H, I, S> Handler<OpenedItem<I>, S> for UnwrapOr<H, I>
where
    H: Handler<I, S, Reply = ()>,
    I: TypedItem,
    S: Clone + Send + Sync + 'static,
{
    type Reply = ();

    fn name(&self) -> Cow<'static, str> {
        Cow::Owned(format!("Unwrap, else {}", self.handler.name()))
    }

    async fn call(&self, record: OpenedItem<I>, cx: Context<S>) -> Result<(), Failure> {
        let typed = |part: OpenedItem<I>, cx: Context<S>| async move {
            let read = part.read(cx.raw(), cx.received());
            self.handler.call(read.map_err(Failure::unreadable)?, cx).await
        };
        open(record, cx, typed).await
    }

    fn options(&self) -> Options {
        self.handler.options()
    }
}

impl<H: Clone, I> Clone for UnwrapOr<H, I> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            item: PhantomData,
        }
    }
}

impl<H: fmt::Debug, I> fmt::Debug for UnwrapOr<H, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnwrapOr").field(&self.handler).finish()
    }
}

/// Passes on the inner events one by one. After a failure no later one is started, as in the record's own lane.
async fn open<I, S, F, Fut>(item: I, cx: Context<S>, otherwise: F) -> Result<(), Failure>
where
    I: Envelope,
    S: Clone + Send + Sync + 'static,
    F: Fn(I, Context<S>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<(), Failure>> + Send,
{
    let most = cx.invocation.router.limits().max_decompressed();
    // Created for the first record of an aggregate; most records are not in one.
    let mut outer = None;
    for (place, part) in item.parts().map_err(Failure::msg)? {
        let cx = match place {
            Some(place) => cx.in_aggregate(place, outer.get_or_insert_default()),
            None => cx.clone(),
        };
        let outcome = match part.inside(most, &|event| cx.invocation.router.takes(event)) {
            Ok(Inside::Event(event)) => cx.dispatch(event).await,
            Ok(Inside::Void) => Ok(()),
            Ok(Inside::Nothing) => otherwise(part, cx).await,
            Err(problem) => Err(Failure::msg(problem)),
        };
        outcome.map_err(|failure| match place {
            Some(place) => failure.within(format!("record {place} of the aggregate")),
            None => failure,
        })?;
    }
    Ok(())
}
