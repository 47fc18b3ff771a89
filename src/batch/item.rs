//! One item: read it, hand it to the handler, and make a failure of whatever goes wrong.

use crate::event::{Event, Mended, identify, read};
use crate::router::{Context, Failure, Handler, Invocation, Record};
use crate::source::{Cut, Source};
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

impl<S> Items<S> {
    pub(super) fn source(&self) -> Source {
        self.invocation.source
    }
}

/// Reads one item and hands it to the handler. A panic is this item's failure, not the process's end.
pub(super) async fn handle<E, H, S>(
    items: &Items<S>,
    raw: Bytes,
    index: usize,
    handler: &H,
) -> Result<H::Reply, Failed>
where
    E: Event,
    H: Handler<E::Item, S>,
    S: Clone + Send + Sync + 'static,
{
    let received = items.invocation.received;
    let Mended { item, filled } = match read::<E>(&raw, received) {
        Ok(read) => read,
        Err(unreadable) => return Err(Failed::of::<E, S>(items, &raw, index, unreadable.into())),
    };
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
