//! Subscriptions over HTTP: `PUT /2022-07-01/telemetry` and `PUT /2020-08-15/logs`.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;

use super::stream::SubscriptionRefusal;
use super::subscription::Api;
use crate::runtime_api::body::collect;
use crate::runtime_api::exchange::Exchange;
use crate::runtime_api::extensions;
use crate::runtime_api::invocation::{json_response, refuse};

pub(in crate::runtime_api) const TELEMETRY: &str = "/2022-07-01/telemetry";
pub(in crate::runtime_api) const LOGS: &str = "/2020-08-15/logs";

/// The largest accepted subscription, in bytes.
const LIMIT: usize = 64 << 10;

/// Answers a request to one of the APIs.
pub(in crate::runtime_api) async fn route(
    exchange: &Exchange,
    api: Api,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    if request.method() != Method::PUT {
        let message = format!("the {} API supports only PUT here", api.name());
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", &message);
    }
    let name = match extensions::identified(exchange, request.headers()) {
        Ok((_, name)) => name,
        Err(refusal) => return *refusal,
    };
    let body = collect(request.into_body(), LIMIT).await;
    let body = body.ok().and_then(|body| body.data).unwrap_or_default();
    let api_name = api.name();
    match exchange.telemetry.subscribe(&name, api, &body) {
        Ok(()) => json_response(StatusCode::OK, "\"OK\"".to_owned()),
        Err(SubscriptionRefusal::Invalid(message)) => refuse(
            StatusCode::BAD_REQUEST,
            &format!("{api_name}.ValidationError"),
            &message,
        ),
        Err(SubscriptionRefusal::Closed) => refuse(
            StatusCode::FORBIDDEN,
            &format!("{api_name}.SubscriptionClosed"),
            &format!("{api_name} API subscription is closed already"),
        ),
    }
}
