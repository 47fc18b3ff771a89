//! What a handler gets besides its record: the application's state and the invocation.

#[cfg(feature = "durable")]
use super::DurableScope;
use super::{Failure, Invocation};
use crate::event::StableFields;
use crate::event::durable::Execution;
use crate::source::Source;
use crate::telemetry::Metrics;
use bytes::Bytes;
use chrono::{DateTime, Utc};
#[cfg(feature = "idempotency")]
use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

/// The second argument of every handler: the application's state, the source, the record's ids, and the invocation's
/// `lambda_runtime` context.
pub struct Context<S> {
    pub(crate) invocation: Arc<Invocation<S>>,
    record: ContextRecord,
}

/// What belongs to one record. Its id is looked up only when a handler asks for it, and most never do.
#[derive(Clone)]
pub(crate) struct ContextRecord {
    pub(crate) raw: bytes::Bytes,
    pub(crate) identify: fn(&[u8], DateTime<Utc>) -> Option<String>,
    pub(crate) stable_fields: &'static StableFields,
    pub(crate) filled: Vec<&'static str>,
    /// The record's position, if it came in an aggregate.
    pub(crate) place: Option<AggregatePlace>,
    /// The record's own child context, if its handler is durable.
    #[cfg(feature = "durable")]
    pub(crate) durable: Option<Arc<dyn DurableScope>>,
}

/// A record's position in an aggregate.
#[derive(Clone)]
pub(crate) struct AggregatePlace {
    pub(super) index: usize,
    pub(super) outer: Arc<OuterRecord>,
}

/// What the records of an aggregate share. It is looked up in the outer record once, however many records there are.
#[derive(Default)]
pub(crate) struct OuterRecord {
    id: OnceLock<Option<String>>,
    identity: OnceLock<Option<String>>,
    /// What a layer around the handler keeps for all of them.
    #[cfg(feature = "idempotency")]
    kept: OnceLock<Box<dyn Any + Send + Sync>>,
}

#[cfg(feature = "idempotency")]
impl OuterRecord {
    /// The layer's value, created by the first call. `None` if another layer stored its value first.
    pub(crate) fn keep<T: Any + Default + Send + Sync>(&self) -> Option<&T> {
        self.kept.get_or_init(|| Box::new(T::default())).downcast_ref()
    }
}

impl<S> Context<S> {
    /// The record's text, or the whole event's.
    pub(crate) fn payload(&self) -> Bytes {
        self.record.raw.clone()
    }

    /// The child context of the record, or the execution's.
    #[cfg(feature = "durable")]
    pub(crate) fn scope(&self) -> Option<&Arc<dyn DurableScope>> {
        self.record.durable.as_ref().or(self.invocation.durable.as_ref())
    }

    /// The same with a child context.
    #[cfg(feature = "durable")]
    pub(crate) fn in_child(mut self, scope: Arc<dyn DurableScope>) -> Self {
        self.record.durable = Some(scope);
        self
    }

    /// Whether a test watches what becomes of the event.
    #[cfg(all(feature = "custom-resources", feature = "testing"))]
    pub(crate) fn is_watched(&self) -> bool {
        self.invocation.router.watch().is_some()
    }

    /// Whether a test watches what becomes of the event.
    #[cfg(all(feature = "custom-resources", not(feature = "testing")))]
    pub(crate) fn is_watched(&self) -> bool {
        false
    }

    pub(crate) fn new(invocation: Arc<Invocation<S>>, record: ContextRecord) -> Self {
        Self { invocation, record }
    }

    /// The state that the router was created with.
    #[must_use]
    pub fn state(&self) -> &S {
        &self.invocation.state
    }

    /// The detected source.
    #[must_use]
    pub fn source(&self) -> Source {
        self.invocation.source
    }

    /// The record's id in its source's terms: the sequence number in Kinesis and DynamoDB Streams, bucket and key in
    /// S3, the event's `id` in EventBridge. `None` if the sender left it out.
    #[must_use]
    pub fn record_id(&self) -> Option<String> {
        let look_up = || (self.record.identify)(&self.record.raw, self.invocation.received);
        match &self.record.place {
            Some(place) => place.outer.id.get_or_init(look_up).clone(),
            None => look_up(),
        }
    }

    /// The record's position in its Kinesis record, counted from 0, if [`Unwrap`](crate::Unwrap) took it out of an
    /// aggregate of the Kinesis Producer Library. All records of an aggregate have the same
    /// [`record_id`](Self::record_id).
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        self.record.place.as_ref().map(|place| place.index)
    }

    /// Distinguishes the record from every other record of its source, and is the same at every delivery. It is
    /// `eventID` in Kinesis and DynamoDB Streams; bucket, key, version, sequencer, event name and time in S3; the
    /// message id in SQS, SNS and SES; the event's `id` in EventBridge
    /// ([`Event::IDENTITY`](crate::event::Event::IDENTITY)). Several parts are joined by `/`, and the position in an
    /// aggregate comes last. `None` if the sender left out a required part.
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::kinesis::KinesisEventRecord;
    /// use switchboard::{Context, Failure};
    ///
    /// async fn on_record(_record: KinesisEventRecord, cx: Context<()>) -> Result<(), Failure> {
    ///     // shardId-000000000006:49590338271490256608559692538361571095921575989136588898
    ///     tracing::info!(identity = cx.identity(), "a record");
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn identity(&self) -> Option<String> {
        let ContextRecord {
            stable_fields, raw, ..
        } = &self.record;
        let look_up = || stable_fields.identity(raw, self.invocation.received);
        match &self.record.place {
            Some(AggregatePlace { index, outer }) => {
                let identity = outer.identity.get_or_init(look_up).as_ref()?;
                Some(format!("{identity}/{index}"))
            }
            None => look_up(),
        }
    }

    /// What the records of the aggregate share, if the record came in one.
    #[cfg(feature = "idempotency")]
    pub(crate) fn outer(&self) -> Option<&OuterRecord> {
        self.record.place.as_ref().map(|place| &*place.outer)
    }

    /// What the idempotency key and its validation are computed from.
    #[cfg(feature = "idempotency")]
    pub(crate) fn found(&self) -> crate::event::FoundParts<'_> {
        self.record
            .stable_fields
            .find(&self.record.raw, self.invocation.received)
    }

    /// Passes an event inside this record to the handler that is registered for its source, and waits for the result.
    /// Use it to open your own kinds of envelopes; [`Unwrap`](crate::Unwrap) opens those of AWS.
    ///
    /// An event whose source cannot be identified is an error here, even if [`Source::Unknown`] has a handler: that
    /// handler is for payloads that the function is invoked with.
    ///
    /// # Errors
    ///
    /// Any failure of the inner event, so that this record is retried:
    ///
    /// * one of its records failed, or its source cannot be identified or has no handler;
    /// * it is nested more deeply than [`EnvelopeLimits`](crate::EnvelopeLimits) allow, or the nested events together
    ///   need more than an eighth of the function's memory;
    /// * it expects an answer that would not reach its sender (HTTP, Firehose, tumbling windows).
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::kinesis::KinesisEventRecord;
    /// use switchboard::{Context, Failure};
    ///
    /// /// The producer puts whole EventBridge events into the stream.
    /// async fn on_record(record: KinesisEventRecord, cx: Context<()>) -> Result<(), Failure> {
    ///     cx.dispatch(record.kinesis.data.0).await
    /// }
    /// # let _ = switchboard::Router::new(()).kinesis(on_record);
    /// ```
    pub async fn dispatch(&self, event: impl Into<Bytes>) -> Result<(), Failure> {
        self.invocation.router.dispatch(self, event.into()).await
    }

    /// The same for a record that has been read since.
    pub(crate) fn with_filled(mut self, filled: Vec<&'static str>) -> Self {
        self.record.filled = filled;
        self
    }

    /// The same for the record at a position in an aggregate.
    #[cfg(feature = "envelopes")]
    pub(crate) fn in_aggregate(&self, index: usize, outer: &Arc<OuterRecord>) -> Self {
        let mut cx = self.clone();
        cx.record.place = Some(AggregatePlace {
            index,
            outer: Arc::clone(outer),
        });
        cx
    }

    /// The record's JSON, unchanged.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.record.raw
    }

    /// JSON paths, from the record's root, of members that the typed struct requires but the sender left out. There the
    /// struct has a default: the time of receipt for a time, empty or zero for anything else. Also paths of unreadable
    /// optional members, which were left out. `*` in a path is any key or element.
    #[must_use]
    pub fn filled(&self) -> &[&'static str] {
        &self.record.filled
    }

    /// When this invocation's payload was received.
    #[must_use]
    pub fn received(&self) -> DateTime<Utc> {
        self.invocation.received
    }

    /// The invocation's context in `lambda_runtime`'s type: request id, ARN, deadline, X-Ray tracing header, tenant id,
    /// and what the caller of the Invoke API sent with the event.
    ///
    /// Missing or malformed values never fail an invocation. A text that Lambda did not send is empty, a missing
    /// deadline is 0, and invalid UTF-8 is replaced. `client_context` has what could be read: members of `custom` and
    /// `env` (in `environment`) that are strings as they are, all others as their JSON. [`Context::client_context`]
    /// returns all of it.
    #[must_use]
    pub fn lambda(&self) -> &lambda_runtime::Context {
        &self.invocation.lambda
    }

    /// The client context as the caller of the Invoke API sent it, usually JSON. `None` if there was none, or if the
    /// router is not run by [`run`](crate::run).
    ///
    /// # Example
    ///
    /// ```
    /// use serde_json::{Value, from_slice};
    /// use switchboard::Context;
    ///
    /// fn tenants(cx: &Context<()>) -> Option<Vec<String>> {
    ///     let sent: Value = from_slice(cx.client_context()?).ok()?;
    ///     serde_json::from_value(sent["custom"]["tenants"].clone()).ok()
    /// }
    /// ```
    #[must_use]
    pub fn client_context(&self) -> Option<&[u8]> {
        let sent = self.invocation.sent.as_ref()?;
        sent.client_context.as_ref().map(http::HeaderValue::as_bytes)
    }

    /// The Amazon Cognito identity as Lambda sent it, usually JSON. [`lambda`](Self::lambda) has the parts that could
    /// be read.
    #[must_use]
    pub fn cognito_identity(&self) -> Option<&[u8]> {
        let sent = self.invocation.sent.as_ref()?;
        sent.cognito_identity.as_ref().map(http::HeaderValue::as_bytes)
    }

    /// The durable execution that the invocation belongs to. `None` if the function is not durable.
    #[must_use]
    pub fn execution(&self) -> Option<&Execution> {
        self.invocation.execution.as_deref()
    }

    /// The invocation's metrics. Add your own to them; they are written when the invocation ends.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.invocation.metrics
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

impl<S> Clone for Context<S> {
    fn clone(&self) -> Self {
        Self {
            invocation: Arc::clone(&self.invocation),
            record: self.record.clone(),
        }
    }
}

/// Shows neither the state nor the record's JSON, because they do not belong in logs.
impl<S> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("source", &self.invocation.source)
            .field("request_id", &self.invocation.lambda.request_id)
            .field("filled", &self.record.filled)
            .finish_non_exhaustive()
    }
}
