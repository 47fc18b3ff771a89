//! What a handler knows beside its record: the application's state and the invocation.

use super::{Failure, Invocation};
use crate::event::Essence;
use crate::source::Source;
use crate::telemetry::Metrics;
use bytes::Bytes;
use chrono::{DateTime, Utc};
#[cfg(feature = "idempotency")]
use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

/// The second argument of every handler: the application's state, the source, the record's id and the
/// invocation's own context.
pub struct Context<S> {
    pub(crate) invocation: Arc<Invocation<S>>,
    record: Record,
}

/// What is a record's own. Its id is looked up only when asked for: most handlers never ask.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) raw: bytes::Bytes,
    pub(crate) identify: fn(&[u8], DateTime<Utc>) -> Option<String>,
    pub(crate) essence: &'static Essence,
    pub(crate) filled: Vec<&'static str>,
    /// The record's place in an aggregate, if it came in one.
    pub(crate) place: Option<AggregatePlace>,
}

/// A record's place in an aggregate.
#[derive(Clone)]
pub(crate) struct AggregatePlace {
    pub(super) index: usize,
    pub(super) outer: Arc<OuterRecord>,
}

/// What the records of an aggregate share: looked up in the record around them once, for however many of them.
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
    /// What the layer keeps, made at first; `None` if another layer was first.
    pub(crate) fn keep<T: Any + Default + Send + Sync>(&self) -> Option<&T> {
        self.kept.get_or_init(|| Box::new(T::default())).downcast_ref()
    }
}

impl<S> Context<S> {
    pub(crate) fn new(invocation: Arc<Invocation<S>>, record: Record) -> Self {
        Self { invocation, record }
    }

    /// The state the router was made with.
    #[must_use]
    pub fn state(&self) -> &S {
        &self.invocation.state
    }

    /// The source that was detected.
    #[must_use]
    pub fn source(&self) -> Source {
        self.invocation.source
    }

    /// The record's id in its source's terms: the sequence number in Kinesis and DynamoDB Streams, bucket and key
    /// in S3, the event's `id` in EventBridge. `None` where the sender gave none.
    #[must_use]
    pub fn record_id(&self) -> Option<String> {
        let look_up = || (self.record.identify)(&self.record.raw, self.invocation.received);
        match &self.record.place {
            Some(place) => place.outer.id.get_or_init(look_up).clone(),
            None => look_up(),
        }
    }

    /// The record's place in its Kinesis record, counted from 0, if that is an aggregate of the Kinesis Producer
    /// Library which [`Unwrap`](crate::Unwrap) took apart: such records share their [`record_id`](Self::record_id).
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        self.record.place.as_ref().map(|place| place.index)
    }

    /// What tells the record from every other of its source, however often it is delivered: `eventID` in Kinesis and
    /// DynamoDB Streams; bucket, key, version, sequencer, event name and time in S3; the message id in SQS, SNS and SES; the
    /// event's `id` in EventBridge ([`Event::IDENTITY`](crate::event::Event::IDENTITY)). Several parts are joined by
    /// `/`, and the place in an aggregate comes last. `None` where the sender left out a part that has to be there.
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
        let Record { essence, raw, .. } = &self.record;
        let look_up = || essence.identity(raw, self.invocation.received);
        match &self.record.place {
            Some(AggregatePlace { index, outer }) => {
                let identity = outer.identity.get_or_init(look_up).as_ref()?;
                Some(format!("{identity}/{index}"))
            }
            None => look_up(),
        }
    }

    /// What is shared by the records of the aggregate that the record came in.
    #[cfg(feature = "idempotency")]
    pub(crate) fn outer(&self) -> Option<&OuterRecord> {
        self.record.place.as_ref().map(|place| &*place.outer)
    }

    /// What an idempotency key and its validation are made of.
    #[cfg(feature = "idempotency")]
    pub(crate) fn found(&self) -> crate::event::FoundParts<'_> {
        self.record
            .essence
            .find(&self.record.raw, self.invocation.received)
    }

    /// Hands an event that stood inside this record to the handler registered for its source, and waits for what
    /// comes of it. So a handler opens an envelope of its own kind; [`Unwrap`](crate::Unwrap) opens those of AWS.
    ///
    /// What cannot be told is not an event here, even if [`Source::Unknown`] has a handler: that one is for payloads that
    /// the function is invoked with.
    ///
    /// # Errors
    ///
    /// Whatever makes that event's records come again makes this record come again: a record of it that failed, a
    /// source that no handler is registered for or that cannot be told, more nesting than
    /// [`EnvelopeLimits`](crate::EnvelopeLimits) allow, events in one another that take more than an eighth of the function's memory, and a request whose answer nobody would get (HTTP, Firehose, windows).
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

    /// The same for a record at a place in an aggregate.
    #[cfg(feature = "envelopes")]
    pub(crate) fn in_aggregate(&self, index: usize, outer: &Arc<OuterRecord>) -> Self {
        let mut cx = self.clone();
        cx.record.place = Some(AggregatePlace {
            index,
            outer: Arc::clone(outer),
        });
        cx
    }

    /// The record's JSON as it came.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.record.raw
    }

    /// JSON paths, from the record's root, which the typed struct requires but the sender left out. The struct
    /// holds a stand-in there: the time of receipt for a time, empty or zero for anything else. Also what was left out because
    /// it cannot be read and the struct can do without. `*` in a path is any key or element.
    #[must_use]
    pub fn filled(&self) -> &[&'static str] {
        &self.record.filled
    }

    /// When this invocation's payload was received.
    #[must_use]
    pub fn received(&self) -> DateTime<Utc> {
        self.invocation.received
    }

    /// The invocation's context in `lambda_runtime`'s type: request id, ARN, deadline, X-Ray tracing header, tenant id, and
    /// what the caller of the Invoke API sent beside the event.
    ///
    /// Nothing in it fails an invocation: a text that Lambda did not send is empty, a deadline 0, and what is not UTF-8 is
    /// replaced. `client_context` holds what can be read of it: members of `custom` and `env` (in `environment`) that are
    /// texts as they are, all others as their JSON. [`Context::client_context`] is all of it.
    #[must_use]
    pub fn lambda(&self) -> &lambda_runtime::Context {
        &self.invocation.lambda
    }

    /// The client context as the caller of the Invoke API sent it, JSON as a rule. `None` if there was none, and where the
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

    /// The identity of Amazon Cognito as Lambda sent it, JSON as a rule; what can be read of it is in
    /// [`lambda`](Self::lambda).
    #[must_use]
    pub fn cognito_identity(&self) -> Option<&[u8]> {
        let sent = self.invocation.sent.as_ref()?;
        sent.cognito_identity.as_ref().map(http::HeaderValue::as_bytes)
    }

    /// The invocation's metrics, to add the application's own to: they are written when it ends.
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

/// Neither the state nor the record's JSON: they do not belong into logs.
impl<S> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("source", &self.invocation.source)
            .field("request_id", &self.invocation.lambda.request_id)
            .field("filled", &self.record.filled)
            .finish_non_exhaustive()
    }
}
