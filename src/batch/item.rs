//! One item: read it, hand it to the handler, and make a failure of whatever goes wrong.

use crate::event::{Event, Mended, identify, read, read_first};
use crate::router::{Context, Failure, Handler, Invocation, Record};
use crate::source::{Cut, Records, Source, records};
use bytes::Bytes;
use futures_util::FutureExt;
use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// What all items of an invocation share.
pub(super) struct Items<S> {
    pub(super) state: S,
    pub(super) invocation: Arc<Invocation>,
}

/// An item that was read, and its text.
pub(super) struct Item<T> {
    mended: Mended<T>,
    raw: Bytes,
}

impl<S> Items<S> {
    pub(super) fn source(&self) -> Source {
        self.invocation.source
    }

    /// Reads a payload that is one item.
    pub(super) fn whole<E: Event>(&self, payload: Bytes) -> Result<Item<E::Item>, Failed> {
        self.mend::<E>(payload, 0)
    }

    fn mend<E: Event>(&self, raw: Bytes, index: usize) -> Result<Item<E::Item>, Failed> {
        match read::<E>(&raw, self.invocation.received) {
            Ok(mended) => Ok(Item { mended, raw }),
            Err(unreadable) => Err(Failed::of::<E, S>(self, &raw, index, unreadable.into())),
        }
    }
}

/// Walks over the records of a payload, reading each in place.
pub(super) struct Walk<'p> {
    payload: &'p Bytes,
    /// The payload once more, known to be UTF-8: strings then need no check of their own.
    text: Option<&'p str>,
    records: Records<'p>,
    /// How many records have come up so far.
    pub(super) count: usize,
}

impl<'p> Walk<'p> {
    pub(super) fn new(payload: &'p Bytes) -> Self {
        Self {
            payload,
            text: std::str::from_utf8(payload).ok(),
            records: records(payload),
            count: 0,
        }
    }

    /// Reads the next record.
    pub(super) fn next<E: Event, S>(&mut self, items: &Items<S>) -> Option<Result<Item<E::Item>, Failed>> {
        let upcoming = self.records.upcoming()?;
        let index = self.count;
        self.count += 1;
        let start = match upcoming {
            Ok(rest) => self.payload.len() - rest.len(),
            Err(cut) => return Some(Err(Failed::cut(index, cut))),
        };
        let text = self.text.and_then(|text| text.get(start..));
        let read = text.and_then(|text| read_first::<E>(text, items.invocation.received));
        if let Some((mended, length)) = read {
            self.records.read(length);
            return Some(Ok(Item {
                mended,
                raw: self.payload.slice(start..start + length),
            }));
        }
        Some(match self.records.pass_over() {
            Ok(raw) => items.mend::<E>(self.payload.slice_ref(raw), index),
            Err(cut) => Err(Failed::cut(index, cut)),
        })
    }
}

/// Hands an item to the handler. A panic is this item's failure, not the process's end.
pub(super) async fn handle<E, H, S>(
    items: &Items<S>,
    item: Item<E::Item>,
    index: usize,
    handler: &H,
) -> Result<H::Reply, Failed>
where
    E: Event,
    H: Handler<E::Item, S>,
    S: Clone + Send + Sync + 'static,
{
    let Item {
        mended: Mended { item, filled },
        raw,
    } = item;
    let record = Record {
        raw: raw.clone(),
        identify: identify::<E>,
        filled,
    };
    let cx = Context::new(items.state.clone(), Arc::clone(&items.invocation), record);
    // The handler is called inside the future, so that a panic before its first await is caught as well.
    let outcome = AssertUnwindSafe(async { handler.call(item, cx).await })
        .catch_unwind()
        .await;
    let failure = match outcome {
        Ok(Ok(reply)) => return Ok(reply),
        Ok(Err(failure)) => failure,
        Err(panic) => Failure::msg(format!("the handler panicked: {}", panic_message(&*panic))),
    };
    Err(Failed::of::<E, S>(items, &raw, index, failure))
}

pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// An item that is to be delivered again.
pub(super) struct Failed {
    pub(super) index: usize,
    pub(super) id: Option<String>,
    failure: Failure,
}

impl Failed {
    fn of<E: Event, S>(items: &Items<S>, raw: &[u8], index: usize, failure: Failure) -> Self {
        let id = identify::<E>(raw, items.invocation.received);
        tracing::error!(source = %items.source(), record = id.as_deref(), index, error = %failure, "record failed");
        Self { index, id, failure }
    }

    /// The payload ends before this record does.
    pub(super) fn cut(index: usize, cut: Cut) -> Self {
        let failure = Failure::msg(format!("the payload is cut off at byte {}", cut.at));
        tracing::error!(index, error = %failure, "record failed");
        Self {
            index,
            id: None,
            failure,
        }
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
