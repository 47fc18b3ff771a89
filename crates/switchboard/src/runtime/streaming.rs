//! Sends a reply while its body is produced.
//!
//! AWS Lambda Developer Guide, “Using Lambda response streaming with custom runtimes”.

use crate::error::Error;
use crate::event::api_gateway::HttpStream;
#[cfg(feature = "testing")]
use crate::event::api_gateway::{HttpReply, finish};
#[cfg(feature = "testing")]
use crate::handler::Reply;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
#[cfg(feature = "testing")]
use bytes::BytesMut;
use futures_util::StreamExt as _;
use http::header::{CONTENT_TYPE, TRAILER};
use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_runtime::Diagnostic;
use lambda_runtime_api_client::body::sender::Sender;

const MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const ERROR_BODY: HeaderName = HeaderName::from_static("lambda-runtime-function-error-body");

/// The headers of a reply that begins with a prelude and may end with an error.
pub(super) fn headers() -> HeaderMap {
    let text = HeaderValue::from_static;
    HeaderMap::from_iter([
        (MODE, text("streaming")),
        (
            CONTENT_TYPE,
            text("application/vnd.awslambda.http-integration-response"),
        ),
        // hyper sends only trailers that are announced.
        (
            TRAILER,
            text("lambda-runtime-function-error-type, lambda-runtime-function-error-body"),
        ),
    ])
}

/// Sends the prelude and the body, and after an error its type and text. Stops when nobody reads any more: then the answer to
/// the request says why.
pub(super) async fn pump(prelude: Vec<u8>, stream: HttpStream, mut to: Sender) {
    let mut body = stream.response.into_body();
    if to.send_data(prelude.into()).await.is_err() {
        return;
    }
    while let Some(piece) = body.next().await {
        let sent = match piece {
            Ok(piece) => to.send_data(piece).await,
            Err(error) => to.send_trailers(trailers(error)).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

fn trailers(error: Error) -> HeaderMap {
    let error_type = HeaderValue::from_static(error.error_type());
    let body = serde_json::to_vec(&Diagnostic::from(error)).unwrap_or_default();
    let body = HeaderValue::try_from(STANDARD.encode(body));
    let mut trailers = HeaderMap::from_iter([(ERROR_TYPE, error_type)]);
    trailers.extend(body.map(|body| (ERROR_BODY, body)));
    trailers
}

/// A reply in one piece, for tests that send nothing: a stream is read to its end.
///
/// # Errors
/// The stream ends with an error.
#[cfg(feature = "testing")]
pub(super) async fn collected(reply: Reply) -> Result<Reply, Error> {
    let stream = match reply.into_stream() {
        Ok(stream) => stream,
        Err(reply) => return Ok(reply),
    };
    let source = stream.source;
    let (parts, mut body) = stream.response.into_parts();
    let mut whole = BytesMut::new();
    while let Some(piece) = body.next().await {
        whole.extend_from_slice(&piece?);
    }
    let response = http::Response::from_parts(parts, http_body_util::Full::new(whole.freeze()));
    match finish(response, false, usize::MAX).await {
        Ok(response) => Ok(Reply::http(HttpReply::new(source, true, response))),
        Err(invalid) => Err(Error::stream_failed(invalid.to_string())),
    }
}
