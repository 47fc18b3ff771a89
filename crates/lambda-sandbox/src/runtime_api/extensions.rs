//! The Extensions API, `2020-01-01`, for extensions inside the function's process that subscribe to no events. Runtimes
//! register such an extension to receive SIGTERM.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::body::collect;
use super::exchange::Exchange;
use super::invocation::{json_response, refuse};

/// The header that names the extension.
const NAME: &str = "lambda-extension-name";
const IDENTIFIER: &str = "lambda-extension-identifier";

/// The largest accepted registration, in bytes.
const LIMIT: usize = 4096;

#[derive(Deserialize)]
struct Registration {
    #[serde(default)]
    events: Vec<String>,
}

/// Answers a request below `/2020-01-01/extension/`.
pub(super) async fn route(
    exchange: &Exchange,
    path: &str,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    match path {
        "register" if request.method() == Method::POST => register(exchange, request).await,
        "event/next" if request.method() == Method::GET => next(exchange, request.headers()).await,
        "register" | "event/next" => refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            "the Extensions API does not support this method here",
        ),
        _ => refuse(
            StatusCode::NOT_FOUND,
            "NotFound",
            "the Extensions API has no such path here",
        ),
    }
}

async fn register(exchange: &Exchange, request: Request<Incoming>) -> Response<Full<Bytes>> {
    if !request.headers().contains_key(NAME) {
        let message = "the header Lambda-Extension-Name is missing";
        return refuse(StatusCode::FORBIDDEN, "Extension.InvalidExtensionName", message);
    }
    let body = collect(request.into_body(), LIMIT)
        .await
        .ok()
        .and_then(|body| body.data);
    let registration = body.and_then(|body| serde_json::from_slice::<Registration>(&body).ok());
    let Some(registration) = registration else {
        let message = "the body is not {\"events\": […]}";
        return refuse(StatusCode::BAD_REQUEST, "InvalidRequestFormat", message);
    };
    if !registration.events.is_empty() {
        let message = "internal extensions receive no events here; register with an empty list";
        return refuse(StatusCode::FORBIDDEN, "Extension.InvalidEventType", message);
    }
    let id = Uuid::new_v4().to_string();
    let mut response = json_response(
        StatusCode::OK,
        json!({"functionName": exchange.function(), "functionVersion": "$LATEST", "handler": "bootstrap"})
            .to_string(),
    );
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(IDENTIFIER, value);
    }
    exchange.add_extension(id);
    response
}

/// Never answers: an extension without events can only wait.
async fn next(exchange: &Exchange, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let id = headers.get(IDENTIFIER).and_then(|id| id.to_str().ok());
    match id {
        Some(id) if exchange.has_extension(id) => std::future::pending().await,
        Some(_) => refuse(
            StatusCode::FORBIDDEN,
            "Extension.UnknownExtensionIdentifier",
            "no such extension is registered",
        ),
        None => refuse(
            StatusCode::FORBIDDEN,
            "Extension.MissingExtensionIdentifier",
            "the header Lambda-Extension-Identifier is missing",
        ),
    }
}
