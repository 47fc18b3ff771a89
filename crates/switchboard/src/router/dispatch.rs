//! Dispatches events inside records to the handler registered for *their* source.

use super::route::Route;
use super::table::RouteTable;
use crate::bounds::{Bounds, RaiseMemory};
use crate::error::Error;
#[cfg(feature = "envelopes")]
use crate::handler::EnvelopeLimits;
use crate::handler::{Call, Context, Dispatch, Dispatched, Failure, Invocation, Reply, Sink};
use crate::source::{Source, detect, source_of};
use crate::telemetry::{self, Metrics};
use bytes::Bytes;
use std::sync::Arc;

impl<S> Dispatch<S> for RouteTable<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn dispatch<'a>(&'a self, cx: &'a Context<S>, event: Bytes) -> Dispatched<'a> {
        Box::pin(async move {
            let (payload, outer) = (event, &cx.invocation);
            let source = source_of(&payload);
            let Some(route) = self.inside(source, &payload) else {
                let routed = self.described().map(|routed| routed.source);
                let routed = routed.filter(|source| *source != Source::Unknown).collect();
                telemetry::unrouted(source);
                return Err(Error::unrouted(detect(&payload), routed, self.handlers(source)).into());
            };
            self.admit(outer.depth, source, &route)?;
            let unpacked = outer.unpacked + payload.len();
            within_bounds(source, unpacked)?;
            let inner = Invocation {
                source,
                lambda: outer.lambda.clone(),
                sent: outer.sent.clone(),
                execution: outer.execution.clone(),
                #[cfg(feature = "durable")]
                durable: None,
                received: outer.received,
                ends: outer.ends,
                state: outer.state.clone(),
                router: Arc::clone(&outer.router),
                metrics: Metrics::of(source),
                depth: outer.depth + 1,
                unpacked,
                failures_logged: Arc::clone(&outer.failures_logged),
            };
            let answer = route.call(Call {
                payload,
                invocation: Arc::new(inner),
            });
            whole(source, &answer.await?)
        })
    }

    #[cfg(feature = "envelopes")]
    fn takes(&self, event: &[u8]) -> bool {
        let route = self.inside(source_of(event), event);
        route.is_some_and(|route| !route.replies)
    }

    #[cfg(feature = "envelopes")]
    fn limits(&self) -> EnvelopeLimits {
        self.limits
    }

    fn sink(&self) -> Option<&Sink> {
        self.sink.as_ref()
    }

    fn note_sinkless(&self, source: Source) -> bool {
        self.sinkless.note(source)
    }

    fn is_pipe_target(&self) -> bool {
        self.pipe_target
    }

    #[cfg(feature = "testing")]
    fn watch(&self) -> Option<&crate::handler::Watch> {
        self.watch.as_ref()
    }
}

impl<S> RouteTable<S> {
    fn admit(&self, depth: usize, source: Source, route: &Route<S>) -> Result<(), Failure> {
        let most = self.limits.nesting;
        if depth >= most {
            return Err(Failure::msg(format!(
                "an event of {source} in more than {most} envelopes: raise `EnvelopeLimits::nesting` if that is meant"
            )));
        }
        if route.replies {
            return Err(Failure::msg(format!(
                "an event of {source} in an envelope: its handler's answer would not reach its sender"
            )));
        }
        Ok(())
    }
}

/// Whether the events inside each other leave enough memory to process them.
fn within_bounds(source: Source, unpacked: usize) -> Result<(), Failure> {
    let most = Bounds::of_process().unpacked();
    match unpacked <= most {
        true => Ok(()),
        false => Err(Failure::msg(format!(
            "an event of {source} in an envelope: together with the events around it, it takes {unpacked} bytes, more than {most}; {RaiseMemory}"
        ))),
    }
}

/// With a partial answer, the record around the event is not done.
fn whole(source: Source, reply: &Reply) -> Result<(), Failure> {
    if reply.is_partial() {
        return Err(Failure::msg(format!(
            "{source}: the event in this envelope must be delivered again"
        )));
    }
    Ok(())
}
