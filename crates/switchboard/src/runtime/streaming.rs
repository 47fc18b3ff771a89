//! Sends a reply while it is produced.
//!
//! AWS Lambda Developer Guide, “Using Lambda response streaming with custom runtimes”.

use crate::error::Error;
use crate::event::pieces::Pieces;
use crate::handler::ReplyStream;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use http::header::{CONTENT_TYPE, TRAILER};
use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_runtime::Diagnostic;
use lambda_runtime_api_client::body::sender::Sender;

const MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const ERROR_BODY: HeaderName = HeaderName::from_static("lambda-runtime-function-error-body");

/// A stream as it is sent.
pub(super) struct OutgoingStream {
    /// It may end with an error.
    pub(super) headers: HeaderMap,
    prelude: Vec<u8>,
    pieces: Pieces<Error>,
}

impl OutgoingStream {
    /// # Errors
    /// The prelude cannot be serialized.
    pub(super) fn of(stream: ReplyStream) -> Result<Self, serde_json::Error> {
        let (content_type, prelude, pieces) = match stream {
            #[cfg(feature = "http")]
            ReplyStream::Http(stream) => (
                "application/vnd.awslambda.http-integration-response",
                stream.prelude()?,
                stream.response.into_body(),
            ),
            ReplyStream::Bytes(pieces) => ("application/octet-stream", Vec::new(), pieces),
        };
        Ok(Self {
            headers: headers(content_type),
            prelude,
            pieces,
        })
    }

    /// Sends the prelude and the pieces, and after an error its type and text. Stops when nobody reads any more: then the answer
    /// to the request says why.
    pub(super) async fn pump(mut self, mut to: Sender) {
        if !self.prelude.is_empty() && to.send_data(self.prelude.into()).await.is_err() {
            return;
        }
        while let Some(piece) = self.pieces.next().await {
            let sent = match piece {
                Ok(piece) if piece.is_empty() => continue,
                Ok(piece) => to.send_data(piece).await,
                Err(error) => to.send_trailers(trailers(error)).await,
            };
            if sent.is_err() {
                return;
            }
        }
    }
}

fn headers(content_type: &'static str) -> HeaderMap {
    let text = HeaderValue::from_static;
    HeaderMap::from_iter([
        (MODE, text("streaming")),
        (CONTENT_TYPE, text(content_type)),
        // hyper sends only trailers that are announced.
        (
            TRAILER,
            text("lambda-runtime-function-error-type, lambda-runtime-function-error-body"),
        ),
    ])
}

fn trailers(error: Error) -> HeaderMap {
    let error_type = HeaderValue::try_from(error.error_type());
    let body = serde_json::to_vec(&Diagnostic::from(error)).unwrap_or_default();
    let body = HeaderValue::try_from(STANDARD.encode(body));
    let mut trailers = HeaderMap::new();
    trailers.extend(error_type.map(|error_type| (ERROR_TYPE, error_type)));
    trailers.extend(body.map(|body| (ERROR_BODY, body)));
    trailers
}
