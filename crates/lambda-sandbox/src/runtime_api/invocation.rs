//! A function's answers: `…/invocation/{id}/response`, `…/invocation/{id}/error`, `/init/error` and
//! `/restore/error`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::json;

use super::body::{Collected, collect};
use super::exchange::{AnswerId, Exchange, InvocationState};
use super::headers::INVOCATION_ID;
use super::stream::{self, StreamError};
use crate::function::{FunctionError, Piece, ResponseMode};
use crate::{MAX_RESPONSE, MAX_STREAM};

/// The header with the type of an error.
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
/// The trailer with the error of a stream that fails midway, base64-encoded.
const ERROR_BODY: &str = "lambda-runtime-function-error-body";

/// Answers `…/response`.
pub(super) async fn response(
    exchange: &Exchange,
    id: &str,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let invocation = header(request.headers(), INVOCATION_ID);
    let id = answer_id(id, &invocation);
    if let Some(refusal) = refuse_early(exchange, &id) {
        return refusal;
    }
    let mode = mode(request.headers());
    let limit = match &mode {
        ResponseMode::Buffered => MAX_RESPONSE,
        ResponseMode::Streaming { content_type } => {
            if let Some(sink) = exchange.sink(&id) {
                let body = stream::pass_on(request.into_body(), content_type, &sink).await;
                return streamed(exchange, &id, body, mode);
            }
            MAX_STREAM
        }
    };
    let Ok(body) = collect(request.into_body(), limit).await else {
        return incomplete();
    };
    let Some(result) = result(body) else {
        let error = FunctionError::response_too_large(limit);
        let state = exchange.answer(&id, Err(error), ResponseMode::Buffered);
        return acknowledge(state, || too_large(limit));
    };
    acknowledge(exchange.answer(&id, result, mode), accepted)
}

/// Answers a stream that has been passed on.
fn streamed(
    exchange: &Exchange,
    id: &AnswerId<'_>,
    passed: Result<HeaderMap, StreamError>,
    mode: ResponseMode,
) -> Response<Full<Bytes>> {
    let (result, reply): (_, fn() -> _) = match passed {
        Ok(trailers) => (reported_in(&trailers).map_or(Ok(Bytes::new()), Err), accepted),
        Err(StreamError::TooLarge) => (Err(FunctionError::response_too_large(MAX_STREAM)), || {
            too_large(MAX_STREAM)
        }),
        Err(StreamError::BrokenOff) => {
            exchange.broken_off(id);
            return incomplete();
        }
    };
    let sink = exchange.sink(id);
    let ended = result.as_ref().map(|_| ()).map_err(Clone::clone);
    let response = acknowledge(exchange.answer(id, result, mode), reply);
    if let Some(sink) = sink {
        tokio::spawn(async move { sink.send(Piece::End(ended)).await });
    }
    response
}

/// Answers `…/error`.
pub(super) async fn error(
    exchange: &Exchange,
    id: &str,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let invocation = header(request.headers(), INVOCATION_ID);
    let id = answer_id(id, &invocation);
    if let Some(refusal) = refuse_early(exchange, &id) {
        return refusal;
    }
    let error_type = header(request.headers(), ERROR_TYPE);
    let Ok(body) = collect(request.into_body(), MAX_RESPONSE).await else {
        return incomplete();
    };
    let (error, reply): (_, fn() -> _) = match body.data {
        Some(payload) => (FunctionError::reported(payload, error_type.as_deref()), accepted),
        None => (FunctionError::response_too_large(MAX_RESPONSE), || {
            too_large(MAX_RESPONSE)
        }),
    };
    acknowledge(exchange.answer(&id, Err(error), ResponseMode::Buffered), reply)
}

pub(super) async fn init_error(exchange: &Exchange, request: Request<Incoming>) -> Response<Full<Bytes>> {
    reported(request, |error| exchange.init_failed(error)).await
}

pub(super) async fn restore_error(exchange: &Exchange, request: Request<Incoming>) -> Response<Full<Bytes>> {
    reported(request, |error| exchange.restore_failed(&error)).await
}

/// An error of the process rather than of an invocation.
async fn reported(request: Request<Incoming>, note: impl FnOnce(FunctionError)) -> Response<Full<Bytes>> {
    let error_type = header(request.headers(), ERROR_TYPE);
    let Ok(body) = collect(request.into_body(), MAX_RESPONSE).await else {
        return incomplete();
    };
    let payload = body.data.unwrap_or_default();
    note(FunctionError::reported(payload, error_type.as_deref()));
    accepted()
}

fn mode(headers: &HeaderMap) -> ResponseMode {
    let streaming = header(headers, "lambda-runtime-function-response-mode");
    if !streaming.is_some_and(|mode| mode.eq_ignore_ascii_case("streaming")) {
        return ResponseMode::Buffered;
    }
    let content_type = header(headers, "content-type");
    ResponseMode::Streaming {
        content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
    }
}

/// The reply in the body, or the error in the trailers; `None` if the reply is too large.
fn result(body: Collected) -> Option<Result<Bytes, FunctionError>> {
    match reported_in(&body.trailers) {
        Some(error) => Some(Err(error)),
        None => body.data.map(Ok),
    }
}

/// The error of a stream that fails midway, in the trailers after its body.
fn reported_in(trailers: &HeaderMap) -> Option<FunctionError> {
    let error_type = header(trailers, ERROR_TYPE)?;
    let payload = header(trailers, ERROR_BODY).and_then(|text| STANDARD.decode(text).ok());
    let payload = payload.unwrap_or_default().into();
    Some(FunctionError::reported(payload, Some(&error_type)))
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The response to an answer: `reply` if the id was running.
fn acknowledge(
    state: InvocationState,
    reply: impl FnOnce() -> Response<Full<Bytes>>,
) -> Response<Full<Bytes>> {
    match state {
        InvocationState::UnderWay => reply(),
        InvocationState::Stale => refuse(StatusCode::GONE, "InvokeTimeout", "Invoke timeout"),
        InvocationState::Over => refuse(StatusCode::GONE, "InvalidRequestID", "the invocation has ended"),
        InvocationState::Unknown => refuse(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
    }
}

pub(super) fn accepted() -> Response<Full<Bytes>> {
    json_response(StatusCode::ACCEPTED, json!({"status": "OK"}).to_string())
}

fn too_large(limit: usize) -> Response<Full<Bytes>> {
    let message = format!("Exceeded maximum allowed payload size ({limit} bytes).");
    refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
}

/// The request broke off. Its invocation continues: the runtime may try again, exit or time out.
fn incomplete() -> Response<Full<Bytes>> {
    refuse(StatusCode::BAD_REQUEST, "TruncatedBody", "the body is incomplete")
}

/// An error of the Runtime API, in its wording.
pub(super) fn refuse(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    json_response(
        status,
        json!({"errorMessage": message, "errorType": error_type}).to_string(),
    )
}

pub(super) fn json_response(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

fn answer_id<'a>(request: &'a str, invocation: &'a Option<String>) -> AnswerId<'a> {
    AnswerId {
        request,
        invocation: invocation.as_deref(),
    }
}

/// The refusal of an answer to `id`, if it can be refused before its body is read.
fn refuse_early(exchange: &Exchange, id: &AnswerId<'_>) -> Option<Response<Full<Bytes>>> {
    match exchange.state(id) {
        InvocationState::UnderWay => None,
        other => Some(acknowledge(other, accepted)),
    }
}
