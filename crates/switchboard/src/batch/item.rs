//! One item: read it, pass it to the handler, and turn every fault into a failure.

use crate::deadlines::{hard_deadline, within};
use crate::error::Error;
use crate::event::{Asked, Delivery, Event, LogFields, Mended, StableFields, identify, lane_of};
use crate::handler::{Context, ContextRecord, DeadLetter, Failure, Handler, Invocation, Options, Payload};
use crate::panics;
use crate::source::{Cut, Source};
use crate::telemetry;
use bytes::Bytes;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// How many failed records of an invocation are logged separately: as many as Lambda's largest batch has. Lambda
/// Developer Guide, “How Lambda processes records from stream and queue-based event sources”.
const MOST_LINES: usize = 10_000;

/// What all items of an invocation share.
pub(super) struct ItemReader<'o, S> {
    pub(super) invocation: Arc<Invocation<S>>,
    pub(super) options: &'o Options,
}

/// The outcome of a failed record: its text, if it was rejected and is done.
pub(super) type Settling<'i> = Pin<Box<dyn Future<Output = Result<Bytes, Box<FailedItem>>> + Send + 'i>>;

/// The outcome of a record: it is done, with its text and the handler's reply (`None` if it was rejected), or it must
/// be delivered again.
pub(super) type ItemOutcome<R> = Result<(Bytes, Option<R>), Box<FailedItem>>;

/// An item, and the text that it was read from.
pub(super) struct ReadItem<T> {
    pub(super) mended: Mended<Box<T>>,
    pub(super) raw: Bytes,
    pub(super) index: usize,
    /// The key of its list, if the event has several lists.
    pub(super) group: Option<Arc<str>>,
}

impl<T> ReadItem<T> {
    /// Its lane: the list that it is in, or what its source keeps in order.
    pub(super) fn lane<A: Asked<Item = T>>(&self) -> Option<String> {
        match &self.group {
            Some(group) => Some(group.to_string()),
            None => A::lane(&self.mended.item, &self.raw),
        }
    }
}

impl ReadItem<Payload> {
    /// A payload that is passed on without reading it.
    pub(super) fn unread(payload: Bytes) -> Self {
        let mended = Mended {
            item: Box::new(Payload::new(payload.clone())),
            filled: Vec::new(),
        };
        Self {
            mended,
            raw: payload,
            index: 0,
            group: None,
        }
    }
}

impl<'o, S> ItemReader<'o, S> {
    pub(super) fn new(invocation: Arc<Invocation<S>>, options: &'o Options) -> Self {
        Self { invocation, options }
    }

    pub(super) fn source(&self) -> Source {
        self.invocation.source
    }

    /// Reads a payload, or a record that plain reading has refused.
    pub(super) fn mend<A: Asked>(
        &self,
        raw: Bytes,
        index: usize,
    ) -> Result<ReadItem<A::Item>, Box<FailedItem>> {
        let read = reading(|| A::read(&raw, self.invocation.received));
        match read.and_then(|read| read.map_err(Failure::from)) {
            Ok(mended) => Ok(ReadItem {
                mended,
                raw,
                index,
                group: None,
            }),
            Err(failure) => Err(self.unreadable::<A::Event>(raw, index, failure)),
        }
    }

    /// A record that cannot be read.
    pub(super) fn unreadable<E: Event>(&self, raw: Bytes, index: usize, failure: Failure) -> Box<FailedItem> {
        let failure = self.options.unreadable.judge(failure);
        self.span::<E>(&raw).failed(failure.error_type(), &failure);
        self.failed::<E>(raw, index, failure)
    }

    /// The context of a record.
    pub(super) fn context<E: Event>(&self, raw: Bytes, filled: Vec<&'static str>) -> Context<S> {
        let record = ContextRecord {
            raw,
            identify: identify::<E>,
            stable_fields: const { &StableFields::of::<E>() },
            filled,
            place: None,
            #[cfg(feature = "durable")]
            durable: None,
        };
        Context::new(Arc::clone(&self.invocation), record)
    }

    /// The context of a whole payload, which has no id.
    pub(super) fn nameless_context(&self, payload: Bytes, filled: Vec<&'static str>) -> Context<S> {
        let record = ContextRecord {
            raw: payload,
            identify: |_, _| None,
            stable_fields: &StableFields::NONE,
            filled,
            place: None,
            #[cfg(feature = "durable")]
            durable: None,
        };
        Context::new(Arc::clone(&self.invocation), record)
    }

    pub(super) fn failed<E: Event>(&self, raw: Bytes, index: usize, failure: Failure) -> Box<FailedItem> {
        let id = identify::<E>(&raw, self.invocation.received);
        Box::new(FailedItem {
            index,
            id,
            log_fields: const { &LogFields::of::<E>() },
            raw,
            group: None,
            failure,
        })
    }

    /// The scope of a record's log lines.
    pub(super) fn scope(&self, raw: Bytes, log_fields: &'static LogFields) -> telemetry::RecordScope {
        telemetry::RecordScope::new(self.source(), raw, log_fields)
    }

    /// The record's span; an event that is not a record of a batch has none of its own.
    pub(super) fn span<E: Event>(&self, raw: &Bytes) -> telemetry::RecordSpan {
        match E::DELIVERY {
            Delivery::Whole => telemetry::RecordSpan::NONE,
            _ => telemetry::RecordSpan::start(self.source(), raw, || {
                identify::<E>(raw, self.invocation.received)
            }),
        }
    }

    /// Waits for a handler or a sink. A panic or a timeout fails this item only, not the process. The future is large
    /// (a record, and what a handler makes of it), so it is not moved.
    pub(super) async fn guard<R>(
        &self,
        what: &str,
        work: Pin<&mut impl Future<Output = Result<R, Failure>>>,
    ) -> Result<R, Failure> {
        let work = panics::catching(work);
        match within(self.drops_at(), work).await {
            Some(Ok(outcome)) => outcome,
            Some(Err(panic)) => Err(self.options.panic.judge(Failure::panicked(what, panic))),
            None => Err(Failure::msg(format!(
                "{what} was dropped, because the invocation's time ran out"
            ))),
        }
    }

    /// When a handler is dropped. In a durable execution it is not: it goes on in the next invocation.
    #[cfg(feature = "durable")]
    fn drops_at(&self) -> Option<Instant> {
        let ends = self.invocation.ends.filter(|_| self.invocation.durable.is_none());
        ends.map(hard_deadline)
    }

    /// When a handler is dropped.
    #[cfg(not(feature = "durable"))]
    fn drops_at(&self) -> Option<Instant> {
        self.invocation.ends.map(hard_deadline)
    }

    /// A failed record stays failed, unless it was rejected and the dead-letter sink has accepted it. Boxed, so that
    /// this rare case takes no space in the future of each record.
    pub(super) fn settle(&self, failed: Box<FailedItem>) -> Settling<'_>
    where
        S: Send + Sync,
    {
        let (raw, log_fields) = (failed.raw.clone(), failed.log_fields);
        Box::pin(telemetry::within(
            || self.scope(raw, log_fields),
            self.settle_in_place(failed),
        ))
    }

    async fn settle_in_place(&self, failed: Box<FailedItem>) -> Result<Bytes, Box<FailedItem>> {
        let outcome = match failed.failure.is_rejection() {
            true => self.bury(failed).await,
            false => Err(failed),
        };
        match outcome {
            Ok(rejected) => {
                self.log(&rejected, true);
                Ok(rejected.raw)
            }
            Err(failed) => {
                self.log(&failed, false);
                Err(failed)
            }
        }
    }

    /// Logs one line for each failed record, whatever happens to it. It includes the handler's panic.
    pub(super) fn log(&self, failed: &FailedItem, rejected: bool) {
        #[cfg(feature = "testing")]
        self.note_settled(failed, rejected);
        telemetry::record_failed(self.source(), rejected);
        match self.invocation.failures_logged.fetch_add(1, Ordering::Relaxed) {
            0..MOST_LINES => {}
            MOST_LINES => {
                return tracing::error!("more than {MOST_LINES} records failed: further ones are not logged");
            }
            _ => return,
        }
        let panic = failed.failure.panic();
        let log = || {
            tracing::error!(
                source = %self.source(),
                record = failed.id.as_deref(),
                index = failed.index,
                attempt = failed.log_fields.attempt(&failed.raw),
                rejected = rejected.then_some(true),
                location = panic.and_then(panics::Panic::location),
                backtrace = panic.and_then(panics::Panic::backtrace),
                error = %failed.failure,
                "record failed"
            );
        };
        match panic {
            Some(panic) => panic.span().in_scope(log),
            None => log(),
        }
    }

    /// Sends a rejected record to the dead-letter sink.
    ///
    /// # Errors
    /// The sink did not accept it: then it is a failed record like any other.
    async fn bury(&self, failed: Box<FailedItem>) -> Result<Box<FailedItem>, Box<FailedItem>> {
        let Some(sink) = self.invocation.router.sink() else {
            return Err(self.sinkless(failed));
        };
        // The sink is called inside the future, so that a panic before its first await is caught as well.
        let letter = self.letter(&failed);
        let sending = pin!(async { sink.send(letter).await.map_err(Failure::new) });
        let Err(error) = self.guard("the dead-letter sink", sending).await else {
            return Ok(failed);
        };
        Err(failed.unburied(format!("rejected, but the dead-letter sink failed: {error}")))
    }

    /// The router has no sink for a rejected record. Says so once of a source. A caller that waits gets the failure itself.
    pub(super) fn sinkless(&self, failed: Box<FailedItem>) -> Box<FailedItem> {
        let source = self.source();
        if !source.waits() && self.invocation.router.note_sinkless(source) {
            tracing::warn!(
                %source,
                "a rejected record counts as failed, because the router has no dead-letter sink: register one with \
                 `Router::dead_letters`; this is reported only once for each source"
            );
        }
        failed.unburied("rejected, but the router has no dead-letter sink")
    }

    pub(super) fn letter(&self, failed: &FailedItem) -> DeadLetter {
        DeadLetter {
            source: self.source(),
            id: failed.id.clone(),
            reason: failed.failure.to_string(),
            record: failed.raw.clone(),
            request_id: self.invocation.lambda.request_id.clone(),
        }
    }
}

/// Reads, and catches a panic of a library or of an application's type: then only this record is unreadable. The
/// panic's message is replaced, because it may quote the record.
///
/// # Errors
/// It panicked.
#[inline]
pub(crate) fn reading<R>(read: impl FnOnce() -> R) -> Result<R, Failure> {
    panics::catch(read).map_err(|panic| {
        let panic = panic.saying("inside the library or the type that reads it");
        Failure::panicked("unreadable: reading it", panic)
    })
}

/// Passes an item to the handler as `input` converts it, in the scope and the span of its record, and a rejected one to
/// the dead-letter sink.
pub(super) async fn handle<E, T, I, H, S>(
    items: &ItemReader<'_, S>,
    item: ReadItem<T>,
    input: impl FnOnce(Box<T>) -> I,
    handler: &H,
) -> ItemOutcome<H::Reply>
where
    E: Event,
    H: Handler<I, S>,
    S: Clone + Send + Sync + 'static,
{
    let ReadItem {
        mended: Mended { item, filled },
        raw,
        index,
        ..
    } = item;
    let cx = items.context::<E>(raw.clone(), filled);
    let span = items.span::<E>(&raw);
    let handling = pin!(called(handler, || input(item), cx));
    let handling = pin!(telemetry::within(
        || items.scope(raw.clone(), const { &LogFields::of::<E>() }),
        span.around(handling)
    ));
    match items.guard("the handler", handling).await {
        Ok(reply) => Ok((raw, Some(reply))),
        Err(failure) => {
            let failure = items.options.judge(failure);
            span.failed(failure.error_type(), &failure);
            let failed = items.failed::<E>(raw, index, failure);
            let settled = span.around(items.settle(failed)).await;
            settled.map(|raw| (raw, None))
        }
    }
}

/// Calls the handler inside the future, so that a panic before its first await is caught like those after it.
pub(super) async fn called<I, H, S>(
    handler: &H,
    input: impl FnOnce() -> I,
    cx: Context<S>,
) -> Result<H::Reply, Failure>
where
    H: Handler<I, S>,
{
    handler.call(input(), cx).await
}

/// An item that must be delivered again. Boxed, because failures are rare and each record has space for one.
pub(super) struct FailedItem {
    pub(super) index: usize,
    pub(super) id: Option<String>,
    pub(super) log_fields: &'static LogFields,
    pub(super) raw: Bytes,
    /// See [`ReadItem::group`]; for a record that cannot be read.
    pub(super) group: Option<Arc<str>>,
    pub(super) failure: Failure,
}

impl FailedItem {
    /// The payload ends before this record does.
    pub(super) fn cut(index: usize, cut: Cut) -> Box<Self> {
        let failure = Failure::msg(format!("the payload is cut off at byte {}", cut.at));
        Box::new(Self {
            index,
            id: None,
            log_fields: &LogFields::NONE,
            raw: Bytes::new(),
            group: None,
            failure,
        })
    }

    /// The same for a record in that list.
    pub(super) fn in_group(mut self: Box<Self>, group: Option<Arc<str>>) -> Box<Self> {
        self.group = group;
        self
    }

    /// The same as for a record that can be read: see [`ReadItem::lane`].
    pub(super) fn lane<E: Event>(&self) -> Option<String> {
        match &self.group {
            Some(group) => Some(group.to_string()),
            None => lane_of::<E>(&self.raw),
        }
    }

    /// It was rejected, and the dead-letter sink does not have it: a failed record like any other.
    pub(super) fn unburied(mut self: Box<Self>, what: impl Into<String>) -> Box<Self> {
        self.failure = self.failure.within(what).retrying();
        self
    }

    /// The record was not started.
    pub(super) fn unstarted<E: Event, S>(items: &ItemReader<'_, S>, raw: Bytes, index: usize) -> Box<Self> {
        items.failed::<E>(raw, index, Failure::msg("not started"))
    }

    /// The error of an event that is delivered whole, and so has no records to name.
    pub(super) fn into_error(self, source: Source) -> Error {
        let name = self.failure.name();
        let message = match source.waits() {
            true => self.failure.to_string(),
            false => self.to_string(),
        };
        Error::failed_whole(source, name, message)
    }
}

impl fmt::Display for FailedItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "record {} ({id}): {}", self.index, self.failure),
            None => write!(f, "record {}: {}", self.index, self.failure),
        }
    }
}
