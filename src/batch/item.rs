//! One item: read it, hand it to the handler, and make a failure of whatever goes wrong.

use super::clock::Clock;
use crate::event::{Essence, Event, Mended, identify, read};
use crate::router::{Context, DeadLetter, Failure, Handler, Invocation, Record, Sink, Unreadable};
use crate::source::{Cut, Source};
use bytes::Bytes;
use futures_util::FutureExt;
use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::timeout_at;

/// What all items of an invocation share.
pub(super) struct Items<S> {
    pub(super) state: S,
    pub(super) invocation: Arc<Invocation>,
    pub(super) sink: Option<Sink>,
    pub(super) unreadable: Unreadable,
}

/// An item that was read, and its text.
pub(super) struct Item<T> {
    pub(super) mended: Mended<T>,
    pub(super) raw: Bytes,
    pub(super) index: usize,
}

impl<S> Items<S> {
    pub(super) fn source(&self) -> Source {
        self.invocation.source
    }

    /// Reads a payload, or a record that plain reading has refused.
    pub(super) fn mend<E: Event>(&self, raw: Bytes, index: usize) -> Result<Item<E::Item>, Failed> {
        match read::<E>(&raw, self.invocation.received) {
            Ok(mended) => Ok(Item { mended, raw, index }),
            Err(unreadable) => {
                let failure = match self.unreadable {
                    Unreadable::Retry => Failure::from(unreadable),
                    Unreadable::Reject => Failure::from(unreadable).rejecting(),
                };
                let id = identify::<E>(&raw, self.invocation.received);
                Err(Failed {
                    index,
                    id,
                    raw,
                    failure,
                })
            }
        }
    }

    /// A failed record stays failed, unless it was rejected and the dead-letter sink has taken it.
    pub(super) async fn settle(&self, mut failed: Failed) -> Result<(), Failed> {
        let source = self.source();
        let Failed {
            index, id, failure, ..
        } = &failed;
        tracing::error!(%source, record = id.as_deref(), index, error = %failure, "record failed");
        if !failure.is_rejection() {
            return Err(failed);
        }
        let Some(sink) = &self.sink else {
            failed.failure = Failure::msg(format!(
                "rejected, but the router has no dead-letter sink: {failure}"
            ));
            return Err(failed);
        };
        match sink.send(self.letter(&failed)).await {
            Ok(()) => Ok(()),
            Err(error) => {
                failed.failure = Failure::msg(format!(
                    "rejected, but the dead-letter sink failed: {error}: {}",
                    failed.failure
                ));
                tracing::error!(%source, record = failed.id.as_deref(), error = %failed.failure, "record failed");
                Err(failed)
            }
        }
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

/// Hands an item to the handler. A panic is this item's failure, not the process's end; so is the time running out.
pub(super) async fn handle<E, H, S>(
    items: &Items<S>,
    item: Item<E::Item>,
    clock: &Clock,
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
        index,
    } = item;
    let record = Record {
        raw: raw.clone(),
        identify: identify::<E>,
        essence: const { &Essence::of::<E>() },
        filled,
    };
    let cx = Context::new(items.state.clone(), Arc::clone(&items.invocation), record);
    // The handler is called inside the future, so that a panic before its first await is caught as well.
    let handling = AssertUnwindSafe(async { handler.call(item, cx).await }).catch_unwind();
    let outcome = match clock.hard_deadline() {
        None => Ok(handling.await),
        Some(deadline) => timeout_at(deadline.into(), handling).await,
    };
    let failure = match outcome {
        Ok(Ok(Ok(reply))) => return Ok(reply),
        Ok(Ok(Err(failure))) => failure,
        Ok(Err(panic)) => Failure::msg(format!("the handler panicked: {}", panic_message(&*panic))),
        Err(_) => Failure::msg("the handler was dropped, because the invocation's time ran out"),
    };
    let id = identify::<E>(&raw, items.invocation.received);
    Err(Failed {
        index,
        id,
        raw,
        failure,
    })
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
    raw: Bytes,
    failure: Failure,
}

impl Failed {
    /// The payload ends before this record does.
    pub(super) fn cut(index: usize, cut: Cut) -> Self {
        let failure = Failure::msg(format!("the payload is cut off at byte {}", cut.at));
        Self {
            index,
            id: None,
            raw: Bytes::new(),
            failure,
        }
    }

    /// The record was not started.
    pub(super) fn unstarted<E: Event, S>(items: &Items<S>, item: Item<E::Item>) -> Self {
        let id = identify::<E>(&item.raw, items.invocation.received);
        Self {
            index: item.index,
            id,
            raw: item.raw,
            failure: Failure::msg("not started"),
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
