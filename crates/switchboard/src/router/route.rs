//! A registered handler with its types erased: the one place where a route is boxed.

use super::check::check;
use crate::batch::{self, Batch, Windowed};
use crate::error::Error;
use crate::event::{Delivery, Event};
use crate::handler::{Call, Handler, Reply};
use crate::source::Source;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
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
            serve: Arc::new(serve),
        }
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
    pub(crate) fn event<E, H>(handler: H) -> Self
    where
        E: Event,
        H: Handler<E::Item, S, Reply = E::Reply>,
    {
        let name = handler.name();
        let shared = Arc::new((handler.options(), handler));
        let replies = TypeId::of::<E::Reply>() != TypeId::of::<()>();
        Self::new(E::SOURCES, name, replies, move |call| {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let asked = ReplyCheck::by(&call);
                asked.check(batch::deliver::<E, H, S>(call, &shared.0, &shared.1).await)
            })
        })
    }

    /// A route that follows the event's own contract, and whose handler gets all records at once.
    pub(crate) fn batch<E, H>(handler: H) -> Self
    where
        E: Event,
        H: Handler<Batch<E::Item, E::Reply>, S, Reply = ()>,
    {
        const {
            assert!(
                !matches!(E::DELIVERY, Delivery::Whole),
                "this event is not a batch of records"
            )
        };
        let name = handler.name();
        let shared = Arc::new((handler.options(), handler));
        let replies = TypeId::of::<E::Reply>() != TypeId::of::<()>();
        Self::new(E::SOURCES, name, replies, move |call| {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let asked = ReplyCheck::by(&call);
                asked.check(batch::deliver_batch::<E, H, S>(call, &shared.0, &shared.1).await)
            })
        })
    }

    /// The route of a pipe's enrichment.
    pub(crate) fn enrichment<E, H, R>(handler: H) -> Self
    where
        E: Event,
        H: Handler<E::Item, S, Reply = R>,
        R: Serialize + Send + 'static,
    {
        const {
            let batch = matches!(
                E::DELIVERY,
                Delivery::Queue | Delivery::Stream | Delivery::Partitions
            );
            assert!(batch, "EventBridge Pipes cannot read this source");
        };
        let name = handler.name();
        let shared = Arc::new((handler.options(), handler));
        let route = Self::new(E::SOURCES, name, true, move |call| {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let asked = ReplyCheck::by(&call);
                asked.check(batch::deliver_enrichment::<E, H, S, R>(call, &shared.0, &shared.1).await)
            })
        });
        Self {
            enriches: true,
            ..route
        }
    }

    /// A route that folds the records of a tumbling window.
    pub(crate) fn window<E, H, T>(sources: &'static [Source], handler: H) -> Self
    where
        E: Event,
        H: Handler<Windowed<E::Item, T>, S, Reply = T>,
        T: Clone + Default + DeserializeOwned + Serialize + Send + 'static,
    {
        let name = handler.name();
        let shared = Arc::new((handler.options(), handler));
        Self::new(sources, name, true, move |call| {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let asked = ReplyCheck::by(&call);
                asked.check(batch::deliver_window::<E, H, S, T>(call, &shared.0, &shared.1).await)
            })
        })
    }
}

impl<S> Clone for Route<S> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
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
