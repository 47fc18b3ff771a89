//! Request bodies, read up to a limit.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};

/// A request body.
pub(crate) struct Collected {
    /// The body, or `None` if it is over the limit.
    pub(crate) data: Option<Bytes>,
    /// What stood after it.
    pub(crate) trailers: HeaderMap,
}

/// Reads `body` to its end and keeps up to `limit` bytes. What is over the limit is read too, and thrown away: a
/// client that is still sending would not read the answer that tells it so.
///
/// # Errors
/// When the client goes before its request ends.
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
