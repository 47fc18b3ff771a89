//! Request bodies, read up to a limit.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};

/// A request body.
pub(crate) struct Collected {
    /// The body, or `None` if it is over the limit.
    pub(crate) data: Option<Bytes>,
    /// The trailers after the body.
    pub(crate) trailers: HeaderMap,
}

/// Reads `body` to its end and keeps up to `limit` bytes. The rest is read too, and discarded: a client that is still
/// sending would not read the response that refuses it.
///
/// # Errors
/// If the client disconnects before the request ends.
pub(crate) async fn collect(mut body: Incoming, limit: usize) -> hyper::Result<Collected> {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(limit);
    let mut data = BytesMut::with_capacity(expected.min(limit));
    let mut whole = true;
    let mut trailers = HeaderMap::new();
    while let Some(frame) = body.frame().await {
        let frame = match frame?.into_data() {
            Ok(chunk) => {
                whole &= data.len() + chunk.len() <= limit;
                if whole {
                    data.extend_from_slice(&chunk);
                }
                continue;
            }
            Err(frame) => frame,
        };
        if let Ok(found) = frame.into_trailers() {
            trailers = found;
        }
    }
    Ok(Collected {
        data: whole.then(|| data.freeze()),
        trailers,
    })
}
