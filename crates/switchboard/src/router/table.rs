//! The contents of a router: its routes, the dead-letter sink, the limits for envelopes, the hooks.

use super::hooks::Hooks;
use super::route::Route;
use crate::handler::{EnvelopeLimits, Sink};
use crate::source::{Source, is_bare};

/// Shared by all clones of a router, and by its handlers' contexts.
pub(crate) struct RouteTable<S> {
    pub(super) routes: Vec<Route<S>>,
    pub(super) sink: Option<Sink>,
    pub(super) limits: EnvelopeLimits,
    pub(super) hooks: Hooks<S>,
    pub(super) pipe_target: bool,
}

impl<S> RouteTable<S> {
    /// The route of an event inside an envelope. Enrichments do not count, because there is no pipe to use their reply.
    pub(super) fn route(&self, source: Source) -> Option<&Route<S>> {
        self.find(source, false)
    }

    /// The route of an event that the function was invoked with. A batch of EventBridge Pipes goes to the enrichment,
    /// if there is one.
    pub(super) fn entry(&self, source: Source, payload: &[u8]) -> Option<&Route<S>> {
        let enrichment = is_bare(payload).then(|| self.find(source, true)).flatten();
        enrichment.or_else(|| self.route(source))
    }

    fn find(&self, source: Source, enriches: bool) -> Option<&Route<S>> {
        let serves = |route: &&Route<S>| route.enriches == enriches && route.sources.contains(&source);
        self.routes.iter().find(serves)
    }

    /// The same inside an envelope. Any text may be there, so an event of an unknown source is not an event.
    pub(super) fn route_inside(&self, source: Source) -> Option<&Route<S>> {
        self.route(source).filter(|_| source != Source::Unknown)
    }

    /// Each routed source and the name of its handler, in the order of registration.
    pub(super) fn sources(&self) -> impl Iterator<Item = (Source, &str)> {
        self.routes
            .iter()
            .flat_map(|route| route.sources.iter().map(|source| (*source, &*route.handler)))
    }
}

impl<S> Default for RouteTable<S> {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            sink: None,
            limits: EnvelopeLimits::default(),
            hooks: Hooks::default(),
            pipe_target: false,
        }
    }
}

impl<S> Clone for RouteTable<S> {
    fn clone(&self) -> Self {
        Self {
            routes: self.routes.clone(),
            sink: self.sink.clone(),
            limits: self.limits,
            hooks: self.hooks.clone(),
            pipe_target: self.pipe_target,
        }
    }
}
