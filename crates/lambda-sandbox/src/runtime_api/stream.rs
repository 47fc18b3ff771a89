//! A streamed reply whose pieces are passed on as they come.

use http::HeaderMap;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::MAX_STREAM;
use crate::function::{Piece, StreamSink};

/// Why a stream was not passed on to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum StreamError {
    /// It exceeds Lambda's limit.
    TooLarge,
    /// The function broke it off.
    BrokenOff,
}

/// Passes a body on, as fast as it is read, and returns the trailers after it.
pub(super) async fn pass_on(
    mut body: Incoming,
    content_type: &str,
    sink: &StreamSink,
) -> Result<HeaderMap, StreamError> {
    let content_type = content_type.to_owned();
    sink.send(Piece::Head { content_type }).await;
    let mut trailers = HeaderMap::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StreamError::BrokenOff)?;
        match frame.into_data() {
            Ok(data) => {
                size += data.len();
                if size > MAX_STREAM {
                    return Err(StreamError::TooLarge);
                }
                sink.send(Piece::Data(data)).await;
            }
            Err(frame) => {
                if let Ok(found) = frame.into_trailers() {
                    trailers = found;
                }
            }
        }
    }
    Ok(trailers)
}
