//! The handlers of sources that take no reply, and what they give back.

use super::Handler;
use crate::event::Event;

/// A [`Handler`] of `E` that asks for a `T` and gives nothing back. All handlers that do are one; there is no need to implement it
/// yourself.
///
/// It stands for its two bounds, because the compiler reports a mistake once for each that it can check by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "not an async function of an item and a `Context`",
    note = "a handler is an `async fn(item, cx: Context<S>) -> Result<_, Failure>`: async, the item first and the `Context` second, \
            with the state that `Router::new` was given as its `S`, which is `{S}`; register the function itself, without calling it"
)]
pub trait SourceHandler<E: Event, T, S>: Handler<T, S, Reply: SourceReply<E, T>> {}

impl<E, T, S, H> SourceHandler<E, T, S> for H
where
    E: Event,
    H: Handler<T, S, Reply: SourceReply<E, T>>,
{
}

/// What a handler of `E` gives back when it is done: `()`, or what [`Unwrap`](crate::Unwrap) gives. `T` is what it asked for.
#[diagnostic::on_unimplemented(
    message = "a handler of `{E}` gives back `()`, not `{Self}`",
    label = "this handler returns a value that is never used",
    note = "the source takes no reply: return `Result<(), Failure>`"
)]
pub trait SourceReply<E: Event, T>: Into<()> + Send + 'static {}

impl<E: Event<Reply = ()>, T> SourceReply<E, T> for () {}

/// What [`Unwrap`](crate::Unwrap) gives back: nothing. It handles whatever record its event has, which is how that is told from
/// a handler that asks for something.
#[cfg(feature = "envelopes")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct Unwrapped;

#[cfg(feature = "envelopes")]
impl From<Unwrapped> for () {
    fn from(_: Unwrapped) {}
}

#[cfg(feature = "envelopes")]
impl<E: Event<Reply = ()>> SourceReply<E, E::Item> for Unwrapped {}
