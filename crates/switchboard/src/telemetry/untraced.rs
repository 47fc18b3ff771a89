//! Replaces traces without the feature `otel`: the same functions, which do nothing.

use super::BoxFuture;
use super::scope::Scope;
use crate::error::Error;
use crate::event::durable::Execution;
use crate::source::Source;
use bytes::Bytes;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

/// No traces.
#[derive(Clone)]
pub(super) struct Traces;

pub(super) type Bridged<S> = S;

impl Traces {
    #[cfg(any(test, fuzzing, feature = "testing"))]
    pub(super) const OFF: Self = Self;

    pub(super) fn from_env(_service: &str) -> Result<Self, Error> {
        Ok(Self)
    }

    pub(super) fn make_global(&self) {}

    pub(super) fn bridge<S>(&self, subscriber: S) -> S {
        subscriber
    }
}

/// No span of an invocation.
pub(super) struct InvocationSpan;

impl InvocationSpan {
    pub(super) fn begin(_traces: &Traces, _lambda: &lambda_runtime::Context, _cold_start: bool) -> Self {
        Self
    }

    pub(super) fn detected(&self, _source: Source, _payload: &Bytes) {}

    pub(super) fn executing(&self, _execution: &Execution) {}
}

pub(super) fn follow<F: Future>(_scope: &Arc<Scope>, answer: F, _ends: Option<SystemTime>) -> F {
    answer
}

pub(super) fn along<F: Future>(future: F) -> F {
    future
}

pub(crate) fn answering<T>(answer: BoxFuture<T>, _status: fn(&T) -> Option<u16>) -> BoxFuture<T> {
    answer
}

pub(crate) fn counted(_source: Source, _records: usize) {}

pub(crate) fn linked<'r>(_source: Source, _records: impl Iterator<Item = &'r Bytes>) {}

/// No span of a record.
pub(crate) struct RecordSpan;

impl RecordSpan {
    pub(crate) const NONE: Self = Self;

    pub(crate) fn start(_source: Source, _record: &[u8], _id: impl FnOnce() -> Option<String>) -> Self {
        Self
    }

    pub(crate) fn around<F: Future>(&self, future: F) -> F {
        future
    }

    pub(crate) fn failed(&self, _error_type: &'static str, _failure: &dyn fmt::Display) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_takes_no_room() {
        assert_eq!(size_of::<(Traces, InvocationSpan, RecordSpan)>(), 0);
        let future = std::future::ready(());
        let followed = size_of_val(&along(RecordSpan::NONE.around(future.clone())));
        assert_eq!(followed, size_of_val(&future));
    }
}
