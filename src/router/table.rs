//! What a router knows: its routes, where rejected records go, how far envelopes are opened, its hooks.

use super::{EnvelopeLimits, Hooks, Route, Sink};
use crate::source::Source;

/// Shared by all clones of a router, and by its handlers' contexts.
pub(crate) struct Table<S> {
    pub(super) routes: Vec<Route<S>>,
    pub(crate) sink: Option<Sink>,
    pub(super) limits: EnvelopeLimits,
    pub(super) hooks: Hooks<S>,
}

impl<S> Table<S> {
    pub(super) fn route(&self, source: Source) -> Option<&Route<S>> {
        self.routes.iter().find(|route| route.sources.contains(&source))
    }

    /// The same for what stands in an envelope, where any text may stand: what cannot be told is not an event there.
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

impl<S> Default for Table<S> {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            sink: None,
            limits: EnvelopeLimits::default(),
            hooks: Hooks::default(),
        }
    }
}

impl<S> Clone for Table<S> {
    fn clone(&self) -> Self {
        Self {
            routes: self.routes.clone(),
            sink: self.sink.clone(),
            limits: self.limits,
            hooks: self.hooks.clone(),
        }
    }
}
