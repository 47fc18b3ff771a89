//! Enrichments of EventBridge Pipes: the handler's replies are what the pipe's target receives.

use super::item::ItemReader;
use super::outcomes::{BatchOutcomes, Blocks};
use super::run::run;
use crate::error::Error;
use crate::event::Asked;
use crate::handler::{Call, Handler, Options, Reply};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// Passes each record to the handler and composes the target's list.
///
/// An enrichment has no partial answer: after a failure the whole batch is delivered again, so nothing is started
/// behind one.
pub(crate) async fn deliver<A, H, S, R>(call: Call<S>, options: &Options, handler: &H) -> Result<Reply, Error>
where
    A: Asked,
    H: Handler<A::Item, S, Reply = R>,
    R: Serialize + Send,
    S: Clone + Send + Sync + 'static,
{
    let Call { payload, invocation } = call;
    let items = ItemReader::new(invocation, options);
    let mut outcomes = BatchOutcomes::new(Blocks::Batch, true);
    run::<A, H, S>(&items, &payload, &mut outcomes, handler).await;
    #[cfg(feature = "testing")]
    items.note_ended::<A::Event>(&payload, &mut outcomes.open);
    if outcomes.open.is_empty() {
        return compose(&mut outcomes).map_err(Error::reply);
    }
    Err(outcomes.error(items.source()))
}

/// In the order of the records. Rejected records, and those whose reply is `null`, are left out.
fn compose<R: Serialize>(outcomes: &mut BatchOutcomes<R>) -> serde_json::Result<Reply> {
    outcomes.done.sort_by_key(|done| done.index);
    let replies = outcomes.done.iter().filter_map(|done| done.reply.as_ref());
    let values: Vec<Box<RawValue>> = replies.map(to_raw_value).collect::<Result<_, _>>()?;
    let kept: Vec<_> = values.iter().filter(|value| value.get() != "null").collect();
    Ok(Reply::pipe(to_raw_value(&kept)?))
}
