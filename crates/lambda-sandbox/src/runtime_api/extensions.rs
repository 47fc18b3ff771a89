//! The Extensions API, `2020-01-01`: for extensions that are programs of their own, and for those inside the function's process.
//! A runtime registers one of the latter to receive SIGTERM, or to flush its telemetry after an invocation.

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
use super::invocation::{accepted, json_response, refuse};
use super::registry::{LIMIT as EXTENSIONS, Phase, RegistrationError};

/// The header that names the extension.
const NAME: &str = "lambda-extension-name";
const IDENTIFIER: &str = "lambda-extension-identifier";
/// The header with the type of an error.
const ERROR_TYPE: &str = "lambda-extension-function-error-type";

/// The largest accepted registration or error, in bytes.
const LIMIT: usize = 256 << 10;

#[derive(Deserialize)]
struct Registration {
    #[serde(default)]
    events: Option<Vec<String>>,
}

/// Answers a request below `/2020-01-01/extension/`.
pub(super) async fn route(
    exchange: &Exchange,
    path: &str,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let get = request.method() == Method::GET;
    let post = request.method() == Method::POST;
    match path {
        "register" if post => register(exchange, request).await,
        "event/next" if get => next(exchange, request.headers()).await,
        "init/error" if post => failed(exchange, request, Phase::Init).await,
        "exit/error" if post => failed(exchange, request, Phase::Exit).await,
        "register" | "event/next" | "init/error" | "exit/error" => refuse(
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
        return refuse(StatusCode::FORBIDDEN, "InvalidRequestFormat", message);
    };
    let events = events.unwrap_or_default();
    if let Some(refused) = exchange.extensions.refused(&name, &events) {
        return forbid("InvalidEventType", &refused_event(refused));
    }
    match exchange.extensions.register(&name, &events) {
        Ok(id) => registered(exchange, &id, with_account),
        Err(RegistrationError::NameTaken) => forbid(
            "InvalidExtensionState",
            "Extension with this name already registered",
        ),
        Err(RegistrationError::TooMany) => forbid(
            "TooManyExtensions",
            &format!("Extension limit ({EXTENSIONS}) reached"),
        ),
        Err(RegistrationError::Closed) => {
            forbid("RegistrationClosed", "Extension registration closed already")
        }
    }
}

fn refused_event(event: &str) -> String {
    format!(
        "{event}: only INVOKE and SHUTDOWN exist, on Managed Instances only SHUTDOWN; and an extension inside the function's \
         process, whose name is not that of a file of the extensions' folder, does not receive SHUTDOWN"
    )
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
    let id = match identified(exchange, headers) {
        Ok((id, _)) => id,
        Err(refusal) => return *refusal,
    };
    match exchange.extensions.next(&id).await {
        Some(event) => event_response(event, &id),
        None => has_failed(),
    }
}

/// The identifier and the name of a registered extension.
pub(super) fn identified(
    exchange: &Exchange,
    headers: &HeaderMap,
) -> Result<(String, String), Box<Response<Full<Bytes>>>> {
    let Some(id) = headers.get(IDENTIFIER).and_then(|id| id.to_str().ok()) else {
        let message = "Missing Lambda-Extension-Identifier header";
        return Err(Box::new(forbid("MissingExtensionIdentifier", message)));
    };
    if Uuid::parse_str(id).is_err() {
        let message = "Invalid Lambda-Extension-Identifier";
        return Err(Box::new(forbid("InvalidExtensionIdentifier", message)));
    }
    match exchange.extensions.name(id) {
        Some(name) => Ok((id.to_owned(), name)),
        None => {
            let message = format!("Unknown extension {id}");
            Err(Box::new(forbid("UnknownExtensionIdentifier", &message)))
        }
    }
}

/// The error that an extension reports before it exits.
async fn failed(exchange: &Exchange, request: Request<Incoming>, phase: Phase) -> Response<Full<Bytes>> {
    let id = match identified(exchange, request.headers()) {
        Ok((id, _)) => id,
        Err(refusal) => return *refusal,
    };
    let error_type = request
        .headers()
        .get(ERROR_TYPE)
        .and_then(|name| name.to_str().ok());
    let Some(error_type) = error_type.filter(|name| !name.is_empty()).map(str::to_owned) else {
        return forbid("MissingHeader", "Lambda-Extension-Function-Error-Type not found");
    };
    // A client that is still sending would not read the answer.
    let _ = collect(request.into_body(), LIMIT).await;
    match exchange.extensions.reported(&id, phase, &error_type) {
        true => with_identifier(accepted(), &id),
        false => has_failed(),
    }
}

fn has_failed() -> Response<Full<Bytes>> {
    forbid(
        "InvalidExtensionState",
        "the extension has reported an error, and should exit",
    )
}

fn event_response(event: Bytes, id: &str) -> Response<Full<Bytes>> {
    let mut response = with_identifier(json_response(StatusCode::OK, String::new()), id);
    *response.body_mut() = Full::new(event);
    let id = HeaderValue::try_from(Uuid::new_v4().to_string());
    let name = HeaderName::from_static("lambda-extension-event-identifier");
    response.headers_mut().extend(id.map(|id| (name, id)));
    response
}

fn forbid(error_type: &str, message: &str) -> Response<Full<Bytes>> {
    refuse(StatusCode::FORBIDDEN, &format!("Extension.{error_type}"), message)
}
