//! Several handlers for the records of one source: each record of a batch goes to the first whose condition it meets.

use super::route::{ReplyFuture, Route};
use crate::batch::{self, reading};
use crate::event::{Asked, Event, Mended, Typed, Unread};
use crate::handler::{Call, Context, Failure, Handler, Options};
use crate::panics;
use std::any::{Any, TypeId, type_name};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A reply to one record, as its event's `Reply`.
type RecordReply = Result<Box<dyn Any + Send>, Failure>;

type RecordFuture = Pin<Box<dyn Future<Output = RecordReply> + Send>>;

/// A handler of single records, to be called with a record that has not been read.
pub(super) struct RecordHandler<S> {
    options: Options,
    event: TypeId,
    event_name: &'static str,
    call: Box<dyn Fn(Context<S>) -> RecordFuture + Send + Sync>,
    deliver: fn(Call<S>, Vec<Route<S>>, Options) -> ReplyFuture,
}

impl<S> RecordHandler<S>
where
    S: Clone + Send + Sync + 'static,
{
    pub(super) fn of<A, H>(shared: Arc<(Options, H)>) -> Self
    where
        A: Asked,
        H: Handler<A::Item, S, Reply = <A::Event as Event>::Reply>,
    {
        // The handlers of other records do not count towards this handler's own concurrency.
        let turns = Arc::new(Semaphore::new(turns(&shared.0)));
        Self {
            options: shared.0.clone(),
            event: TypeId::of::<A::Event>(),
            event_name: type_name::<A::Event>(),
            call: Box::new(move |cx| {
                let (shared, turns) = (Arc::clone(&shared), Arc::clone(&turns));
                Box::pin(async move {
                    // It is never closed.
                    let _turn = turns.acquire().await;
                    call::<A, H, S>(&shared.0, &shared.1, cx).await
                })
            }),
            deliver: |call, routes, options| {
                let handler = ByRecord::<A::Event, S> {
                    routes,
                    event: PhantomData,
                };
                #[cfg(feature = "durable")]
                if options.durable.is_some() {
                    let shared = Arc::new((options, handler));
                    return Box::pin(batch::deliver_durably::<Typed<A::Event, Unread>, _, S>(
                        call, shared,
                    ));
                }
                Box::pin(async move {
                    batch::deliver_records::<Typed<A::Event, Unread>, _, S>(call, &options, &handler).await
                })
            },
        }
    }
}

impl<S> RecordHandler<S> {
    /// Whether both handle records of the same event.
    ///
    /// # Errors
    /// What is wrong with this handler.
    pub(super) fn joins(&self, other: &Self) -> Result<(), String> {
        match self.event == other.event {
            true => Ok(()),
            false => Err(format!(
                "is registered for `{}`, and another handler of its source for `{}`: register both for the same",
                self.event_name, other.event_name
            )),
        }
    }
}

/// How many records a handler gets at once. Those of a durable handler wait side by side.
fn turns(options: &Options) -> usize {
    #[cfg(feature = "durable")]
    if options.durable.is_some() {
        return Semaphore::MAX_PERMITS;
    }
    options.concurrency.max(1)
}

/// Reads the record and calls the handler, as its options say.
async fn call<A, H, S>(options: &Options, handler: &H, cx: Context<S>) -> RecordReply
where
    A: Asked,
    H: Handler<A::Item, S, Reply = <A::Event as Event>::Reply>,
    S: Send + Sync + 'static,
{
    let read = reading(|| A::read(cx.raw(), cx.received()));
    let read = read.and_then(|read| read.map_err(Failure::from));
    let Mended { item, filled } = read.map_err(|failure| options.unreadable.judge(failure))?;
    let cx = cx.with_filled(filled);
    let handling = pin!(async { handler.call(*item, cx).await });
    match panics::catching(handling).await {
        Ok(Ok(reply)) => Ok(Box::new(reply)),
        Ok(Err(failure)) => Err(options.judge(failure)),
        Err(panic) => Err(options.panic.judge(Failure::panicked("the handler", panic))),
    }
}

/// The handlers of one batch's records.
struct ByRecord<E, S> {
    routes: Vec<Route<S>>,
    event: PhantomData<fn() -> E>,
}

impl<E, S> Handler<Unread, S> for ByRecord<E, S>
where
    E: Event,
    S: Clone + Send + Sync + 'static,
{
    type Reply = E::Reply;

    async fn call(&self, _: Unread, cx: Context<S>) -> Result<E::Reply, Failure> {
        let mut routes = self.routes.iter();
        let Some(handler) = routes
            .find(|route| route.takes(cx.raw(), None))
            .and_then(|route| route.record.as_ref())
        else {
            return Err(Failure::named("UnroutedEvent").because(format!(
                "no handler for this record: it meets the condition of none of the {} handlers of {}; take the rest by another one \
                 after them, with `.otherwise()`",
                self.routes.len(),
                cx.source()
            )));
        };
        let reply = (handler.call)(cx).await?;
        let reply = reply.downcast::<E::Reply>();
        Ok(*reply.expect("the routes of a source are for one event, which is checked at start"))
    }
}

/// One handler of all the records of a batch, each by its own route.
pub(super) fn by_record<S>(routes: Vec<Route<S>>) -> Option<Route<S>>
where
    S: Clone + Send + Sync + 'static,
{
    let first = routes.first()?.clone();
    let deliver = first.record.as_ref()?.deliver;
    let options = joined(routes.iter().filter_map(|route| route.record.as_deref()))?;
    #[cfg(feature = "durable")]
    let first = first.running_in(&options);
    Some(first.serving(move |call| deliver(call, routes.clone(), options.clone())))
}

/// How the batch is run: as wide as the widest handler, and with the most cautious margin.
fn joined<'r, S: 'r>(handlers: impl Iterator<Item = &'r RecordHandler<S>>) -> Option<Options> {
    handlers
        .map(|handler| handler.options.clone())
        .reduce(|all, other| Options {
            concurrency: all.concurrency.max(other.concurrency),
            margin: all.margin.max(other.margin),
            #[cfg(feature = "durable")]
            durable: all.durable.or(other.durable),
            #[cfg(feature = "idempotency")]
            memo: all.memo.or(other.memo),
            // Each handler's failures are handled by its own options.
            ..Options::default()
        })
}
