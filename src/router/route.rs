//! A registered handler with its types erased: the one place where a route is boxed.

use super::context::Invocation;
use super::dead_letter::Sink;
use super::{Handler, Reply};
use crate::batch;
use crate::error::Error;
use crate::event::Event;
use crate::source::Source;
use bytes::Bytes;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// An invocation's answer to come.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send>>;

type Serve<S> = Box<dyn Fn(Call<S>) -> Answer + Send + Sync>;

/// What a route is called with.
pub(crate) struct Call<S> {
    pub(crate) payload: Bytes,
    pub(crate) state: S,
    pub(crate) invocation: Arc<Invocation>,
    pub(crate) sink: Option<Sink>,
}

/// Serves one or more sources.
pub(crate) struct Route<S> {
    pub(crate) sources: &'static [Source],
    pub(crate) handler: &'static str,
    serve: Serve<S>,
}

impl<S> Route<S> {
    pub(crate) fn new<F, Fut>(sources: &'static [Source], handler: &'static str, serve: F) -> Self
    where
        F: Fn(Call<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply, Error>> + Send + 'static,
    {
        Self {
            sources,
            handler,
            serve: Box::new(move |call| Box::pin(serve(call))),
        }
    }

    /// A route by the event's own contract.
    pub(crate) fn event<E, H>(handler: H) -> Self
    where
        E: Event,
        H: Handler<E::Item, S, Reply = E::Reply>,
        S: Clone + Send + Sync + 'static,
    {
        let handler = Arc::new(handler);
        Self::new(E::SOURCES, std::any::type_name::<H>(), move |call| {
            let handler = Arc::clone(&handler);
            async move { batch::deliver::<E, H, S>(call, &handler).await }
        })
    }

    pub(crate) fn call(&self, call: Call<S>) -> Answer {
        (self.serve)(call)
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
