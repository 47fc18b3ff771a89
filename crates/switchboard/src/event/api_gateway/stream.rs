//! A response whose body is sent while it is still produced.

use super::reply::{Head, form};
use super::response::{IntoResponse, has_no_body};
use crate::error::Error;
use crate::event::pieces::Pieces;
use crate::source::Source;
use bytes::{Buf as _, Bytes};
use futures_util::stream;
use http::Response;
use http_body_util::BodyExt as _;
use lambda_http::Body;
use std::fmt;
use std::pin::Pin;

/// The end of a prelude. AWS Lambda Developer Guide, “Using Lambda response streaming with custom runtimes”.
const PRELUDE_END: [u8; 8] = [0; 8];

/// A reply that is sent piece by piece.
pub(crate) struct HttpStream {
    pub(crate) source: Source,
    pub(crate) response: Response<Pieces<Error>>,
}

impl HttpStream {
    pub(crate) fn new(source: Source, response: Response<Pieces<Error>>) -> Self {
        Self { source, response }
    }

    /// Status, headers and cookies, as they are sent before the body.
    ///
    /// # Errors
    /// They cannot be serialized.
    pub(crate) fn prelude(&self) -> Result<Vec<u8>, serde_json::Error> {
        let head = Head {
            form: form(self.source),
            multi_value: true,
            status: self.response.status(),
            headers: self.response.headers(),
        };
        let mut prelude = serde_json::to_vec(&head)?;
        prelude.extend_from_slice(&PRELUDE_END);
        Ok(prelude)
    }
}

/// Shows neither headers nor body, because they do not belong in logs.
impl fmt::Debug for HttpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpStream")
            .field("source", &self.source)
            .field("status", &self.response.status())
            .finish_non_exhaustive()
    }
}

/// A service's response with the pieces of its body. `head` says that it answers a HEAD request.
pub(crate) fn pieces<R>(response: R, head: bool) -> Response<Pieces<String>>
where
    R: IntoResponse<Body: 'static>,
{
    let (parts, body) = response.into_response().into_parts();
    let pieces: Pieces<String> = match has_no_body(head, parts.status) {
        // Dropped unread, as by any HTTP server.
        true => Box::pin(stream::empty()),
        false => Box::pin(stream::unfold(Box::pin(body), |mut body| async {
            let piece = next_piece(&mut body).await?;
            Some((piece, body))
        })),
    };
    Response::from_parts(parts, pieces)
}

/// A whole body as one piece.
pub(crate) fn one_piece<E: Send + 'static>(response: Response<Body>) -> Response<Pieces<E>> {
    response.map(|body| {
        let bytes = match body {
            Body::Text(text) => Bytes::from(text),
            Body::Binary(bytes) => Bytes::from(bytes),
            _ => Bytes::new(),
        };
        Box::pin(stream::iter((!bytes.is_empty()).then_some(Ok(bytes)))) as Pieces<E>
    })
}

/// The next data of a body. Trailers are not sent: Lambda has none for clients.
async fn next_piece<B>(body: &mut Pin<Box<B>>) -> Option<Result<Bytes, String>>
where
    B: http_body::Body<Error: fmt::Debug>,
{
    loop {
        let mut data = match body.frame().await?.map(http_body::Frame::into_data) {
            Ok(Ok(data)) => data,
            Ok(Err(_trailers)) => continue,
            Err(error) => return Some(Err(format!("{error:?}"))),
        };
        if data.has_remaining() {
            return Some(Ok(data.copy_to_bytes(data.remaining())));
        }
    }
}
