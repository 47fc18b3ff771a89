//! Enrichments of EventBridge Pipes: the handler's replies are what the pipe's target receives.

use super::item::ItemReader;
use super::run::run;
use super::tally::{Blocks, Tally};
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
    let mut tally = Tally::new(Blocks::Batch, true);
    run::<A, H, S>(&items, &payload, &mut tally, handler).await;
    #[cfg(feature = "testing")]
    items.note_ended::<A::Event>(&payload, &mut tally.open);
    if tally.open.is_empty() {
        return compose(&mut tally).map_err(Error::reply);
    }
    Err(tally.error(items.source()))
}

/// In the order of the records. Rejected records, and those whose reply is `null`, are left out.
fn compose<R: Serialize>(tally: &mut Tally<R>) -> serde_json::Result<Reply> {
    tally.done.sort_by_key(|done| done.index);
    let replies = tally.done.iter().filter_map(|done| done.reply.as_ref());
    let values: Vec<Box<RawValue>> = replies.map(to_raw_value).collect::<Result<_, _>>()?;
    let kept: Vec<_> = values.iter().filter(|value| value.get() != "null").collect();
    Ok(Reply::pipe(to_raw_value(&kept)?))
}
