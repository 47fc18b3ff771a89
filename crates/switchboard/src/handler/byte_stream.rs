//! Replies that are sent while they are produced.

use super::Failure;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

/// What a handler of [`Router::direct_stream`](crate::Router::direct_stream) gives back: a stream of pieces, each of which is bytes or
/// text, or the error that ends the stream. All such streams implement it; there is no need to implement it yourself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stream of bytes",
    label = "not a `Stream` of `Result`s with bytes",
    note = "a streamed reply is a `futures_util::Stream<Item = Result<_, _>> + Send + 'static` of `Bytes`, `Vec<u8>`, `String` or \
            `&'static str`; its error is anything that `?` makes a `Failure` of"
)]
pub trait ByteStream: Send + 'static {
    /// The pieces, in their order.
    fn into_pieces(self) -> impl Stream<Item = Result<Bytes, Failure>> + Send + 'static;
}

#[diagnostic::do_not_recommend]
impl<T, B, E> ByteStream for T
where
    T: Stream<Item = Result<B, E>> + Send + 'static,
    B: Into<Bytes>,
    E: Into<Failure>,
{
    fn into_pieces(self) -> impl Stream<Item = Result<Bytes, Failure>> + Send + 'static {
        self.map(|piece| piece.map(Into::into).map_err(Into::into))
    }
}
