//! Replies: what a service answers reaches the client, whichever gateway stands between: status, headers, cookies and every byte of
//! the body.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use lambda_http::{Body, Request};
use lambda_sandbox::ResponseMode;
use lambda_sandbox::http::{PayloadFormat, response};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::convert::Infallible;
use std::sync::{LazyLock, Mutex};
use switchboard::Router;
use switchboard_fuzz::{Message, reply};

fuzz_target!(|data: &[u8]| {
    let Some(answered) = Message::read(data).and_then(answered) else {
        return;
    };
    for gateway in Gateway::ALL {
        *ANSWER.lock().expect("nothing panics with it") = Some(answered.clone());
        let reply = reply(&ROUTER, gateway.event()).expect("an answer is never a function error");
        let reply: Bytes = serde_json::to_vec(&reply).expect("a reply is JSON").into();
        let seen = gateway.response(&reply);
        assert_eq!(answered.status(), seen.status(), "{gateway:?}");
        // These have no body in HTTP.
        let is_bare = [204, 304].contains(&answered.status().as_u16());
        let body = if is_bare { &b""[..] } else { answered.body() };
        assert_eq!(body, &seen.body()[..], "{gateway:?}");
        for name in answered.headers().keys().filter(|name| is_passed_on(name)) {
            let seen: Vec<&HeaderValue> = seen.headers().get_all(name).iter().collect();
            assert_eq!(
                gateway.values(answered.headers(), name),
                seen,
                "{gateway:?} of {name}"
            );
        }
        let more = seen
            .headers()
            .keys()
            .find(|name| !answered.headers().contains_key(*name));
        assert!(
            more.is_none_or(|name| name == CONTENT_TYPE),
            "{gateway:?} adds {more:?}"
        );
    }
});

/// What the service answers, if a gateway takes such a status: `200`, headers, a body.
fn answered(message: Message<'_>) -> Option<Response<Body>> {
    let status: u16 = message
        .line
        .parse()
        .ok()
        .filter(|status| (200..600).contains(status))?;
    let mut response = Response::builder()
        .status(status)
        .body(Body::from(message.body))
        .ok()?;
    *response.headers_mut() = message.headers;
    Some(response)
}

static ANSWER: Mutex<Option<Response<Body>>> = Mutex::new(None);

static ROUTER: LazyLock<Router<()>> = LazyLock::new(|| {
    Router::new(()).http(tower::service_fn(async |_: Request| {
        let answer = ANSWER.lock().expect("nothing panics with it").take();
        Ok::<_, Infallible>(answer.expect("one for each request"))
    }))
});

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Gateway {
    Rest,
    Http,
    FunctionUrl,
    Alb,
    AlbMultiValue,
}

impl Gateway {
    const ALL: [Self; 5] = [
        Self::Rest,
        Self::Http,
        Self::FunctionUrl,
        Self::Alb,
        Self::AlbMultiValue,
    ];

    fn event(self) -> &'static str {
        match self {
            Self::Rest => include_str!("../../events/api_gateway/rest_get.json"),
            Self::Http => include_str!("../../events/api_gateway/http_get.json"),
            Self::FunctionUrl => include_str!("../../events/api_gateway/function_url_get.json"),
            Self::Alb => include_str!("../../events/api_gateway/alb_get.json"),
            Self::AlbMultiValue => include_str!("../../events/api_gateway/alb_multi_value_post.json"),
        }
    }

    /// What it makes of a reply.
    fn response(self, reply: &Bytes) -> Response<Bytes> {
        let format = match self {
            Self::Rest => PayloadFormat::Rest,
            Self::Http => PayloadFormat::Http,
            Self::FunctionUrl => PayloadFormat::FunctionUrl,
            Self::Alb | Self::AlbMultiValue => return alb(reply, self == Self::AlbMultiValue),
        };
        response(reply, &ResponseMode::Buffered, format).expect("a gateway takes it")
    }

    /// The values of a header that the service sent, as the client has to see them.
    fn values(self, headers: &HeaderMap, name: &HeaderName) -> Vec<HeaderValue> {
        let mut values: Vec<String> = headers.get_all(name).iter().map(text).collect();
        let values = match self {
            Self::Rest | Self::AlbMultiValue => values,
            Self::Http | Self::FunctionUrl if name == SET_COOKIE => values,
            Self::Alb if name == SET_COOKIE => values.split_off(values.len() - 1),
            _ => vec![values.join(", ")],
        };
        values
            .into_iter()
            .map(|value| value.try_into().expect("it was one"))
            .collect()
    }
}

/// A value as JSON can have it: UTF-8, or else a character for each byte.
fn text(value: &HeaderValue) -> String {
    match value.to_str().ok().or(std::str::from_utf8(value.as_bytes()).ok()) {
        Some(text) => text.to_owned(),
        None => value.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// What is about the connection a gateway says itself.
fn is_passed_on(name: &HeaderName) -> bool {
    ![CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name)
}

/// What a load balancer makes of a reply. (Elastic Load Balancing User Guide, “Lambda functions as targets for Application Load
/// Balancers”.)
fn alb(reply: &Bytes, multi_value: bool) -> Response<Bytes> {
    let reply: Value = serde_json::from_slice(reply).expect("a reply is JSON");
    let body = reply["body"].as_str().unwrap_or_default();
    let body = match reply["isBase64Encoded"] == true {
        true => STANDARD.decode(body).expect("base64, as it says"),
        false => body.as_bytes().to_vec(),
    };
    let status = reply["statusCode"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let status = status.expect("a status is a number");
    let description = reply["statusDescription"].as_str().expect("it has one");
    assert!(description.starts_with(&format!("{status} ")), "{description}");
    let mut response = Response::builder()
        .status(status)
        .body(body.into())
        .expect("a status is one");
    let key = if multi_value {
        "multiValueHeaders"
    } else {
        "headers"
    };
    for (name, value) in reply[key].as_object().expect("headers are an object") {
        let name: HeaderName = name.parse().expect("a name is one");
        for value in value.as_array().unwrap_or(&vec![value.clone()]) {
            let value = value.as_str().expect("a value is a text").try_into();
            response
                .headers_mut()
                .append(&name, value.expect("a value is one"));
        }
    }
    response
}
