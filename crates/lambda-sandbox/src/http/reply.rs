//! Converts a function's reply to a response.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value};

use super::PayloadFormat;
use crate::ResponseMode;

/// The content type that announces a prelude in a stream.
const HTTP_INTEGRATION: &str = "application/vnd.awslambda.http-integration-response";
/// The separator between the prelude and the body of a stream.
const PRELUDE_END: [u8; 8] = [0; 8];
/// The longest prelude, in bytes, of a stream that is read while it is written.
pub(crate) const PRELUDE: usize = 64 << 10;
/// The keys that a REST API accepts in a reply. Any other key makes the reply invalid.
const REST_KEYS: [&str; 5] = [
    "body",
    "headers",
    "isBase64Encoded",
    "multiValueHeaders",
    "statusCode",
];

/// A reply that the gateway cannot convert to a response. Clients see 502, or 500 from an HTTP API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidReply(String);

impl fmt::Display for InvalidReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the reply is not an HTTP response: {}", self.0)
    }
}

impl std::error::Error for InvalidReply {}

fn invalid<T>(what: impl Into<String>) -> Result<T, InvalidReply> {
    Err(InvalidReply(what.into()))
}

/// Converts a function's reply to a response.
///
/// # Errors
/// If the gateway would answer with an error: the format does not allow this `statusCode`, `headers` or `body`, or, with
/// REST APIs, the reply is not a JSON object, is empty, or has an unknown key.
pub fn response(
    reply: &Bytes,
    mode: &ResponseMode,
    format: PayloadFormat,
) -> Result<Response<Bytes>, InvalidReply> {
    if let ResponseMode::Streaming { content_type } = mode {
        return streamed(reply, content_type, format);
    }
    match (serde_json::from_slice(reply), format) {
        (Err(error), PayloadFormat::Rest) => invalid(format!("not JSON: {error}")),
        (Ok(Value::Object(object)), PayloadFormat::Rest) => rest(&object),
        (Ok(_), PayloadFormat::Rest) => invalid("a REST API requires an object"),
        (Ok(Value::Object(object)), _) if object.contains_key("statusCode") => structured(&object, format),
        (Ok(Value::String(text)), _) => Ok(plain(text.into())),
        // HTTP APIs do not check that it is JSON, though the documentation requires it.
        (Ok(_) | Err(_), _) => Ok(plain(reply.clone())),
    }
}

/// A reply without a status is the body of a 200.
fn plain(body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// REST APIs infer only the status, and refuse unknown keys.
fn rest(reply: &Map<String, Value>) -> Result<Response<Bytes>, InvalidReply> {
    if reply.is_empty() {
        return invalid("it is empty");
    }
    if let Some(key) = reply.keys().find(|key| !REST_KEYS.contains(&key.as_str())) {
        return invalid(format!("REST APIs refuse the key `{key}`"));
    }
    structured(reply, PayloadFormat::Rest)
}

fn structured(reply: &Map<String, Value>, format: PayloadFormat) -> Result<Response<Bytes>, InvalidReply> {
    let mut response = Response::new(body(reply)?);
    head(reply, format, &mut response)?;
    let headers = response.headers_mut();
    headers
        .entry(CONTENT_TYPE)
        .or_insert_with(|| format.content_type());
    Ok(response)
}

fn streamed(
    stream: &Bytes,
    content_type: &str,
    format: PayloadFormat,
) -> Result<Response<Bytes>, InvalidReply> {
    match begin(stream, content_type, format)? {
        Some(response) => Ok(response),
        None => Err(without_prelude_end()),
    }
}

/// The head of the response to a stream with this content type, and the beginning of its body, once `stream` has enough of it.
///
/// # Errors
/// If the gateway would answer with an error: there is no prelude where one has to be, or it has something that is not allowed.
pub(crate) fn begin(
    stream: &Bytes,
    content_type: &str,
    format: PayloadFormat,
) -> Result<Option<Response<Bytes>>, InvalidReply> {
    if !content_type.starts_with(HTTP_INTEGRATION) {
        let mut response = Response::new(stream.clone());
        response.headers_mut().insert(CONTENT_TYPE, value(content_type)?);
        return Ok(Some(response));
    }
    let mut windows = stream.windows(PRELUDE_END.len());
    let Some(end) = windows.position(|window| window == PRELUDE_END) else {
        return Ok(None);
    };
    let prelude: Map<String, Value> = match serde_json::from_slice(&stream[..end]) {
        Ok(prelude) => prelude,
        Err(error) => return invalid(format!("the stream's prelude is not a JSON object: {error}")),
    };
    let mut response = Response::new(stream.slice(end + PRELUDE_END.len()..));
    head(&prelude, format, &mut response)?;
    Ok(Some(response))
}

/// A stream that ends, or grows too long, before its prelude does.
pub(crate) fn without_prelude_end() -> InvalidReply {
    InvalidReply("the stream has no 8 NUL bytes after its prelude".to_owned())
}

/// The status, the headers and the cookies.
fn head(
    reply: &Map<String, Value>,
    format: PayloadFormat,
    response: &mut Response<Bytes>,
) -> Result<(), InvalidReply> {
    if let Some(code) = reply.get("statusCode") {
        *response.status_mut() = status(code)?;
    }
    // Format 2.0 has no such key and ignores it.
    if format == PayloadFormat::Rest {
        for (name, values) in object(reply, "multiValueHeaders")? {
            for field in array(name, values)? {
                let value = value(&scalar(name, field)?)?;
                response.headers_mut().append(header_name(name)?, value);
            }
        }
    }
    for (name, field) in object(reply, "headers")? {
        let (name, value) = (header_name(name)?, value(&scalar(name, field)?)?);
        // If both maps have the header, all distinct values are sent.
        let mut sent = response.headers().get_all(&name).iter();
        if !sent.any(|sent| *sent == value) {
            response.headers_mut().append(name, value);
        }
    }
    for cookie in reply
        .get("cookies")
        .map_or(Ok(&[][..]), |cookies| array("cookies", cookies))?
    {
        response
            .headers_mut()
            .append(SET_COOKIE, value(&scalar("cookies", cookie)?)?);
    }
    // The server sets these itself.
    for own in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        response.headers_mut().remove(own);
    }
    Ok(())
}

fn status(code: &Value) -> Result<StatusCode, InvalidReply> {
    let number = match code {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let number = number.and_then(|number| u16::try_from(number).ok());
    let status = number.and_then(|number| StatusCode::from_u16(number).ok());
    status
        .filter(|status| (200..600).contains(&status.as_u16()))
        .map_or_else(
            || {
                invalid(format!(
                    "`statusCode` is {code}; expected a number from 200 to 599"
                ))
            },
            Ok,
        )
}

fn body(reply: &Map<String, Value>) -> Result<Bytes, InvalidReply> {
    let text = match reply.get("body") {
        None | Some(Value::Null) => return Ok(Bytes::new()),
        Some(Value::String(text)) => text,
        Some(_) => return invalid("`body` is not a string"),
    };
    match reply.get("isBase64Encoded") {
        Some(Value::Bool(true)) => match STANDARD.decode(text) {
            Ok(body) => Ok(body.into()),
            Err(error) => invalid(format!("`body` is not base64: {error}")),
        },
        None | Some(Value::Null | Value::Bool(false)) => Ok(text.clone().into()),
        Some(_) => invalid("`isBase64Encoded` is not a boolean"),
    }
}

fn object<'r>(
    reply: &'r Map<String, Value>,
    key: &str,
) -> Result<impl Iterator<Item = (&'r String, &'r Value)>, InvalidReply> {
    match reply.get(key) {
        None | Some(Value::Null) => Ok(None.into_iter().flatten()),
        Some(Value::Object(object)) => Ok(Some(object).into_iter().flatten()),
        Some(_) => invalid(format!("`{key}` is not an object")),
    }
}

fn array<'r>(key: &str, value: &'r Value) -> Result<&'r [Value], InvalidReply> {
    match value {
        Value::Array(values) => Ok(values),
        Value::Null => Ok(&[]),
        _ => invalid(format!("`{key}` is not an array")),
    }
}

fn scalar(key: &str, value: &Value) -> Result<String, InvalidReply> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => invalid(format!("`{key}` is not a string")),
    }
}

fn header_name(name: &str) -> Result<HeaderName, InvalidReply> {
    name.parse()
        .or_else(|_| invalid(format!("`{name}` is not a header name")))
}

fn value(text: &str) -> Result<HeaderValue, InvalidReply> {
    HeaderValue::from_str(text).or_else(|_| invalid("a header has a control character in its value"))
}

#[cfg(test)]
mod tests;
