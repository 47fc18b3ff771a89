//! From a payload to its answer, by the event's kind of delivery.

use super::answer;
use super::item::{Items, handle};
use super::run::run;
use super::tally::{Stop, Tally};
use crate::error::Error;
use crate::event::{Delivery, Event};
use crate::router::{Call, Handler, Options, Reply};
use bytes::Bytes;

/// Hands the payload's items to the handler and composes the answer.
pub(crate) async fn deliver<E, H, S>(call: Call<S>, options: &Options, handler: &H) -> Result<Reply, Error>
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let Call { payload, invocation } = call;
    let items = Items::new(invocation, options);
    if E::DELIVERY == Delivery::Whole {
        return whole::<E, H, S>(&items, payload, handler).await;
    }
    let tally = run::<E, H, S>(&items, &payload, tally::<E>(), handler).await;
    answer::compose::<E>(items.source(), &payload, tally)
}

/// What a failure keeps from being started, and whether what is through matters to the answer.
pub(super) fn tally<E: Event>() -> Tally<E::Reply> {
    match E::DELIVERY {
        Delivery::Stream => Tally::new(Stop::Batch, false),
        Delivery::Queue | Delivery::Partitions => Tally::new(Stop::Lane, false),
        Delivery::Transformation => Tally::new(Stop::Nothing, true),
        Delivery::Notification | Delivery::Whole => Tally::new(Stop::Nothing, false),
    }
}

async fn whole<E, H, S>(items: &Items<'_, S>, payload: Bytes, handler: &H) -> Result<Reply, Error>
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let outcome = match items.mend::<E>(payload, 0) {
        Ok(item) if E::is_void(&item.mended.item) => return Ok(Reply::nothing()),
        Ok(item) => handle::<E, H, S>(items, item, handler).await,
        Err(failed) => items.settle(failed).await.map(|()| None),
    };
    match outcome {
        Ok(Some(reply)) => Reply::json(&reply).map_err(Error::reply),
        Ok(None) => Ok(Reply::nothing()),
        Err(failed) => Err(Error::failed(items.source(), vec![failed.to_string()], 1)),
    }
}
