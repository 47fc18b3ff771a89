//! From a payload to its answer, by the event's kind of delivery.

use super::item::{Failed, Items, Walk, handle};
use crate::error::Error;
use crate::event::{Delivery, Event};
use crate::router::{Call, Handler, Reply};
use crate::source::Source;
use bytes::Bytes;

/// Hands the payload's items to the handler and composes the answer.
pub(crate) async fn deliver<E, H, S>(call: Call<S>, handler: &H) -> Result<Reply, Error>
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let items = Items {
        state: call.state,
        invocation: call.invocation,
    };
    match E::DELIVERY {
        Delivery::Whole => whole::<E, H, S>(&items, call.payload, handler).await,
        Delivery::Notification => notification::<E, H, S>(&items, &call.payload, handler).await,
        Delivery::Stream => stream::<E, H, S>(&items, &call.payload, handler).await,
    }
}

async fn whole<E, H, S>(items: &Items<S>, payload: Bytes, handler: &H) -> Result<Reply, Error>
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let outcome = match items.whole::<E>(payload) {
        Ok(item) => handle::<E, H, S>(items, item, 0, handler).await,
        Err(failed) => Err(failed),
    };
    match outcome {
        Ok(reply) => Reply::json(&reply).map_err(Error::reply),
        Err(failed) => Err(Error::failed(items.source(), vec![failed.to_string()], 1)),
    }
}

/// Every record is handled, so that the good ones are done whatever becomes of the rest.
async fn notification<E, H, S>(items: &Items<S>, payload: &Bytes, handler: &H) -> Result<Reply, Error>
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let (mut walk, mut failures) = (Walk::new(payload), Vec::new());
    while let Some(item) = walk.next::<E, S>(items) {
        let outcome = match item {
            Ok(item) => handle::<E, H, S>(items, item, walk.count - 1, handler)
                .await
                .map(drop),
            Err(failed) => Err(failed),
        };
        failures.extend(outcome.err().map(|failed| failed.to_string()));
    }
    match failures.is_empty() {
        true => Ok(Reply::nothing()),
        false => Err(Error::failed(items.source(), failures, walk.count)),
    }
}

/// In order; the first failure ends the batch.
async fn stream<E, H, S>(items: &Items<S>, payload: &Bytes, handler: &H) -> Result<Reply, Error>
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let mut walk = Walk::new(payload);
    while let Some(item) = walk.next::<E, S>(items) {
        let outcome = match item {
            Ok(item) => handle::<E, H, S>(items, item, walk.count - 1, handler).await,
            Err(failed) => Err(failed),
        };
        if let Err(failed) = outcome {
            return checkpoint(items.source(), payload, failed);
        }
    }
    Ok(Reply::checkpoint(None))
}

/// Where the source has to deliver from again. A record without an id cannot be reported, and what reports a
/// batch of EventBridge Pipes (a bare array) is not the stream's own mapping: there, all of it has to come again.
fn checkpoint(source: Source, payload: &Bytes, failed: Failed) -> Result<Reply, Error> {
    let is_pipe = payload.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    match (&failed.id, is_pipe) {
        (Some(id), false) => Ok(Reply::checkpoint(Some(id.clone()))),
        _ => Err(Error::failed(source, vec![failed.to_string()], failed.index + 1)),
    }
}
