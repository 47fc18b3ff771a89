//! From a payload to its answer, by the event's kind of delivery.

use super::answer;
use super::item::{ItemOutcome, ItemReader, ReadItem, handle};
#[cfg(feature = "idempotency")]
use super::memo;
use super::outcomes::{BatchOutcomes, Blocks};
use super::run::run;
use crate::error::Error;
use crate::event::direct::Direct;
use crate::event::{Asked, Delivery, Event};
use crate::handler::{Call, Handler, Options, Payload, Reply};
use crate::telemetry;
use bytes::Bytes;
use serde::Serialize;

/// Passes the payload's records to the handler and composes the answer.
pub(crate) async fn deliver_records<A, H, S>(
    call: Call<S>,
    options: &Options,
    handler: &H,
) -> Result<Reply, Error>
where
    A: Asked,
    H: Handler<A::Item, S, Reply = <A::Event as Event>::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let Call { payload, invocation } = call;
    let items = ItemReader::new(invocation, options);
    let mut outcomes = begin::<A::Event>(options);
    recall::<A::Event, S>(&items, &payload, &mut outcomes).await;
    run::<A, H, S>(&items, &payload, &mut outcomes, handler).await;
    conclude::<A::Event, S>(&items, &payload, &mut outcomes).await
}

/// The answer. Records that are done beyond a checkpoint are remembered first.
pub(super) async fn conclude<E: Event, S>(
    items: &ItemReader<'_, S>,
    payload: &Bytes,
    outcomes: &mut BatchOutcomes<E::Reply>,
) -> Result<Reply, Error> {
    #[cfg(feature = "testing")]
    items.note_ended::<E>(payload, &mut outcomes.open);
    #[cfg(feature = "idempotency")]
    if let (Delivery::Stream, Some(memo)) = (E::DELIVERY, &items.options.memo) {
        memo.remember(memo::notes::<E, S>(items, payload, outcomes)).await;
    }
    answer::compose::<E>(
        items.source(),
        payload,
        outcomes,
        items.invocation.router.is_pipe_target(),
    )
}

/// Prepares the batch: what a failure blocks, and whether done records matter to the answer.
#[cfg_attr(
    not(feature = "idempotency"),
    expect(unused_variables, reason = "only a memo makes a difference")
)]
pub(super) fn begin<E: Event>(options: &Options) -> BatchOutcomes<E::Reply> {
    match E::DELIVERY {
        #[cfg(feature = "idempotency")]
        Delivery::Stream if options.memo.is_some() => BatchOutcomes::new(Blocks::Lane, true),
        Delivery::Stream | Delivery::Ordered => BatchOutcomes::new(Blocks::Batch, false),
        Delivery::Queue | Delivery::Partitions => BatchOutcomes::new(Blocks::Lane, false),
        Delivery::Transformation => BatchOutcomes::new(Blocks::Nothing, true),
        Delivery::Notification | Delivery::Whole => BatchOutcomes::new(Blocks::Nothing, false),
    }
}

/// The records that are done already.
#[cfg_attr(
    not(feature = "idempotency"),
    expect(unused_variables, reason = "only a memo knows")
)]
pub(super) async fn recall<E: Event, S>(
    items: &ItemReader<'_, S>,
    payload: &Bytes,
    outcomes: &mut BatchOutcomes<E::Reply>,
) {
    #[cfg(feature = "idempotency")]
    if let (Delivery::Stream, Some(memo)) = (E::DELIVERY, &items.options.memo) {
        outcomes.know(memo.recall(memo::first_key::<E, S>(items, payload)).await);
    }
}

/// Passes an event that is delivered whole to the handler, whose reply is the answer.
pub(crate) async fn deliver_whole<A, H, S>(
    call: Call<S>,
    options: &Options,
    handler: &H,
) -> Result<Reply, Error>
where
    A: Asked,
    H: Handler<A::Item, S, Reply = <A::Event as Event>::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let Call { payload, invocation } = call;
    let items = &ItemReader::new(invocation, options);
    telemetry::delivered(items.source(), 1, false, || None);
    let outcome = match items.mend::<A>(payload, 0) {
        Ok(item) if A::is_void(&item.mended.item) => {
            return Ok(Reply::nothing());
        }
        Ok(item) => handle::<A::Event, _, _, H, S>(items, item, |item| *item, handler).await,
        Err(failed) => items.settle(failed).await.map(|raw| (raw, None)),
    };
    answered(items, outcome)
}

/// The answer to an event that is delivered whole.
fn answered<R: Serialize, S>(items: &ItemReader<'_, S>, outcome: ItemOutcome<R>) -> Result<Reply, Error> {
    match outcome {
        Ok((_, Some(reply))) => Reply::json(&reply).map_err(Error::reply),
        Ok((_, None)) => Ok(Reply::nothing()),
        Err(failed) => Err(failed.into_error(items.source())),
    }
}

/// Passes on a payload without reading it, whatever it is.
pub(crate) async fn deliver_unread<H, S>(
    call: Call<S>,
    options: &Options,
    handler: &H,
) -> Result<Reply, Error>
where
    H: Handler<Payload, S, Reply: Serialize + Send + 'static>,
    S: Clone + Send + Sync + 'static,
{
    let Call { payload, invocation } = call;
    let items = ItemReader::new(invocation, options);
    telemetry::delivered(items.source(), 1, false, || None);
    let item = ReadItem::unread(payload);
    let outcome = handle::<Direct<Payload, H::Reply>, _, _, H, S>(&items, item, |item| *item, handler).await;
    answered(&items, outcome)
}
