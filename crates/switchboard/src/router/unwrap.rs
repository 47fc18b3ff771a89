//! A handler that opens AWS's own envelopes.

use crate::event::envelope::{Envelope, Inside};
use crate::handler::{Configured, Context, Failure, Handler, Options};
use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

/// A handler for records that hold events: it hands what is inside to the handler registered for *its* source. A failure
/// in there is the outer record's failure, and is reported by that record's id.
///
/// * an SQS message (feature `sqs`) holds an event in its `body`: of S3, of EventBridge, of whatever sends to queues; or a
///   notification of SNS, which goes to the handler of SNS if there is one and is opened further if not;
/// * an SNS notification (feature `sns`) holds an event in its `Message`;
/// * a Kinesis record's data holds an event, or records of the Kinesis Producer Library, each of which is handled as a
///   Kinesis record of its own, or a message of a CloudWatch Logs subscription (feature `cloudwatch_logs`), whose
///   `CONTROL_MESSAGE`s succeed by themselves.
///
/// [`Unwrap::or`] names the handler for records that hold nothing of the kind; without it they fail. A message of one's own
/// is of that sort, also where [`Source::Unknown`](crate::source::Source::Unknown) has a handler, and so is what looks like a
/// request (HTTP, Firehose, windows), whose answer nobody would get.
///
/// How far envelopes are opened is bounded, also by the function's memory:
/// [`Router::envelope_limits`](crate::Router::envelope_limits).
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

/// [`Unwrap`], and the handler of what holds no event; made by [`Unwrap::or`].
#[derive(Clone, Copy, Debug)]
pub struct UnwrapOr<H> {
    handler: H,
}

impl Unwrap {
    /// Handles records that hold no event of a routed source by `handler`.
    #[must_use]
    pub fn or<H>(self, handler: H) -> UnwrapOr<H> {
        UnwrapOr { handler }
    }

    /// As [`Handler::concurrency`].
    #[must_use]
    pub fn concurrency(self, lanes: usize) -> Configured<Self> {
        self.configured().concurrency(lanes)
    }

    /// As [`Handler::margin`].
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

impl<I, S> Handler<I, S> for Unwrap
where
    I: Envelope,
    S: Clone + Send + Sync + 'static,
{
    type Reply = ();

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("Unwrap")
    }

    async fn call(&self, item: I, cx: Context<S>) -> Result<(), Failure> {
        // Dispatching it says why it has no handler.
        let unrouted = |part: I, cx: Context<S>| async move { cx.dispatch(part.text()).await };
        open(item, cx, unrouted).await
    }
}

impl<H, I, S> Handler<I, S> for UnwrapOr<H>
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

/// Hands over what is inside, part by part: nothing later once one has failed, as in the record's own lane.
async fn open<I, S, F, Fut>(item: I, cx: Context<S>, otherwise: F) -> Result<(), Failure>
where
    I: Envelope,
    S: Clone + Send + Sync + 'static,
    F: Fn(I, Context<S>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<(), Failure>> + Send,
{
    let most = cx.invocation.router.limits().max_decompressed();
    // Made for the first record of an aggregate, which few records are.
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
