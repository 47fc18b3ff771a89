//! What the handlers of sources give back that take no reply.

use crate::event::Event;

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
