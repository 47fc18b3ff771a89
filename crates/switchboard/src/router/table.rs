//! The contents of a router: its routes, the dead-letter sink, the limits for envelopes, the hooks.

use super::by_record::by_record;
use super::hooks::Hooks;
use super::route::Route;
use crate::handler::{AnyExecutionClient, CallerContext, EnvelopeLimits, Sink, SinklessSources, When};
use crate::source::{Source, is_bare, records};
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::sync::Arc;

/// What decides the route of an event.
pub(super) struct Arrived<'e> {
    pub(super) source: Source,
    pub(super) payload: &'e [u8],
    pub(super) sent: Option<&'e CallerContext>,
}

/// What a function says of a source that it handles.
pub(crate) struct RoutedSource<'r> {
    pub(crate) source: Source,
    pub(crate) handler: &'r str,
    pub(crate) when: Option<&'r When>,
    /// Whether it is said to take the rest.
    pub(crate) otherwise: bool,
    /// Whether its answers are sent while they are produced.
    pub(crate) streams: bool,
}

/// Shared by all clones of a router, and by its handlers' contexts.
pub(crate) struct RouteTable<S> {
    pub(super) routes: Vec<Route<S>>,
    pub(super) sink: Option<Sink>,
    pub(super) sinkless: SinklessSources,
    pub(super) limits: EnvelopeLimits,
    pub(super) executions: Option<Arc<dyn AnyExecutionClient>>,
    pub(super) hooks: Hooks<S>,
    pub(super) pipe_target: bool,
    #[cfg(feature = "testing")]
    pub(super) watch: Option<crate::handler::Watch>,
}

impl<S> RouteTable<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// The route of an event that the function was invoked with. A batch of EventBridge Pipes goes to the enrichment,
    /// if there is one.
    pub(super) fn entry(&self, event: &Arrived<'_>) -> Option<Cow<'_, Route<S>>> {
        let enrichment = is_bare(event.payload).then(|| self.find(event, true)).flatten();
        enrichment.or_else(|| self.find(event, false))
    }

    /// The route of an event inside an envelope. Enrichments do not count, because there is no pipe to use their reply. An
    /// unidentified payload is not an event here: an envelope may contain any text.
    pub(super) fn inside(&self, source: Source, payload: &[u8]) -> Option<Cow<'_, Route<S>>> {
        let event = Arrived {
            source,
            payload,
            sent: None,
        };
        self.find(&event, false).filter(|_| source != Source::Unknown)
    }

    /// The first route that takes the event, or else the fallback. If the records of a batch go to several routes, the
    /// route passes each to its own.
    fn find(&self, event: &Arrived<'_>, enriches: bool) -> Option<Cow<'_, Route<S>>> {
        let mut routes = self.of(event.source, enriches);
        if routes.any(|route| route.batch && route.when.is_some()) {
            return self.find_for_records(event, enriches);
        }
        let find = |fallback| {
            self.of(event.source, enriches)
                .find(|route| route.fallback == fallback && route.takes(event.payload, event.sent))
        };
        find(false).or_else(|| find(true)).map(Cow::Borrowed)
    }

    /// The route of a batch whose source has handlers with conditions. As a rule all records of a batch come from one queue or
    /// stream, so they have one route.
    fn find_for_records(&self, event: &Arrived<'_>, enriches: bool) -> Option<Cow<'_, Route<S>>> {
        let routes: Vec<&Route<S>> = self.of(event.source, enriches).collect();
        let of = |record: &[u8]| routes.iter().position(|route| route.takes(record, None));
        let mut records = records(event.payload).map_while(Result::ok);
        let Some(first) = records.next().map(of) else {
            return routes.first().map(|route| Cow::Borrowed(*route));
        };
        match first {
            Some(route) if records.all(|record| of(record) == first) => Some(Cow::Borrowed(routes[route])),
            _ => by_record(routes.into_iter().cloned().collect()).map(Cow::Owned),
        }
    }
}

impl<S> RouteTable<S> {
    pub(super) fn of(&self, source: Source, enriches: bool) -> impl Iterator<Item = &Route<S>> {
        let serves = move |route: &&Route<S>| route.enriches == enriches && route.sources.contains(&source);
        self.routes.iter().filter(serves)
    }

    /// How many handlers a source has; if an event is not routed, it meets the condition of none of them.
    pub(super) fn handlers(&self, source: Source) -> usize {
        self.of(source, false).count()
    }

    /// Whether an agent calls a tool, and handlers are registered for tools. The payload is then the tool's arguments, even if
    /// it looks like an event.
    pub(super) fn is_tool_call(&self, sent: Option<&CallerContext>) -> bool {
        let for_tools = |route: &Route<S>| route.when.as_ref().is_some_and(When::names_tool);
        sent.is_some_and(|sent| self.routes.iter().any(for_tools) && sent.tool().is_some())
    }

    /// When an event that arrives now counts as received.
    #[cfg(not(feature = "testing"))]
    pub(super) fn received(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now
    }

    /// The same; the clock of a test may stand still.
    #[cfg(feature = "testing")]
    pub(super) fn received(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.watch.as_ref().map_or(now, |watch| watch.received)
    }

    /// Each source of each route, in the order of registration.
    pub(super) fn described(&self) -> impl Iterator<Item = RoutedSource<'_>> {
        self.routes.iter().flat_map(|route| {
            let of = move |source: &Source| RoutedSource {
                source: *source,
                handler: &route.handler,
                when: route.when.as_ref(),
                otherwise: route.rest.is_some(),
                streams: route.streams.contains(source),
            };
            route.sources.iter().map(of)
        })
    }
}

impl<S> Default for RouteTable<S> {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            sink: None,
            sinkless: SinklessSources::default(),
            limits: EnvelopeLimits::default(),
            executions: None,
            hooks: Hooks::default(),
            pipe_target: false,
            #[cfg(feature = "testing")]
            watch: None,
        }
    }
}

impl<S> Clone for RouteTable<S> {
    fn clone(&self) -> Self {
        Self {
            routes: self.routes.clone(),
            sink: self.sink.clone(),
            // A router is cloned by itself only while it is put together.
            sinkless: SinklessSources::default(),
            limits: self.limits,
            executions: self.executions.clone(),
            hooks: self.hooks.clone(),
            pipe_target: self.pipe_target,
            #[cfg(feature = "testing")]
            watch: self.watch.clone(),
        }
    }
}
