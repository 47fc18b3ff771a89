//! The span of a record: a child of its batch's span, linked to the record's sender.

use super::super::scope::Scope;
use super::convention::{SpanTrigger, record_attributes};
use super::running::fail;
use crate::source::Source;
use futures_util::future::Either;
use opentelemetry::trace::{FutureExt as _, Link, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_semantic_conventions::attribute as name;
use std::fmt;
use std::future::Future;

/// A record's span; `None` unless the invocation's span is sampled. It ends when it is dropped.
pub(crate) struct RecordSpan(Option<Context>);

impl RecordSpan {
    /// For something that is not a record of a batch.
    pub(crate) const NONE: Self = Self(None);

    /// A child of the current span. The id is looked up only if the span is sampled.
    pub(crate) fn start(source: Source, record: &[u8], id: impl FnOnce() -> Option<String>) -> Self {
        if !Context::map_current(|cx| cx.span().is_recording()) {
            return Self::NONE;
        }
        let Some(scope) = Scope::current() else {
            return Self::NONE;
        };
        let Some(running) = scope.trace.running() else {
            return Self::NONE;
        };
        let trigger = SpanTrigger::of(source);
        let data = record_attributes(source, record);
        let mut attributes = data.attributes;
        let id = match trigger {
            SpanTrigger::Pubsub(_) => id(),
            _ => None,
        };
        attributes.extend(id.map(|id| KeyValue::new(name::MESSAGING_MESSAGE_ID, id)));
        let destination = data.destination.as_deref().unwrap_or(source.as_str());
        let tracer = &running.pipeline.tracer;
        let builder = tracer
            .span_builder(format!("process {destination}"))
            .with_kind(trigger.record_kind())
            .with_attributes(attributes)
            .with_links(data.contexts.into_iter().map(Link::with_context).collect());
        Self(Some(Context::current_with_span(tracer.build(builder))))
    }

    /// Runs the future with this span as the current one.
    pub(crate) fn around<F: Future>(&self, future: F) -> impl Future<Output = F::Output> {
        match &self.0 {
            Some(cx) => Either::Left(after_a_breath(future).with_context(cx.clone())),
            None => Either::Right(future),
        }
    }

    /// The record was not handled.
    pub(crate) fn failed(&self, error_type: &'static str, failure: &dyn fmt::Display) {
        let Some(cx) = &self.0 else { return };
        fail(&cx.span(), error_type, failure.to_string());
    }
}

impl Drop for RecordSpan {
    fn drop(&mut self) {
        if let Some(cx) = &self.0 {
            cx.span().end();
        }
    }
}

/// Handlers that never wait leave no time for sending spans. If many spans are waiting, this yields once.
async fn after_a_breath<F: Future>(future: F) -> F::Output {
    let full = Scope::current().is_some_and(|scope| {
        let open = scope.trace.running().and_then(|running| running.open.as_ref());
        open.is_some_and(|open| open.is_full())
    });
    if full {
        tokio::task::yield_now().await;
    }
    future.await
}
