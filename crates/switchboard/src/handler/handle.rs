//! What can be registered: async functions of an item and the context.

#[cfg(feature = "idempotency")]
use super::Memo;
#[cfg(feature = "claim_check")]
use super::claim_check::{ClaimCheck, ClaimStore};
use super::name::readable;
use super::options::{Configured, OnFault, Options};
use super::{Context, Failure, When};
use std::any::type_name;
use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

/// An async function `Fn(I, Context<S>) -> Result<_, Failure>`. `I` is what the event passes to one call: an
/// `S3EventRecord`, say, or a whole `CloudWatchEvent`. All such functions and closures implement it; there is no need
/// to implement it yourself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "not an async function of an item and a `Context`",
    note = "a handler is an `async fn(item, cx: Context<S>) -> Result<_, Failure>`: async, the item first and the `Context` second, \
            with the state that `Router::new` was given as its `S`; register the function itself, without calling it"
)]
pub trait Handler<I, S>: Send + Sync + 'static {
    /// What the handler returns on success.
    type Reply;

    /// Handles one item.
    fn call(&self, item: I, cx: Context<S>) -> impl Future<Output = Result<Self::Reply, Failure>> + Send;

    /// The handler's name where the function describes its routes: the path of a function. A handler that wraps another
    /// one returns the inner handler's name.
    fn name(&self) -> Cow<'static, str> {
        readable(type_name::<Self>())
    }

    /// How to call the handler. A handler that wraps another one returns the inner handler's options.
    fn options(&self) -> Options {
        Options::default()
    }

    /// Takes only events, or records of a batch, that meet the condition, so that one source can have several handlers. They
    /// are tried in the order of registration, and the first whose condition holds gets the record. Each keeps its own options,
    /// and records keep their lanes and their order whatever handlers they go to. [`when`](crate::when) has the conditions.
    ///
    /// [`Handler::otherwise`] takes the rest. A record that no handler takes is a failed record (`UnroutedEvent`), and an event that is
    /// delivered whole fails the invocation. [`run`](crate::run) fails with `InvalidRoute` if a handler can never get an event, because
    /// an earlier one takes them all, or because its source has nothing that the condition could hold for. It fails, too, if a handler
    /// beside it gets all records of a batch at once, or a window's, or enriches them.
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
    /// use switchboard::when::field;
    /// use switchboard::{Context, Failure, Handler, Router};
    ///
    /// #[derive(serde::Deserialize, serde::Serialize)]
    /// struct Placed {
    ///     order: String,
    /// }
    ///
    /// async fn on_placed(event: CloudWatchEvent<Placed>, _cx: Context<()>) -> Result<(), Failure> {
    ///     tracing::info!(order = event.detail.map(|placed| placed.order), "an order was placed");
    ///     Ok(())
    /// }
    ///
    /// async fn on_other(_event: CloudWatchEvent, _cx: Context<()>) -> Result<(), Failure> {
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(())
    ///     .cloudwatch_events(on_placed.when(field("detail-type").is("OrderPlaced")))
    ///     .cloudwatch_events(on_other.otherwise());
    /// # let _ = router;
    /// ```
    fn when(self, condition: When) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).when(condition)
    }

    /// Takes the rest: what none of the handlers before it takes ([`Handler::when`]). Register it last. [`run`](crate::run) fails with
    /// `InvalidRoute` if another handler of its source follows it, or if it has a condition as well.
    ///
    /// A handler without a condition takes the rest, too. This says that it is meant to, and a handler that somebody adds behind it is
    /// told so.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::Deserialize;
    /// use switchboard::event::Resolve;
    /// use switchboard::when::resolver;
    /// use switchboard::{Context, Failure, Handler, Router};
    ///
    /// #[derive(Deserialize)]
    /// struct ById {
    ///     id: String,
    /// }
    ///
    /// async fn order(field: Resolve<ById>, _cx: Context<()>) -> Result<String, Failure> {
    ///     Ok(field.arguments.id)
    /// }
    ///
    /// async fn other(_field: Resolve<serde_json::Value>, _cx: Context<()>) -> Result<(), Failure> {
    ///     Err(Failure::msg("this field has no resolver yet"))
    /// }
    ///
    /// let router = Router::new(())
    ///     .appsync(order.when(resolver("Query", "order")))
    ///     .appsync(other.otherwise());
    /// # let _ = router;
    /// ```
    fn otherwise(self) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).otherwise()
    }

    /// Handles up to this many records of a batch at once; 1 by default. Records of one lane (a partition key, an item,
    /// a message group) are never handled at the same time, and keep their order.
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

    /// Starts no further record when the invocation has less time left than this. The default is the time of the
    /// slowest record so far, and at least 200 ms.
    fn margin(self, margin: Duration) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).margin(margin)
    }

    /// What happens to unreadable records: they are delivered again (the default) or rejected.
    fn on_unreadable(self, fault: OnFault) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).on_unreadable(fault)
    }

    /// For Kinesis and DynamoDB Streams: a failure stops only its own lane (a partition key, an item), and the other
    /// lanes continue. Records that are done beyond the checkpoint are remembered in a store, and skipped when the
    /// stream delivers them again. This costs one read per batch, and one write per batch that is not completely done.
    ///
    /// A process that ends before it has answered remembers nothing. If effects must not be repeated even then, use
    /// [`Handler::idempotent`].
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

    /// What happens to records on which the handler panics: they are delivered again (the default) or rejected.
    fn on_panic(self, fault: OnFault) -> Configured<Self>
    where
        Self: Sized,
    {
        configured(self).on_panic(fault)
    }

    /// Fetches the bodies of SQS messages and SNS notifications that their senders have put into S3, because they were too large: those of
    /// the extended clients for Java and Python. Their messages have a pointer in the place of the body, and an attribute with its size.
    /// Other messages are handled as they are. The handler gets the body in its place, whatever it asks for.
    ///
    /// The library calls no AWS service: `store` fetches an object ([`ClaimStore`](crate::ClaimStore)). An object that does not exist,
    /// cannot be fetched or is larger than [`ClaimCheck::most`](crate::ClaimCheck::most) is its record's failure, which names the bucket
    /// and the key. A pointer that is none, or a body that does not fit, is treated as an unreadable record. Objects are not deleted.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "sqs")] {
    /// use bytes::Bytes;
    /// use serde::Deserialize;
    /// use switchboard::event::S3Pointer;
    /// use switchboard::{Context, Failure, Handler, Json, Router};
    ///
    /// #[derive(Deserialize)]
    /// struct Order {
    ///     id: u64,
    /// }
    ///
    /// async fn on_order(Json(order): Json<Order>, _cx: Context<()>) -> Result<(), Failure> {
    ///     tracing::info!(order.id, "an order");
    ///     Ok(())
    /// }
    ///
    /// /// `get_object` of the AWS SDK, in an application.
    /// async fn fetch(pointer: S3Pointer) -> Result<Option<Bytes>, std::io::Error> {
    ///     match (&*pointer.bucket, &*pointer.key) {
    ///         ("orders", "7") => Ok(Some(Bytes::from_static(br#"{"id":7}"#))),
    ///         _ => Ok(None),
    ///     }
    /// }
    ///
    /// let router = Router::new(()).sqs(on_order.claim_check(fetch));
    /// # let _ = router;
    /// # }
    /// ```
    #[cfg(feature = "claim_check")]
    fn claim_check<C: ClaimStore>(self, store: C) -> ClaimCheck<Self, C>
    where
        Self: Sized,
    {
        ClaimCheck::new(self, store)
    }

    /// Has its effect at most once per record, however often the record is delivered: see
    /// [`idempotency`](crate::idempotency). The handler's reply must implement `Serialize` and `DeserializeOwned`.
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

/// A wrapper that turns a handler into another handler: an [`Idempotency`](crate::idempotency::Idempotency).
#[cfg(feature = "idempotency")]
pub trait Wrap<H> {
    /// The wrapped handler.
    type Handler;

    /// Wraps a handler.
    fn wrap(self, handler: H) -> Self::Handler;
}

/// What a handler returns. It says nothing but what the compiler says of another type.
#[diagnostic::on_unimplemented(
    message = "a handler returns `Result<_, Failure>`, not `{Self}`",
    label = "this handler returns something else",
    note = "return `Result<(), Failure>`: `?` turns every error into a `Failure`, and `Failure::new` does it in `map_err`"
)]
pub trait HandlerOutput {}

impl<R> HandlerOutput for Result<R, Failure> {}

fn configured<I, S, H: Handler<I, S>>(handler: H) -> Configured<H> {
    Configured {
        options: handler.options(),
        handler,
    }
}

impl<F, Fut, I, S, R> Handler<I, S> for F
where
    F: Fn(I, Context<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: HandlerOutput> + Future<Output = Result<R, Failure>> + Send,
{
    type Reply = R;

    fn call(&self, item: I, cx: Context<S>) -> impl Future<Output = Result<R, Failure>> + Send {
        self(item, cx)
    }
}
