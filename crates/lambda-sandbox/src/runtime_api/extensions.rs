//! The Extensions API, `2020-01-01`, for extensions inside the function's process. A runtime registers one to receive
//! SIGTERM, or to flush its telemetry after an invocation.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::body::collect;
use super::exchange::Exchange;
use super::headers::ACCOUNT;
use super::invocation::{json_response, refuse};
use super::registry::RegistrationError;

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
    let name = request.headers().get(NAME).and_then(|name| name.to_str().ok());
    let Some(name) = name.filter(|name| !name.is_empty()).map(str::to_owned) else {
        return forbid(
            "InvalidExtensionName",
            "the header Lambda-Extension-Name is missing",
        );
    };
    let with_account = accepts_account_id(request.headers());
    let body = collect(request.into_body(), LIMIT)
        .await
        .ok()
        .and_then(|body| body.data);
    let registration = body.and_then(|body| serde_json::from_slice::<Registration>(&body).ok());
    let Some(Registration { events }) = registration else {
        let message = "the body is not {\"events\": […]}";
        return refuse(StatusCode::BAD_REQUEST, "InvalidRequestFormat", message);
    };
    if let Some(refused) = events.iter().find(|event| !exchange.may_receive(event)) {
        return forbid("InvalidEventType", &refused_event(refused));
    }
    match exchange.extensions.register(&name, !events.is_empty()) {
        Ok(id) => registered(exchange, &id, with_account),
        Err(RegistrationError::NameTaken) => forbid(
            "InvalidExtensionState",
            "Extension with this name already registered",
        ),
        Err(RegistrationError::TooMany) => forbid("TooManyExtensions", "Extension limit (10) reached"),
    }
}

fn refused_event(event: &str) -> String {
    format!("an extension inside the function's process does not receive {event} events here")
}

/// Whether the extension asks for the account's id, with `Lambda-Extension-Accept-Feature: accountId`.
fn accepts_account_id(headers: &HeaderMap) -> bool {
    let features = headers.get("lambda-extension-accept-feature");
    let features = features.and_then(|features| features.to_str().ok());
    features.is_some_and(|features| features.split(',').any(|feature| feature.trim() == "accountId"))
}

fn registered(exchange: &Exchange, id: &str, with_account: bool) -> Response<Full<Bytes>> {
    let mut function =
        json!({"functionName": exchange.function(), "functionVersion": "$LATEST", "handler": "bootstrap"});
    if with_account {
        function["accountId"] = ACCOUNT.into();
    }
    with_identifier(json_response(StatusCode::OK, function.to_string()), id)
}

fn with_identifier(mut response: Response<Full<Bytes>>, id: &str) -> Response<Full<Bytes>> {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(IDENTIFIER, value);
    }
    response
}

/// Answers when there is an event, which for an extension without events is never.
async fn next(exchange: &Exchange, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let Some(id) = headers.get(IDENTIFIER).and_then(|id| id.to_str().ok()) else {
        return forbid(
            "MissingExtensionIdentifier",
            "the header Lambda-Extension-Identifier is missing",
        );
    };
    match exchange.extensions.next(id).await {
        Some(event) => event_response(event),
        None => forbid("UnknownExtensionIdentifier", "no such extension is registered"),
    }
}

fn event_response(event: Bytes) -> Response<Full<Bytes>> {
    let mut response = json_response(StatusCode::OK, String::new());
    *response.body_mut() = Full::new(event);
    let id = HeaderValue::try_from(Uuid::new_v4().to_string());
    let name = HeaderName::from_static("lambda-extension-event-identifier");
    response.headers_mut().extend(id.map(|id| (name, id)));
    response
}

fn forbid(error_type: &str, message: &str) -> Response<Full<Bytes>> {
    refuse(StatusCode::FORBIDDEN, &format!("Extension.{error_type}"), message)
}
