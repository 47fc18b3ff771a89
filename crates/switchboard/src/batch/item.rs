//! One item: read it, hand it to the handler, and make a failure of whatever goes wrong.

use crate::deadlines::{hard_deadline, within};
use crate::error::Error;
use crate::event::{Delivery, Essence, Event, Labels, Mended, identify, read};
use crate::handler::{Context, DeadLetter, Failure, Handler, Invocation, Options, Payload, Record};
use crate::panics;
use crate::source::{Cut, Source};
use crate::telemetry;
use bytes::Bytes;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How many records of an invocation have a line of their own when they fail: as many as the largest batch has that Lambda
/// delivers. Lambda Developer Guide, “How Lambda processes records from stream and queue-based event sources”.
const MOST_LINES: usize = 10_000;

/// What all items of an invocation share.
pub(super) struct Items<'o, S> {
    pub(super) invocation: Arc<Invocation<S>>,
    pub(super) options: &'o Options,
}

/// What becomes of a failed record: its text, if it was rejected and is through.
pub(super) type Settling<'i> = Pin<Box<dyn Future<Output = Result<Bytes, Box<Failed>>> + Send + 'i>>;

/// How a record has ended: it is through, with its text and what the handler gave back (`None` if it was rejected), or it has
/// to come again.
pub(super) type Ended<R> = Result<(Bytes, Option<R>), Box<Failed>>;

/// An item that was read, and its text.
pub(super) struct Item<T> {
    pub(super) mended: Mended<Box<T>>,
    pub(super) raw: Bytes,
    pub(super) index: usize,
    /// The key of the list it stood in, where an event has several lists.
    pub(super) group: Option<Arc<str>>,
}

impl Item<Payload> {
    /// A payload that is not read.
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

impl<'o, S> Items<'o, S> {
    pub(super) fn new(invocation: Arc<Invocation<S>>, options: &'o Options) -> Self {
        Self { invocation, options }
    }

    pub(super) fn source(&self) -> Source {
        self.invocation.source
    }

    /// Reads a payload, or a record that plain reading has refused.
    pub(super) fn mend<E: Event>(&self, raw: Bytes, index: usize) -> Result<Item<E::Item>, Box<Failed>> {
        let read = reading(|| read::<E>(&raw, self.invocation.received));
        match read.and_then(|read| read.map_err(Failure::from)) {
            Ok(mended) => Ok(Item {
                mended,
                raw,
                index,
                group: None,
            }),
            Err(failure) => Err(self.unreadable::<E>(raw, index, failure)),
        }
    }

    /// A record that cannot be read.
    pub(super) fn unreadable<E: Event>(&self, raw: Bytes, index: usize, failure: Failure) -> Box<Failed> {
        let failure = self.options.unreadable.judge(failure);
        self.span::<E>(&raw).failed(failure.error_type(), &failure);
        self.failed::<E>(raw, index, failure)
    }

    /// The context of a record.
    pub(super) fn context<E: Event>(&self, raw: Bytes, filled: Vec<&'static str>) -> Context<S> {
        let record = Record {
            raw,
            identify: identify::<E>,
            essence: const { &Essence::of::<E>() },
            filled,
            place: None,
        };
        Context::new(Arc::clone(&self.invocation), record)
    }

    /// The context of a payload as a whole, which has no id.
    pub(super) fn nameless_context(&self, payload: Bytes, filled: Vec<&'static str>) -> Context<S> {
        let record = Record {
            raw: payload,
            identify: |_, _| None,
            essence: &Essence::NONE,
            filled,
            place: None,
        };
        Context::new(Arc::clone(&self.invocation), record)
    }

    pub(super) fn failed<E: Event>(&self, raw: Bytes, index: usize, failure: Failure) -> Box<Failed> {
        let id = identify::<E>(&raw, self.invocation.received);
        Box::new(Failed {
            index,
            id,
            labels: const { &Labels::of::<E>() },
            raw,
            group: None,
            failure,
        })
    }

    /// The scope of a record's log lines.
    pub(super) fn scope(&self, raw: Bytes, labels: &'static Labels) -> telemetry::Record {
        telemetry::Record::new(self.source(), raw, labels)
    }

    /// The record's part of the trace; an event that is not one of several has none of its own.
    pub(super) fn span<E: Event>(&self, raw: &Bytes) -> telemetry::RecordSpan {
        match E::DELIVERY {
            Delivery::Whole => telemetry::RecordSpan::NONE,
            _ => telemetry::RecordSpan::start(self.source(), raw, || {
                identify::<E>(raw, self.invocation.received)
            }),
        }
    }

    /// Waits for a handler, or a sink. A panic is this item's failure, not the process's end; so is the time running
    /// out. The work is large, a record and what a handler makes of it: it stays where it is.
    pub(super) async fn guard<R>(
        &self,
        what: &str,
        work: Pin<&mut impl Future<Output = Result<R, Failure>>>,
    ) -> Result<R, Failure> {
        let work = panics::catching(work);
        match within(self.invocation.ends.map(hard_deadline), work).await {
            Some(Ok(outcome)) => outcome,
            Some(Err(panic)) => Err(self.options.panic.judge(Failure::panicked(what, panic))),
            None => Err(Failure::msg(format!(
                "{what} was dropped, because the invocation's time ran out"
            ))),
        }
    }

    /// A failed record stays failed, unless it was rejected and the dead-letter sink has taken it. Boxed, so that what
    /// few records come to takes no room in the future of each.
    pub(super) fn settle(&self, failed: Box<Failed>) -> Settling<'_>
    where
        S: Send + Sync,
    {
        let (raw, labels) = (failed.raw.clone(), failed.labels);
        Box::pin(telemetry::within(
            || self.scope(raw, labels),
            self.settle_in_place(failed),
        ))
    }

    async fn settle_in_place(&self, failed: Box<Failed>) -> Result<Bytes, Box<Failed>> {
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

    /// One line for each record that failed, whatever became of it. Its handler's panic is part of it.
    fn log(&self, failed: &Failed, rejected: bool) {
        telemetry::record_failed(self.source(), rejected);
        match self.invocation.told.fetch_add(1, Ordering::Relaxed) {
            0..MOST_LINES => {}
            MOST_LINES => {
                return tracing::error!("more than {MOST_LINES} records fail: those to come have no lines");
            }
            _ => return,
        }
        let panic = failed.failure.panic();
        let log = || {
            tracing::error!(
                source = %self.source(),
                record = failed.id.as_deref(),
                index = failed.index,
                attempt = failed.labels.attempt(&failed.raw),
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

    /// Gives a rejected record to the dead-letter sink.
    ///
    /// # Errors
    /// It was not taken: then it is a failed record like others.
    async fn bury(&self, mut failed: Box<Failed>) -> Result<Box<Failed>, Box<Failed>> {
        let Some(sink) = self.invocation.router.sink() else {
            let what = "rejected, but the router has no dead-letter sink";
            failed.failure = failed.failure.within(what).retrying();
            return Err(failed);
        };
        // The sink is called inside the future, so that a panic before its first await is caught as well.
        let letter = self.letter(&failed);
        let sending = pin!(async { sink.send(letter).await.map_err(Failure::new) });
        let Err(error) = self.guard("the dead-letter sink", sending).await else {
            return Ok(failed);
        };
        let what = format!("rejected, but the dead-letter sink failed: {error}");
        failed.failure = failed.failure.within(what).retrying();
        Err(failed)
    }

    fn letter(&self, failed: &Failed) -> DeadLetter {
        DeadLetter {
            source: self.source(),
            id: failed.id.clone(),
            reason: failed.failure.to_string(),
            record: failed.raw.clone(),
            request_id: self.invocation.lambda.request_id.clone(),
        }
    }
}

/// Reads where a library may panic, or a type of the application. Then the record cannot be read, and nothing else comes to
/// harm; what the panic says may quote the record.
///
/// # Errors
/// It panicked.
#[inline]
pub(super) fn reading<R>(read: impl FnOnce() -> R) -> Result<R, Failure> {
    panics::catch(read).map_err(|panic| {
        let panic = panic.saying("inside the library or the type that reads it");
        Failure::panicked("unreadable: reading it", panic)
    })
}

/// Hands an item to the handler, as `input` makes it, in the scope and the span of its record, and a rejected one to the
/// dead-letter sink.
pub(super) async fn handle<E, T, I, H, S>(
    items: &Items<'_, S>,
    item: Item<T>,
    input: impl FnOnce(Box<T>) -> I,
    handler: &H,
) -> Ended<H::Reply>
where
    E: Event,
    H: Handler<I, S>,
    S: Clone + Send + Sync + 'static,
{
    let Item {
        mended: Mended { item, filled },
        raw,
        index,
        ..
    } = item;
    let cx = items.context::<E>(raw.clone(), filled);
    let span = items.span::<E>(&raw);
    let handling = pin!(called(handler, || input(item), cx));
    let handling = pin!(telemetry::within(
        || items.scope(raw.clone(), const { &Labels::of::<E>() }),
        span.around(handling)
    ));
    match items.guard("the handler", handling).await {
        Ok(reply) => Ok((raw, Some(reply))),
        Err(failure) => {
            span.failed(failure.error_type(), &failure);
            let failed = items.failed::<E>(raw, index, failure);
            let settled = span.around(items.settle(failed)).await;
            settled.map(|raw| (raw, None))
        }
    }
}

/// Calls the handler inside the future, so that a panic before its first await is caught with those after it.
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

/// An item that is to be delivered again. Handed on in a box: few records come to it, and each has a place for it.
pub(super) struct Failed {
    pub(super) index: usize,
    pub(super) id: Option<String>,
    labels: &'static Labels,
    pub(super) raw: Bytes,
    /// As [`Item::group`], of a record that cannot be read.
    pub(super) group: Option<Arc<str>>,
    failure: Failure,
}

impl Failed {
    /// The payload ends before this record does.
    pub(super) fn cut(index: usize, cut: Cut) -> Box<Self> {
        let failure = Failure::msg(format!("the payload is cut off at byte {}", cut.at));
        Box::new(Self {
            index,
            id: None,
            labels: &Labels::NONE,
            raw: Bytes::new(),
            group: None,
            failure,
        })
    }

    /// The same, of a record in that list.
    pub(super) fn in_group(mut self: Box<Self>, group: Option<Arc<str>>) -> Box<Self> {
        self.group = group;
        self
    }

    /// The record was not started.
    pub(super) fn unstarted<E: Event, S>(items: &Items<'_, S>, raw: Bytes, index: usize) -> Box<Self> {
        items.failed::<E>(raw, index, Failure::msg("not started"))
    }
}

impl Failed {
    /// The error of an event that was delivered whole: it has no records to tell apart.
    pub(super) fn into_error(self, source: Source) -> Error {
        let name = self.failure.name();
        let message = match source {
            Source::Unknown => self.failure.to_string(),
            _ => self.to_string(),
        };
        Error::failed_whole(source, name, message)
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "record {} ({id}): {}", self.index, self.failure),
            None => write!(f, "record {}: {}", self.index, self.failure),
        }
    }
}
