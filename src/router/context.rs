//! What a handler knows beside its record: the application's state and the invocation.

use crate::source::Source;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The second argument of every handler: the application's state, the source, the record's id and the
/// invocation's own context. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Context<S> {
    state: S,
    invocation: Arc<Invocation>,
    record_id: Option<Arc<str>>,
    filled: &'static [&'static str],
}

/// What is the same for every record of an invocation.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) source: Source,
    pub(crate) lambda: lambda_runtime::Context,
    pub(crate) received: DateTime<Utc>,
}

impl<S> Context<S> {
    pub(crate) fn new(state: S, invocation: Arc<Invocation>) -> Self {
        Self {
            state,
            invocation,
            record_id: None,
            filled: &[],
        }
    }

    pub(crate) fn record(mut self, id: Option<Arc<str>>, filled: &'static [&'static str]) -> Self {
        self.record_id = id;
        self.filled = filled;
        self
    }

    /// The state the router was made with.
    #[must_use]
    pub fn state(&self) -> &S {
        &self.state
    }

    /// The source that was detected.
    #[must_use]
    pub fn source(&self) -> Source {
        self.invocation.source
    }

    /// The record's id in its source's terms: the sequence number in Kinesis and DynamoDB Streams, the message
    /// id in SQS and SNS, the event's `id` in EventBridge. `None` where the source gives none.
    #[must_use]
    pub fn record_id(&self) -> Option<&str> {
        self.record_id.as_deref()
    }

    /// JSON paths, from the record's root, which the typed struct requires but the sender left out. The struct
    /// holds a stand-in there: the time of receipt for a time, empty or zero for anything else.
    #[must_use]
    pub fn filled(&self) -> &'static [&'static str] {
        self.filled
    }

    /// When this invocation's payload was received.
    #[must_use]
    pub fn received(&self) -> DateTime<Utc> {
        self.invocation.received
    }

    /// The invocation's context as `lambda_runtime` gives it: request id, ARN, deadline, X-Ray trace id.
    #[must_use]
    pub fn lambda(&self) -> &lambda_runtime::Context {
        &self.invocation.lambda
    }

    /// The time left until Lambda ends the invocation; zero once it has passed.
    #[must_use]
    pub fn remaining_time(&self) -> Duration {
        self.invocation
            .lambda
            .deadline()
            .duration_since(SystemTime::now())
            .unwrap_or_default()
    }
}
