//! A payload whose answer is sent while it is produced.

use super::item::{ItemReader, handle};
use crate::deadlines::hard_deadline;
use crate::error::Error;
use crate::event::OwnItem;
use crate::event::direct::Direct;
use crate::event::pieces::{BodyFault, until_fault};
use crate::handler::{ByteStream, Call, Failure, Handler, Options, Reply};
use crate::panics::Panic;
use crate::source::Source;
use crate::telemetry;
use serde::de::DeserializeOwned;

/// Passes the payload to the handler, and answers with the stream that it gives back.
pub(crate) async fn deliver<T, H, S>(call: Call<S>, options: &Options, handler: &H) -> Result<Reply, Error>
where
    T: DeserializeOwned + Send + 'static,
    H: Handler<T, S, Reply: ByteStream>,
    S: Clone + Send + Sync + 'static,
{
    let Call { payload, invocation } = call;
    let (source, ends) = (invocation.source, invocation.ends.map(hard_deadline));
    let items = ItemReader::new(invocation, options);
    telemetry::delivered(source, 1, false, || None);
    let outcome = match items.mend::<OwnItem<Direct<T, ()>>>(payload, 0) {
        Ok(item) => handle::<Direct<T, ()>, _, _, H, S>(&items, item, |item| *item, handler).await,
        Err(failed) => items.settle(failed).await.map(|raw| (raw, None)),
    };
    match outcome {
        Ok((_, Some(stream))) => {
            let pieces = Box::pin(stream.into_pieces());
            Ok(Reply::bytes(until_fault(pieces, ends, move |fault| {
                failed(fault, source)
            })))
        }
        Ok((_, None)) => Ok(Reply::nothing()),
        Err(failed) => Err(failed.into_error(source)),
    }
}

/// What the caller gets behind the last piece. It is logged.
fn failed(fault: BodyFault<Failure>, source: Source) -> Error {
    let failure = match fault {
        BodyFault::Failed(failure) => failure,
        BodyFault::Panicked(panic) => Failure::panicked("the stream", panic),
        BodyFault::OutOfTime => Failure::msg("the stream was dropped, because the invocation's time ran out"),
    };
    telemetry::record_failed(source, false);
    let panic = failure.panic();
    let (location, backtrace) = (panic.and_then(Panic::location), panic.and_then(Panic::backtrace));
    let log = || tracing::error!(%source, location, backtrace, error = %failure, "stream failed");
    match panic {
        Some(panic) => panic.span().in_scope(log),
        None => log(),
    }
    Error::stream_failed(failure.name(), failure.to_string())
}
