//! Stored responses.

use aws_lambda_events::encodings::Base64Data;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use lambda_http::Body;
use serde::{Deserialize, Serialize};

/// The header field of a response from the store: `Idempotent-Replayed: true`.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A response in the store.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct StoredResponse {
    status: u16,
    /// Each byte of a value as the character of its number, because values need not be UTF-8.
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary: Option<Base64Data>,
    /// The response was sent, but is too large to be stored.
    #[serde(default)]
    too_large: bool,
}

impl StoredResponse {
    /// A response as JSON; without its content if it has more than `limit` bytes.
    pub(super) fn json(response: &Response<Body>, limit: usize) -> Result<String, serde_json::Error> {
        let too_large = Self {
            status: response.status().as_u16(),
            headers: Vec::new(),
            text: None,
            binary: None,
            too_large: true,
        };
        if response.body().len() <= limit {
            let json = serde_json::to_string(&Self::of(response))?;
            if json.len() <= limit {
                return Ok(json);
            }
        }
        serde_json::to_string(&too_large)
    }

    fn of(response: &Response<Body>) -> Self {
        let (text, binary) = match response.body() {
            Body::Text(text) => (Some(text.clone()), None),
            Body::Binary(bytes) => {
                let mut data = Base64Data::default();
                *data = bytes.clone();
                (None, Some(data))
            }
            _ => (None, None),
        };
        let headers = response.headers().iter();
        Self {
            status: response.status().as_u16(),
            headers: headers
                .map(|(name, value)| {
                    let value = value.as_bytes().iter().map(|byte| char::from(*byte));
                    (name.as_str().to_owned(), value.collect())
                })
                .collect(),
            text,
            binary,
            too_large: false,
        }
    }

    /// The stored response: `None` if the JSON is not one, `Err` if the response was too large.
    pub(super) fn response(json: &str) -> Option<Result<Response<Body>, TooLarge>> {
        let kept: Self = serde_json::from_str(json).ok()?;
        if kept.too_large {
            return Some(Err(TooLarge));
        }
        let mut headers = HeaderMap::with_capacity(kept.headers.len() + 1);
        for (name, value) in kept.headers {
            let value: Option<Vec<u8>> = value.chars().map(|char| u8::try_from(char).ok()).collect();
            let value = HeaderValue::from_bytes(&value?).ok()?;
            headers.append(HeaderName::try_from(name).ok()?, value);
        }
        headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
        let body = match (kept.text, kept.binary) {
            (Some(text), _) => Body::Text(text),
            (_, Some(mut data)) => Body::Binary(std::mem::take(&mut data)),
            _ => Body::Empty,
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(kept.status).ok()?;
        *response.headers_mut() = headers;
        Some(Ok(response))
    }
}

/// The response was sent once, and is not available again.
#[derive(Debug)]
pub(super) struct TooLarge;

/// Whether a retry may lead to another answer, so that this one must not be stored: the server's errors, and those
/// client errors that depend on the time or on credentials. They have no effect.
pub(super) fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || [
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::TOO_EARLY,
            StatusCode::TOO_MANY_REQUESTS,
        ]
        .contains(&status)
}
