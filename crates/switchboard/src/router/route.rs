//! A registered handler with its types erased: the one place where a route is boxed.

use super::answered::{ContractHandler, ItemsHandler};
use super::by_record::RecordHandler;
use super::check::check;
use crate::batch::{self, Batch, Windowed};
use crate::error::Error;
use crate::event::answered::{Answered, AnsweredItems, Contract, ContractOfItems};
use crate::event::direct::Direct;
use crate::event::{Asked, Delivery, Event, OwnItem};
use crate::handler::{
    ByteStream, Call, CallerContext, Context, Failure, Handler, Options, Payload, Reply, Rest, When,
};
use crate::source::Source;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

/// The future of an invocation's reply.
pub(crate) type ReplyFuture = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send>>;

type ServeFn<S> = Arc<dyn Fn(Call<S>) -> ReplyFuture + Send + Sync>;

/// Serves one or more sources.
pub(crate) struct Route<S> {
    pub(crate) sources: &'static [Source],
    pub(crate) handler: Cow<'static, str>,
    /// Whether the source uses the handler's reply. Such an event cannot come in an envelope.
    pub(crate) replies: bool,
    /// Whether it serves only batches of EventBridge Pipes, as their enrichment.
    pub(crate) enriches: bool,
    /// Which of its sources' events it takes; all without a condition.
    pub(super) when: Option<When>,
    /// Whether it is said to take what earlier routes do not take.
    pub(super) rest: Option<Rest>,
    /// Whether it rejects records whatever the handler says.
    pub(super) rejects: bool,
    /// Whether its events are batches of records.
    pub(super) batch: bool,
    /// Its handler, if that gets single records of a batch.
    pub(super) record: Option<Arc<RecordHandler<S>>>,
    /// What its handler runs in, if it is durable.
    #[cfg(feature = "durable")]
    pub(super) durable: super::durably::DurableRoute,
    /// Whether it takes the events that no other route takes.
    pub(super) fallback: bool,
    /// The sources whose answers it sends while they are produced.
    pub(super) streams: Vec<Source>,
    /// What an agent is told of it, if it is a tool.
    #[cfg(feature = "schemars")]
    pub(super) tool: Option<super::tool::Tool>,
    serve: ServeFn<S>,
}

/// What a reply is checked against.
struct ReplyCheck {
    source: Source,
    payload: Bytes,
}

impl ReplyCheck {
    fn by<S>(call: &Call<S>) -> Self {
        Self {
            source: call.invocation.source,
            payload: call.payload.clone(),
        }
    }

    fn check(&self, reply: Result<Reply, Error>) -> Result<Reply, Error> {
        let reply = reply?;
        check(self.source, &self.payload, &reply).map(|()| reply)
    }
}

impl<S> Route<S> {
    /// A route whose futures are boxed by their creator: a future that is created in its box is never moved into it.
    pub(crate) fn new<F>(
        sources: &'static [Source],
        handler: Cow<'static, str>,
        replies: bool,
        serve: F,
    ) -> Self
    where
        F: Fn(Call<S>) -> ReplyFuture + Send + Sync + 'static,
    {
        Self {
            sources,
            handler,
            replies,
            enriches: false,
            when: None,
            rest: None,
            rejects: false,
            batch: false,
            record: None,
            #[cfg(feature = "durable")]
            durable: super::durably::DurableRoute::default(),
            fallback: false,
            streams: Vec::new(),
            #[cfg(feature = "schemars")]
            tool: None,
            serve: Arc::new(serve),
        }
    }

    /// Says to which of its sources it sends answers while they are produced.
    pub(super) fn streaming(self, to: impl Fn(Source) -> bool) -> Self {
        let sources = self.sources.iter().copied();
        Self {
            streams: sources.filter(|source| to(*source)).collect(),
            ..self
        }
    }

    /// Restricts the route to the events that the handler's options say.
    fn optioned(self, options: &Options, batch: bool) -> Self {
        Self {
            when: options.when.clone(),
            rest: options.rest,
            rejects: options.rejects(),
            batch,
            #[cfg(feature = "durable")]
            durable: super::durably::DurableRoute::refused(options),
            ..self
        }
    }

    /// Runs in the durable executions of these options.
    #[cfg(feature = "durable")]
    pub(super) fn running_in(self, options: &Options) -> Self {
        let durable = super::durably::DurableRoute::of(options, false);
        Self { durable, ..self }
    }

    /// Restricts the route further.
    #[cfg(feature = "schemars")]
    pub(super) fn only(mut self, when: When) -> Self {
        self.when = Some(match self.when {
            Some(own) => own.and(when),
            None => when,
        });
        self
    }

    /// The same route for every event of its sources, served by this. Its replies are checked.
    pub(super) fn serving<F>(self, serve: F) -> Self
    where
        F: Fn(Call<S>) -> ReplyFuture + Send + Sync + 'static,
    {
        let serve = move |call: Call<S>| -> ReplyFuture {
            let asked = ReplyCheck::by(&call);
            let reply = serve(call);
            Box::pin(async move { asked.check(reply.await) })
        };
        Self {
            when: None,
            serve: Arc::new(serve),
            ..self
        }
    }

    /// Whether it takes every event that a route which is tried later could take.
    pub(super) fn hides(&self, later: &Self) -> bool {
        match (&self.when, &later.when) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(when), Some(narrower)) => when.covers(narrower),
        }
    }

    /// Whether it takes this event, which is of one of its sources.
    pub(super) fn takes(&self, payload: &[u8], sent: Option<&CallerContext>) -> bool {
        let meets = |when: &When| when.takes(payload, sent);
        self.when.as_ref().is_none_or(meets)
    }

    pub(crate) fn call(&self, call: Call<S>) -> ReplyFuture {
        (self.serve)(call)
    }
}

impl<S> Route<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// A route that follows the event's own contract.
    pub(crate) fn event<A, H>(handler: H) -> Self
    where
        A: Asked,
        H: Handler<A::Item, S, Reply: Into<<A::Event as Event>::Reply>>,
    {
        let name = handler.name();
        let shared = Arc::new((handler.options(), Replying::<A::Event, H>(handler, PhantomData)));
        let (options, by_record) = (shared.0.clone(), Arc::clone(&shared));
        let replies = TypeId::of::<<A::Event as Event>::Reply>() != TypeId::of::<()>();
        let route = Self::new(<A::Event as Event>::SOURCES, name, replies, move |call| {
            let (shared, asked) = (Arc::clone(&shared), ReplyCheck::by(&call));
            #[cfg(feature = "durable")]
            if shared.0.durable.is_some() {
                return Box::pin(async move {
                    asked.check(batch::deliver_durably::<A, _, S>(call, shared).await)
                });
            }
            // What an event has no use for is not compiled for it: that is most of the code of a source.
            if const { matches!(<A::Event as Event>::DELIVERY, Delivery::Whole) } {
                return Box::pin(async move {
                    asked.check(batch::deliver_whole::<A, _, S>(call, &shared.0, &shared.1).await)
                });
            }
            Box::pin(async move {
                asked.check(batch::deliver_records::<A, _, S>(call, &shared.0, &shared.1).await)
            })
        });
        if const { matches!(<A::Event as Event>::DELIVERY, Delivery::Whole) } {
            return Self {
                #[cfg(feature = "durable")]
                durable: super::durably::DurableRoute::of(&options, false),
                ..route.optioned(&options, false)
            };
        }
        Self {
            record: Some(Arc::new(RecordHandler::of::<A, _>(by_record))),
            #[cfg(feature = "durable")]
            durable: super::durably::DurableRoute::of(&options, replies),
            ..route.optioned(&options, true)
        }
    }

    /// A route that composes its source's answer of what the handler gives back. `when` restricts it besides the handler's own
    /// condition.
    pub(crate) fn answered<C, T, H>(handler: H, when: Option<When>) -> Self
    where
        C: Contract,
        T: DeserializeOwned + Send + 'static,
        H: Handler<T, S, Reply = C::Reply>,
    {
        Self::event::<OwnItem<Answered<C, T>>, _>(ContractHandler::<C, H>::new(handler, when))
    }

    /// The same for an event of several items, with one call of the handler for each.
    pub(crate) fn answered_items<C, H>(handler: H) -> Self
    where
        C: ContractOfItems,
        H: Handler<C::Item, S, Reply = C::Reply>,
    {
        Self::event::<OwnItem<AnsweredItems<C>>, _>(ItemsHandler::<C, H>::new(handler))
    }

    /// A route of payloads of the application's own type.
    pub(crate) fn direct<T, H>(handler: H) -> Self
    where
        T: DeserializeOwned + Send + 'static,
        H: Handler<T, S, Reply: Serialize + Send + 'static>,
    {
        Self::event::<OwnItem<Direct<T, H::Reply>>, H>(handler)
    }

    /// The same with answers that are sent while they are produced.
    pub(crate) fn direct_stream<T, H>(handler: H) -> Self
    where
        T: DeserializeOwned + Send + 'static,
        H: Handler<T, S, Reply: ByteStream>,
    {
        let name = handler.name();
        let shared = Arc::new((handler.options(), handler));
        let options = shared.0.clone();
        let route = Self::new(&[Source::Unknown], name, true, move |call| {
            let shared = Arc::clone(&shared);
            Box::pin(async move { batch::deliver_stream(call, &shared.0, &shared.1).await })
        });
        route.optioned(&options, false).streaming(|_| true)
    }

    /// A route of payloads that are not read.
    pub(crate) fn fallback<H>(handler: H) -> Self
    where
        H: Handler<Payload, S, Reply: Serialize + Send + 'static>,
    {
        let name = handler.name();
        let shared = Arc::new((handler.options(), handler));
        let options = shared.0.clone();
        let route = Self::new(&[Source::Unknown], name, true, move |call| {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let asked = ReplyCheck::by(&call);
                asked.check(batch::deliver_unread(call, &shared.0, &shared.1).await)
            })
        });
        Self {
            fallback: true,
            ..route.optioned(&options, false)
        }
    }

    /// A route that follows the event's own contract, and whose handler gets all records at once.
    pub(crate) fn batch<A, H>(handler: H) -> Self
    where
        A: Asked,
        H: Handler<Batch<A::Item, <A::Event as Event>::Reply>, S, Reply = ()>,
    {
        const {
            assert!(
                !matches!(<A::Event as Event>::DELIVERY, Delivery::Whole),
                "this event is not a batch of records"
            )
        };
        let name = handler.name();
        let shared = Arc::new((handler.options(), handler));
        let options = shared.0.clone();
        let replies = TypeId::of::<<A::Event as Event>::Reply>() != TypeId::of::<()>();
        let route = Self::new(<A::Event as Event>::SOURCES, name, replies, move |call| {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let asked = ReplyCheck::by(&call);
                asked.check(batch::deliver_batch::<A, H, S>(call, &shared.0, &shared.1).await)
            })
        });
        route.optioned(&options, true)
    }

    /// The route of a pipe's enrichment.
    pub(crate) fn enrichment<A, H, R>(handler: H) -> Self
    where
        A: Asked,
        H: Handler<A::Item, S, Reply = R>,
        R: Serialize + Send + 'static,
    {
        const {
            let batch = matches!(
                <A::Event as Event>::DELIVERY,
                Delivery::Queue | Delivery::Stream | Delivery::Partitions
            );
            assert!(batch, "EventBridge Pipes cannot read this source");
        };
        let name = handler.name();
        let shared = Arc::new((handler.options(), handler));
        let options = shared.0.clone();
        let route = Self::new(<A::Event as Event>::SOURCES, name, true, move |call| {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let asked = ReplyCheck::by(&call);
                asked.check(batch::deliver_enrichment::<A, H, S, R>(call, &shared.0, &shared.1).await)
            })
        });
        Self {
            enriches: true,
            ..route.optioned(&options, true)
        }
    }

    /// A route that folds the records of a tumbling window.
    pub(crate) fn window<A, H, T>(sources: &'static [Source], handler: H) -> Self
    where
        A: Asked,
        H: Handler<Windowed<A::Item, T>, S, Reply = T>,
        T: Clone + Default + DeserializeOwned + Serialize + Send + 'static,
    {
        let name = handler.name();
        let shared = Arc::new((handler.options(), handler));
        let options = shared.0.clone();
        let route = Self::new(sources, name, true, move |call| {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let asked = ReplyCheck::by(&call);
                asked.check(batch::deliver_window::<A, H, S, T>(call, &shared.0, &shared.1).await)
            })
        });
        route.optioned(&options, true)
    }
}

/// A handler whose answer is what its event replies with.
struct Replying<E, H>(H, PhantomData<fn() -> E>);

impl<E, H, I, S> Handler<I, S> for Replying<E, H>
where
    E: Event,
    H: Handler<I, S, Reply: Into<E::Reply>>,
    I: Send,
    S: Send + Sync,
{
    type Reply = E::Reply;

    async fn call(&self, item: I, cx: Context<S>) -> Result<E::Reply, Failure> {
        self.0.call(item, cx).await.map(Into::into)
    }

    fn name(&self) -> Cow<'static, str> {
        self.0.name()
    }

    fn options(&self) -> Options {
        self.0.options()
    }
}

impl<S> Clone for Route<S> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            when: self.when.clone(),
            record: self.record.clone(),
            #[cfg(feature = "durable")]
            durable: self.durable.clone(),
            streams: self.streams.clone(),
            #[cfg(feature = "schemars")]
            tool: self.tool.clone(),
            serve: Arc::clone(&self.serve),
            ..*self
        }
    }
}

impl<S> fmt::Debug for Route<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("sources", &self.sources)
            .field("handler", &self.handler)
            .finish()
    }
}
