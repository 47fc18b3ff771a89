//! The router: registration, and the service that `lambda_runtime` calls.

use super::hooks::Hooks;
use super::route::{ReplyFuture, Route};
use super::table::{Arrived, RouteTable, RoutedSource};
use crate::batch::{Batch, Windowed};
use crate::deadlines;
use crate::error::Error;
use crate::event::durable::Execution;
use crate::event::{Event, FromRecord, OwnItem, Typed};
use crate::handler::{
    Call, CallerContext, DeadLetter, Dispatch, EnvelopeLimits, ExecutionClient, Handler, Invocation, Payload,
    Reply, Sink,
};
use crate::source::{Embedded, Source, detect, source_of};
use crate::telemetry::{self, Metrics};
use aws_lambda_events::dynamodb;
use aws_lambda_events::kinesis::KinesisEvent;
use bytes::Bytes;
use chrono::Utc;
use lambda_runtime::{LambdaEvent, Service};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::task::{self, Poll};

/// One handler per event source, and the state that they share.
///
/// Pass it to [`switchboard::run`](crate::run), or use it as a service of `lambda_runtime`: it accepts [`LambdaEvent`]s
/// of [`Payload`]s. An event of a source without a handler fails the invocation with `UnroutedEvent`.
///
/// # Example
///
/// ```
/// use aws_lambda_events::s3::S3EventRecord;
/// use switchboard::{Context, Failure, Router};
///
/// #[derive(Clone)]
/// struct App {
///     bucket: String,
/// }
///
/// async fn on_object(record: S3EventRecord, cx: Context<App>) -> Result<(), Failure> {
///     if record.s3.bucket.name.as_deref() != Some(&cx.state().bucket) {
///         return Err(Failure::msg("an object of another bucket"));
///     }
///     Ok(())
/// }
///
/// let router = Router::new(App { bucket: "uploads".to_owned() }).s3(on_object);
/// # let _ = router;
/// ```
pub struct Router<S> {
    pub(super) state: S,
    pub(super) table: Arc<RouteTable<S>>,
}

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// A router without routes. Handlers get `state` from [`Context::state`](crate::Context::state). It is cloned once
    /// per invocation, so wrap it in an `Arc` if cloning is expensive.
    #[must_use]
    pub fn new(state: S) -> Self {
        Self {
            state,
            table: Arc::default(),
        }
    }

    /// Handles any event that implements [`Event`]: `router.on::<SqsEvent>(on_message)`, say. With the features `ses`,
    /// `sns` and `sqs` the events of these sources implement it; for another source it takes a few lines.
    #[must_use]
    pub fn on<E: Event>(self, handler: impl Handler<E::Item, S, Reply: Into<E::Reply>>) -> Self {
        self.route(Route::event::<OwnItem<E>, _>(handler))
    }

    /// Handles any event like [`Router::on`], with a handler that asks for what can be read from its records
    /// ([`FromRecord`](crate::event::FromRecord)): `router.on_record::<Alarms, _>(on_alarm)`, for an event of your own. The
    /// stock sources have methods that need no types: [`Router::kinesis`], `Router::sqs`, …
    #[must_use]
    pub fn on_record<E, T>(self, handler: impl Handler<T, S, Reply: Into<E::Reply>>) -> Self
    where
        E: Event,
        T: FromRecord<E>,
    {
        self.route(Route::event::<Typed<E, T>, _>(handler))
    }

    /// Handles payloads of your own: what a state machine of Step Functions passes to a task, an EventBridge Scheduler input, what
    /// an SDK invokes the function with, the arguments of an agent's tool. The payload is read as the handler's own argument
    /// type, and the handler's reply is the answer, as JSON.
    ///
    /// The handler gets payloads that come from no known event source. With several handlers, [`Handler::when`] says which
    /// takes what, by a field or by the tool's name. A payload that does not fit its type fails the
    /// invocation with the JSON path of what does not fit. A failure is the caller's error: [`Failure::named`](crate::Failure::named)
    /// gives it a name to catch it by.
    ///
    /// A payload inside an envelope, such as the body of a message, never comes here.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use switchboard::when::field;
    /// use switchboard::{Context, Failure, Handler, Router};
    ///
    /// #[derive(Deserialize)]
    /// struct Charge {
    ///     cents: u32,
    /// }
    ///
    /// #[derive(Serialize)]
    /// struct Receipt {
    ///     payment: String,
    /// }
    ///
    /// async fn charge(task: Charge, _cx: Context<()>) -> Result<Receipt, Failure> {
    ///     if task.cents > 100_000 {
    ///         // `"ErrorEquals": ["CardDeclined"]` in the state machine.
    ///         return Err(Failure::named("CardDeclined"));
    ///     }
    ///     Ok(Receipt { payment: "p-17".to_owned() })
    /// }
    ///
    /// async fn refund(task: Charge, _cx: Context<()>) -> Result<(), Failure> {
    ///     tracing::info!(task.cents, "refunded");
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(())
    ///     .direct::<Charge>(charge.when(field("task").is("charge")))
    ///     .direct::<Charge>(refund.when(field("task").is("refund")));
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn direct<T>(self, handler: impl Handler<T, S, Reply: Serialize + Send + 'static>) -> Self
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.route(Route::direct::<T, _>(handler))
    }

    /// Handles every payload that no handler of [`Router::direct`] takes, as raw bytes. The payload comes from no known event
    /// source, and need not be JSON. The handler's reply is the answer, as JSON.
    ///
    /// An event of a known source without a handler does not come here. It fails the invocation with `UnroutedEvent`, so that its
    /// source delivers it again instead of counting it as done.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::{Context, Failure, Payload, Router};
    ///
    /// async fn other(payload: Payload, _cx: Context<()>) -> Result<usize, Failure> {
    ///     Ok(payload.into_bytes().len())
    /// }
    ///
    /// let router = Router::new(()).fallback(other);
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn fallback(self, handler: impl Handler<Payload, S, Reply: Serialize + Send + 'static>) -> Self {
        self.route(Route::fallback(handler))
    }

    /// Passes all records of a batch to the handler at once, for bulk writes. [`Batch`](crate::Batch) says how the
    /// handler reports each record. Order, deadline and reporting are those of [`Router::on`]. Records behind an
    /// unreadable record of their lane are not passed on. Records behind one that the handler fails are delivered
    /// again, even if the handler reports them as done.
    #[must_use]
    pub fn on_batch<E: Event>(self, handler: impl Handler<Batch<E::Item, E::Reply>, S, Reply = ()>) -> Self {
        self.route(Route::batch::<OwnItem<E>, _>(handler))
    }

    /// Passes all records of a batch to the handler at once, like [`Router::on_batch`], each as what the handler asks for.
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::kinesis::KinesisEvent;
    /// use serde::Deserialize;
    /// use switchboard::{Batch, Context, Failure, Json, Router};
    ///
    /// #[derive(Deserialize)]
    /// struct Click {
    ///     page: String,
    /// }
    ///
    /// async fn on_clicks(clicks: Batch<Json<Click>>, _cx: Context<()>) -> Result<(), Failure> {
    ///     tracing::info!(first = clicks.iter().next().map(|click| &*click.item.page), "clicks");
    ///     clicks.done();
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(()).on_record_batch::<KinesisEvent, _>(on_clicks);
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn on_record_batch<E, T>(self, handler: impl Handler<Batch<T, E::Reply>, S, Reply = ()>) -> Self
    where
        E: Event,
        T: FromRecord<E>,
    {
        self.route(Route::batch::<Typed<E, T>, _>(handler))
    }

    /// Folds the records of Kinesis tumbling windows into a state, one at a time whatever the handler's concurrency.
    /// See [`Windowed`](crate::Windowed).
    #[must_use]
    pub fn kinesis_window<I, T, H>(self, handler: H) -> Self
    where
        I: FromRecord<KinesisEvent>,
        T: Clone + Default + DeserializeOwned + Serialize + Send + 'static,
        H: Handler<Windowed<I, T>, S, Reply = T>,
    {
        self.route(Route::window::<Typed<KinesisEvent, I>, H, T>(
            &[Source::KinesisWindow],
            handler,
        ))
    }

    /// Folds the records of DynamoDB tumbling windows, like [`Router::kinesis_window`].
    #[must_use]
    pub fn dynamodb_window<I, T, H>(self, handler: H) -> Self
    where
        I: FromRecord<dynamodb::Event>,
        T: Clone + Default + DeserializeOwned + Serialize + Send + 'static,
        H: Handler<Windowed<I, T>, S, Reply = T>,
    {
        self.route(Route::window::<Typed<dynamodb::Event, I>, H, T>(
            &[Source::DynamodbWindow],
            handler,
        ))
    }

    /// Declares that the function is the *target* of its EventBridge Pipes: the answer names the failed records, and
    /// the pipe delivers only those again.
    ///
    /// A pipe calls its enrichment with the same events, and an event does not show which of the two received it. Call
    /// this only if the function is never an enrichment: an enrichment would pass the names of failed records to its
    /// target, as data. Without this call, one failed record fails the invocation, and the whole batch is delivered
    /// again.
    ///
    /// EventBridge User Guide, “Amazon EventBridge Pipes batching and concurrency”.
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::kinesis::KinesisEventRecord;
    /// use switchboard::{Context, Failure, Router};
    ///
    /// async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(()).kinesis(on_record).pipe_target();
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn pipe_target(mut self) -> Self {
        Arc::make_mut(&mut self.table).pipe_target = true;
        self
    }

    /// Enriches batches of EventBridge Pipes. The pipe's target receives what the handler returns for each record, as a
    /// list in the same order. A record whose value is `null` (`None`, say) is left out. If the list is empty, the
    /// target is not called.
    ///
    /// An enrichment has no partial answer: one failed record fails the invocation, and the whole batch is delivered
    /// again. If the *target* is to report failures, each value needs its record's id: `messageId` of a message,
    /// `eventID` of a stream record.
    ///
    /// Batches that do not come from Pipes go to the handler of [`Router::on`], if there is one.
    ///
    /// EventBridge User Guide, “Event enrichment in Amazon EventBridge Pipes”.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "sqs")] {
    /// use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
    /// use serde::Serialize;
    /// use switchboard::{Context, Failure, Router};
    ///
    /// #[derive(Serialize)]
    /// #[serde(rename_all = "camelCase")]
    /// struct Order {
    ///     message_id: Option<String>,
    ///     customer: String,
    /// }
    ///
    /// /// Orders without a customer do not reach the target.
    /// async fn customer(message: SqsMessage, _cx: Context<()>) -> Result<Option<Order>, Failure> {
    ///     let customer = message.body.filter(|body| !body.is_empty());
    ///     Ok(customer.map(|customer| Order { message_id: message.message_id, customer }))
    /// }
    ///
    /// let router = Router::new(()).enrichment::<SqsEvent, _>(customer);
    /// # let _ = router;
    /// # }
    /// ```
    #[must_use]
    pub fn enrichment<E: Event, R>(self, handler: impl Handler<E::Item, S, Reply = R>) -> Self
    where
        R: Serialize + Send + 'static,
    {
        self.route(Route::enrichment::<OwnItem<E>, _, R>(handler))
    }

    /// Sends rejected records ([`Failure::reject`](crate::Failure::reject)) to a sink: a queue, a table, a log of your
    /// own. A record counts as done when the sink has accepted it. If the sink fails, the record is delivered again.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::{DeadLetter, Router};
    ///
    /// let router = Router::new(()).dead_letters(|letter: DeadLetter| async move {
    ///     tracing::warn!(source = %letter.source, id = letter.id, reason = letter.reason, "rejected");
    ///     Ok::<_, std::io::Error>(())
    /// });
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn dead_letters<F, Fut, E>(mut self, sink: F) -> Self
    where
        F: Fn(DeadLetter) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Arc::make_mut(&mut self.table).sink = Some(Sink::new(sink));
        self
    }

    /// Limits how far [`Unwrap`](crate::Unwrap) and [`Context::dispatch`](crate::Context::dispatch) open envelopes.
    #[must_use]
    pub fn envelope_limits(mut self, limits: EnvelopeLimits) -> Self {
        Arc::make_mut(&mut self.table).limits = limits;
        self
    }

    /// Asks Lambda about durable executions with a client of the application, such as that of `aws-sdk-lambda`: for events
    /// that do not fit into their envelopes, and to save answers that do not. Without a client such executions fail, with
    /// `DisplacedInput` and `ReplyTooLarge`. A call that fails fails the invocation (`ExecutionClientFailed`), and Lambda
    /// invokes the function again for the same execution.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::{ExecutionClient, LargeResult, Router, StatePage};
    ///
    /// struct Client; // with an `aws_sdk_lambda::Client`
    ///
    /// impl ExecutionClient for Client {
    ///     type Error = std::io::Error;
    ///
    ///     async fn input(&self, page: StatePage) -> Result<Option<String>, Self::Error> {
    ///         // self.0.get_durable_execution_state().durable_execution_arn(page.execution_arn)
    ///         //     .checkpoint_token(page.checkpoint_token).marker(page.marker).send().await?
    /// #       let _ = page;
    ///         Ok(None)
    ///     }
    ///
    ///     async fn succeed(&self, result: LargeResult) -> Result<(), Self::Error> {
    ///         // self.0.checkpoint_durable_execution().durable_execution_arn(result.execution_arn)
    ///         //     .checkpoint_token(result.checkpoint_token).updates(update).send().await?;
    /// #       let _ = result;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let router = Router::new(()).execution_client(Client);
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn execution_client(mut self, client: impl ExecutionClient) -> Self {
        Arc::make_mut(&mut self.table).executions = Some(Arc::new(client));
        self
    }

    pub(super) fn hooks_mut(&mut self) -> &mut Hooks<S> {
        &mut Arc::make_mut(&mut self.table).hooks
    }

    /// The state, and the hooks to run on it at the start and the end of the process.
    pub(crate) fn lifecycle(&self) -> (S, Hooks<S>) {
        (self.state.clone(), self.table.hooks.clone())
    }

    /// Whether a handler is registered for the source.
    pub(super) fn serves(&self, source: Source) -> bool {
        self.table.handlers(source) > 0
    }

    pub(super) fn route(mut self, route: Route<S>) -> Self {
        Arc::make_mut(&mut self.table).routes.push(route);
        self
    }
}

impl<S> Router<S> {
    /// Each routed source and the name of its handler, in the order of registration.
    pub fn routes(&self) -> impl Iterator<Item = (Source, &str)> {
        self.described().map(|routed| (routed.source, routed.handler))
    }

    /// The same with all that is said of them.
    pub(crate) fn described(&self) -> impl Iterator<Item = RoutedSource<'_>> {
        self.table.described()
    }

    /// Fails if a handler can never get an event.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.table.check()
    }

    /// Says which handlers reject records although there is no dead-letter sink.
    pub(crate) fn warn_sinkless(&self) {
        self.table.warn_sinkless();
    }
}

impl<S: Clone> Clone for Router<S> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            table: Arc::clone(&self.table),
        }
    }
}

/// Shows the routes, but not the state, because it does not belong in logs.
impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("routes", &self.table.routes)
            .finish_non_exhaustive()
    }
}

impl<S> Service<LambdaEvent<Payload>> for Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    type Response = Reply;
    type Error = Error;
    type Future = ReplyFuture;

    fn poll_ready(&mut self, _cx: &mut task::Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, event: LambdaEvent<Payload>) -> Self::Future {
        let LambdaEvent { payload, context } = event;
        let (payload, sent) = payload.into_parts();
        let source = source_of(&payload);
        let delivered = DeliveredEvent {
            source,
            payload,
            lambda: context,
            sent,
            #[cfg(feature = "durable")]
            envelope: None,
            execution: None,
        };
        match source.embedded() == Embedded::Input && !self.serves(source) {
            true => self.open_envelope(delivered),
            false => self.pass_on(delivered),
        }
    }
}

/// What the function was invoked with, or what was in the envelope of a durable execution.
pub(super) struct DeliveredEvent {
    pub(super) source: Source,
    pub(super) payload: Bytes,
    pub(super) lambda: lambda_runtime::Context,
    pub(super) sent: Option<Arc<CallerContext>>,
    /// What it came in, if the function is durable.
    #[cfg(feature = "durable")]
    pub(super) envelope: Option<Bytes>,
    pub(super) execution: Option<Arc<Execution>>,
}

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Passes the event to the handler of its source.
    pub(super) fn pass_on(&self, event: DeliveredEvent) -> ReplyFuture {
        let DeliveredEvent {
            source,
            payload,
            lambda,
            sent,
            #[cfg(feature = "durable")]
            envelope,
            execution,
        } = event;
        let source = match self.table.is_tool_call(sent.as_deref()) {
            true => Source::Unknown,
            false => source,
        };
        telemetry::detected(source, &payload);
        let arrived = Arrived {
            source,
            payload: &payload,
            sent: sent.as_deref(),
        };
        let Some(route) = self.table.entry(&arrived) else {
            let routed = self.routes().map(|(source, _)| source).collect();
            telemetry::unrouted(source);
            let error = Error::unrouted(detect(&payload), routed, self.table.handlers(source));
            return Box::pin(ready(Err(error)));
        };
        let now = Utc::now();
        let invocation = Invocation {
            source,
            ends: deadlines::instant(lambda.deadline, now),
            lambda,
            sent,
            execution,
            received: self.table.received(now),
            state: self.state.clone(),
            router: Arc::clone(&self.table) as Arc<dyn Dispatch<S>>,
            metrics: Metrics::of(source),
            depth: 0,
            unpacked: 0,
            failures_logged: Arc::default(),
            #[cfg(feature = "durable")]
            durable: None,
        };
        #[cfg(feature = "durable")]
        if let (Some(engine), Some(envelope)) = (route.durable.engine.clone(), envelope) {
            let call = super::durably::DurableCall {
                envelope,
                payload,
                invocation,
            };
            return super::durably::run(&engine, route.into_owned(), call);
        }
        let invocation = Arc::new(invocation);
        route.call(Call { payload, invocation })
    }
}
