//! Events inside records: handed to the handler registered for *their* source.

#[cfg(feature = "envelopes")]
use super::context::{Outer, Place};
use super::{Call, Context, Failure, Invocation, Reply, Route};
use crate::bounds::{Bounds, RaiseMemory};
use crate::error::Error;
use crate::source::{Source, detect, source_of};
use crate::telemetry::{self, Metrics};
use bytes::Bytes;
use std::sync::Arc;

/// How far envelopes are opened: events within events, and what is compressed in them.
///
/// # Example
///
/// ```
/// use switchboard::{EnvelopeLimits, Router};
///
/// let limits = EnvelopeLimits::new().nesting(2).decompressed(8 * 1024 * 1024);
/// let router = Router::new(()).envelope_limits(limits);
/// # let _ = router;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EnvelopeLimits {
    nesting: usize,
    decompressed: Option<usize>,
}

impl EnvelopeLimits {
    /// Four envelopes in one another; an eighth of the function's memory for what one record holds once it is decompressed,
    /// and for all events in one another. (On Managed Instances, an eighth of each invocation's share of the memory; where
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE` does not say it, of 128 MB.)
    #[must_use]
    pub fn new() -> Self {
        Self {
            nesting: 4,
            decompressed: None,
        }
    }

    /// How many envelopes may stand in one another: an S3 event in an SNS message in an SQS message is in two.
    #[must_use]
    pub fn nesting(mut self, envelopes: usize) -> Self {
        self.nesting = envelopes;
        self
    }

    /// How much one record may hold once it is decompressed, in bytes. It cannot be more than an eighth of the function's
    /// memory.
    #[must_use]
    pub fn decompressed(mut self, bytes: usize) -> Self {
        self.decompressed = Some(bytes);
        self
    }

    #[cfg(feature = "envelopes")]
    pub(super) fn max_decompressed(self) -> usize {
        let most = Bounds::of_process().unpacked();
        self.decompressed
            .map_or(most, |decompressed| decompressed.min(most))
    }
}

impl Default for EnvelopeLimits {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Context<S>
where
    S: Clone + Send + Sync + 'static,
{
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
    /// [`EnvelopeLimits`] allow, events in one another that take more than an eighth of the function's memory, and a request whose answer nobody would get (HTTP, Firehose, windows).
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
        let (payload, outer) = (event.into(), &self.invocation);
        let source = source_of(&payload);
        let Some(route) = outer.table.route_inside(source) else {
            let routed = outer.table.sources().map(|(source, _)| source);
            let routed = routed.filter(|source| *source != Source::Unknown).collect();
            telemetry::unrouted(source);
            return Err(Error::unrouted(detect(&payload), routed).into());
        };
        outer.admit(source, route)?;
        let unpacked = outer.unpacked + payload.len();
        within_bounds(source, unpacked)?;
        let inner = Invocation {
            source,
            lambda: outer.lambda.clone(),
            sent: outer.sent.clone(),
            received: outer.received,
            ends: outer.ends,
            state: outer.state.clone(),
            table: Arc::clone(&outer.table),
            metrics: Metrics::of(source),
            depth: outer.depth + 1,
            unpacked,
            told: Arc::clone(&outer.told),
        };
        let answer = route.call(Call {
            payload,
            invocation: Arc::new(inner),
        });
        whole(source, &answer.await?)
    }

    /// Whether a handler is registered that takes the event out of an envelope. A request is not such an event: nobody
    /// would get its answer, and a message may well look like one.
    #[cfg(feature = "envelopes")]
    pub(super) fn routes(&self, event: &[u8]) -> bool {
        let route = self.invocation.table.route_inside(source_of(event));
        route.is_some_and(|route| !route.replies)
    }

    /// The same for a record at a place in an aggregate.
    #[cfg(feature = "envelopes")]
    pub(super) fn in_aggregate(&self, index: usize, outer: &Arc<Outer>) -> Self {
        let mut cx = self.clone();
        cx.record.place = Some(Place {
            index,
            outer: Arc::clone(outer),
        });
        cx
    }

    #[cfg(feature = "envelopes")]
    pub(super) fn limits(&self) -> EnvelopeLimits {
        self.invocation.table.limits
    }
}

impl<S> Invocation<S> {
    fn admit(&self, source: Source, route: &Route<S>) -> Result<(), Failure> {
        let most = self.table.limits.nesting;
        if self.depth >= most {
            return Err(Failure::msg(format!(
                "an event of {source} in more than {most} envelopes: raise `EnvelopeLimits::nesting` if that is meant"
            )));
        }
        if route.replies {
            return Err(Failure::msg(format!(
                "an event of {source} in an envelope: nobody would get its handler's answer"
            )));
        }
        Ok(())
    }
}

/// Whether the events in one another leave room for what is made of them.
fn within_bounds(source: Source, unpacked: usize) -> Result<(), Failure> {
    let most = Bounds::of_process().unpacked();
    match unpacked <= most {
        true => Ok(()),
        false => Err(Failure::msg(format!(
            "an event of {source} in an envelope: with those around it it takes {unpacked} bytes, more than {most}; {RaiseMemory}"
        ))),
    }
}

/// A partial answer means that the record around it is not done.
fn whole(source: Source, reply: &Reply) -> Result<(), Failure> {
    if reply.is_partial() {
        return Err(Failure::msg(format!(
            "{source}: the event in this envelope has to come again"
        )));
    }
    Ok(())
}
