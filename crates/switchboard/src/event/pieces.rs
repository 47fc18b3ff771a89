//! A body that is sent piece by piece, up to its first fault.

use crate::deadlines::within;
use crate::panics::{self, Panic};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use std::pin::{Pin, pin};
use std::time::Instant;

/// The pieces of a body. After an error nothing follows.
pub(crate) type Pieces<E> = Pin<Box<dyn Stream<Item = Result<Bytes, E>> + Send>>;

/// Why a body ends too early.
pub(crate) enum BodyFault<E> {
    /// It says so.
    Failed(E),
    Panicked(Panic),
    OutOfTime,
}

/// The pieces until the first fault, of which `judge` makes the error. A panic or the deadline ends this body only.
pub(crate) fn until_fault<E, F>(
    pieces: Pieces<E>,
    ends: Option<Instant>,
    judge: impl Fn(BodyFault<E>) -> F + Send + 'static,
) -> Pieces<F>
where
    E: Send + 'static,
    F: Send + 'static,
{
    let watched = stream::unfold(Some((pieces, judge)), move |open| async move {
        let (mut pieces, judge) = open?;
        match next(&mut pieces, ends).await? {
            Ok(piece) => Some((Ok(piece), Some((pieces, judge)))),
            Err(fault) => Some((Err(judge(fault)), None)),
        }
    });
    Box::pin(watched)
}

async fn next<E>(pieces: &mut Pieces<E>, ends: Option<Instant>) -> Option<Result<Bytes, BodyFault<E>>> {
    match within(ends, panics::catching(pin!(pieces.next()))).await {
        Some(Ok(piece)) => Some(piece?.map_err(BodyFault::Failed)),
        Some(Err(panic)) => Some(Err(BodyFault::Panicked(panic))),
        None => Some(Err(BodyFault::OutOfTime)),
    }
}
