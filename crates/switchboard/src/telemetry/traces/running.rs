//! A running invocation: what its answer and its batch add to its span, and how it ends.

use super::super::BoxFuture;
use super::super::scope::Scope;
use super::convention::{SpanTrigger, record_attributes};
use super::finished::OpenTrace;
use super::pipeline::Pipeline;
use crate::error::Error;
use crate::source::Source;
use bytes::Bytes;
use opentelemetry::trace::{SpanContext, SpanRef, Status, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_semantic_conventions::attribute as name;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// An invocation whose span has been created.
pub(super) struct Running {
    pub(super) pipeline: Arc<Pipeline>,
    /// The context in which the invocation's span is current.
    pub(super) cx: Context,
    /// `None` if the span is not sampled.
    pub(super) open: Option<OpenTrace>,
    answered: AtomicBool,
    panicked: AtomicBool,
}

impl Running {
    pub(super) fn new(pipeline: Arc<Pipeline>, cx: Context, open: Option<OpenTrace>) -> Self {
        Self {
            pipeline,
            cx,
            open,
            answered: AtomicBool::new(false),
            panicked: AtomicBool::new(false),
        }
    }

    fn is_recording(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn span(&self) -> SpanRef<'_> {
        self.cx.span()
    }

    fn answered<T>(&self, reply: &Result<T, Error>, status: fn(&T) -> Option<u16>) {
        self.answered.store(true, Ordering::Release);
        let span = self.span();
        match reply {
            Ok(reply) => {
                let Some(status) = status(reply) else { return };
                span.set_attribute(KeyValue::new(name::HTTP_RESPONSE_STATUS_CODE, i64::from(status)));
                if status >= 500 {
                    fail(&span, status.to_string(), String::new());
                }
            }
            Err(error) => fail(&span, error.error_type(), error.to_string()),
        }
    }

    /// The invocation has ended. Without an answer, it has panicked outside the handlers, or was dropped.
    pub(super) fn conclude(&self) {
        let span = self.span();
        if self.panicked.load(Ordering::Acquire) {
            fail(&span, "panic", "the invocation panicked".to_owned());
        } else if !self.answered.load(Ordering::Acquire) {
            fail(&span, "_OTHER", "the invocation was given up".to_owned());
        }
        span.end();
        self.close();
    }

    /// Lambda is about to end the process. An answer that is being sent has already set the span's status.
    pub(super) fn run_out(&self) {
        let span = self.span();
        if !self.answered.load(Ordering::Acquire) {
            fail(&span, "timeout", "the invocation's time ran out".to_owned());
        }
        span.end();
        self.close();
    }

    fn close(&self) {
        if let Some(open) = &self.open {
            open.close();
        }
    }
}

/// Marks the span's operation as failed.
pub(super) fn fail(span: &SpanRef<'_>, error_type: impl Into<Cow<'static, str>>, description: String) {
    span.set_attribute(KeyValue::new(name::ERROR_TYPE, error_type.into()));
    span.set_status(Status::error(description));
}

/// Records the outcome of the answer; `status` is its HTTP status, if it has one.
pub(crate) fn answering<T: Send + 'static>(
    answer: BoxFuture<T>,
    status: fn(&T) -> Option<u16>,
) -> BoxFuture<T> {
    let current = Scope::current();
    let Some(scope) = current.filter(|scope| scope.trace.running().is_some_and(Running::is_recording)) else {
        return answer;
    };
    Box::pin(async move {
        let Some(running) = scope.trace.running() else {
            return answer.await;
        };
        let _unwinding = Unwinding(running);
        let reply = answer.await;
        running.answered(&reply, status);
        reply
    })
}

/// Detects a panic of the invocation.
struct Unwinding<'r>(&'r Running);

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        self.0.panicked.store(thread::panicking(), Ordering::Release);
    }
}

/// Records how many records the invocation's batch has.
pub(crate) fn counted(source: Source, records: usize) {
    let SpanTrigger::Pubsub(_) = SpanTrigger::of(source) else {
        return;
    };
    let Some(scope) = Scope::current() else { return };
    let Some(running) = scope.trace.running() else {
        return;
    };
    let own = running.span().span_context().clone();
    // But not of a batch inside a record.
    if Context::map_current(|cx| *cx.span().span_context() == own) {
        let records = i64::try_from(records).unwrap_or(i64::MAX);
        running
            .span()
            .set_attribute(KeyValue::new(name::MESSAGING_BATCH_MESSAGE_COUNT, records));
    }
}

/// The records are handled all at once, in the current span: links it to the sender of each.
pub(crate) fn linked<'r>(source: Source, records: impl Iterator<Item = &'r Bytes>) {
    let Some(scope) = Scope::current() else { return };
    if !scope.trace.running().is_some_and(Running::is_recording) {
        return;
    }
    let contexts = records.flat_map(|record| record_attributes(source, record).contexts);
    let contexts: Vec<SpanContext> = contexts.collect();
    Context::map_current(|cx| {
        for context in contexts {
            cx.span().add_link(context, Vec::new());
        }
    });
}
