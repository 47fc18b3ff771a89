//! From an `http::Response` to the reply that its source accepts: a member that a source does not know makes it answer
//! 502.

use crate::source::{MAX_REPLY, ReplyForm, Source};
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use lambda_http::Body;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// The largest reply that reaches the client, in bytes.
pub(crate) fn max_reply(source: Source) -> usize {
    source.proxy().map_or(MAX_REPLY, |proxy| proxy.max_reply)
}

/// The shape of a source's reply.
pub(super) fn form(source: Source) -> ReplyForm {
    source.proxy().map_or(ReplyForm::Cookies, |proxy| proxy.reply)
}

/// A reply in the shape of one source.
pub(crate) struct HttpReply {
    pub(crate) source: Source,
    pub(crate) multi_value: bool,
    pub(crate) response: Response<Body>,
}

impl HttpReply {
    /// A reply; values that must be changed are logged.
    pub(crate) fn new(source: Source, multi_value: bool, response: Response<Body>) -> Self {
        let reply = Self {
            source,
            multi_value,
            response,
        };
        reply.warn_of_bytes();
        reply.warn_of_cookies();
        reply
    }

    fn form(&self) -> ReplyForm {
        form(self.source)
    }

    fn warn_of_bytes(&self) {
        let headers = self.response.headers().iter();
        let unlike = headers.filter(|(_, value)| std::str::from_utf8(value.as_bytes()).is_err());
        let names: Vec<&str> = unlike.map(|(name, _)| name.as_str()).collect();
        if !names.is_empty() {
            tracing::warn!(
                headers = names.join(", "),
                "headers that are not UTF-8 are sent as ISO-8859-1: the reply is JSON, which only has characters"
            );
        }
    }

    fn warn_of_cookies(&self) {
        match self.form() {
            ReplyForm::LoadBalancer if !self.multi_value => {}
            ReplyForm::LoadBalancer | ReplyForm::MultiValue | ReplyForm::Cookies => return,
        }
        let cookies = self.response.headers().get_all(SET_COOKIE).iter();
        let mut names: Vec<String> = cookies.map(cookie_name).collect();
        names.pop();
        if !names.is_empty() {
            tracing::warn!(
                cookies = ?names,
                "cookies are lost, because the load balancer takes the last one only: switch on multi-value headers of \
                 the target group"
            );
        }
    }
}

/// The name only: the value does not belong in logs.
fn cookie_name(cookie: &HeaderValue) -> String {
    let text = text(cookie);
    let name = text.split(['=', ';']).next().unwrap_or_default();
    name.trim().to_owned()
}

/// More than what a reply needs besides headers and body.
const FRAME: usize = 1024;

/// How many bytes of JSON one byte of a string may become: `\u001f`.
const ESCAPED: usize = 6;

impl HttpReply {
    /// Whether the reply certainly has at most `limit` bytes of JSON. A larger one must be serialized to know.
    pub(crate) fn is_surely_below(&self, limit: usize) -> bool {
        let headers: usize = self
            .response
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 16)
            .sum();
        let body = match self.response.body() {
            Body::Text(text) => text.len(),
            Body::Binary(bytes) => bytes.len(),
            _ => 0,
        };
        (headers + body) * ESCAPED + FRAME <= limit
    }
}

/// Shows neither headers nor body, because they do not belong in logs.
impl fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpReply")
            .field("source", &self.source)
            .field("status", &self.response.status())
            .finish_non_exhaustive()
    }
}

impl Serialize for HttpReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let head = Head {
            form: self.form(),
            multi_value: self.multi_value,
            status: self.response.status(),
            headers: self.response.headers(),
        };
        let mut map = serializer.serialize_map(None)?;
        head.entries(&mut map)?;
        let body = self.response.body();
        map.serialize_entry("isBase64Encoded", &matches!(body, Body::Binary(_)))?;
        map.serialize_entry("body", body)?;
        map.end()
    }
}

/// A reply without its body.
pub(super) struct Head<'a> {
    pub(super) form: ReplyForm,
    pub(super) multi_value: bool,
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
}

impl Head<'_> {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Self { status, headers, .. } = *self;
        map.serialize_entry("statusCode", &status.as_u16())?;
        match self.form {
            ReplyForm::MultiValue => map.serialize_entry("multiValueHeaders", &MultiValueHeaders(headers)),
            ReplyForm::LoadBalancer => {
                let reason = status.canonical_reason().unwrap_or("Unknown");
                map.serialize_entry("statusDescription", &format!("{} {reason}", status.as_u16()))?;
                match self.multi_value {
                    true => map.serialize_entry("multiValueHeaders", &MultiValueHeaders(headers)),
                    false => map.serialize_entry(
                        "headers",
                        &JoinedHeaders {
                            headers,
                            cookies: true,
                        },
                    ),
                }
            }
            ReplyForm::Cookies => {
                map.serialize_entry(
                    "headers",
                    &JoinedHeaders {
                        headers,
                        cookies: false,
                    },
                )?;
                let cookies: Vec<_> = headers.get_all(SET_COOKIE).iter().map(text).collect();
                map.serialize_entry("cookies", &cookies)
            }
        }
    }
}

impl Serialize for Head<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        map.end()
    }
}

/// A value as characters: as UTF-8, which nearly all values are; otherwise as ISO-8859-1, which maps each byte to one
/// character, and which HTTP once used for such values. (RFC 9110, section 5.5.)
fn text(value: &HeaderValue) -> Cow<'_, str> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => value.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Each name with the list of its values.
struct MultiValueHeaders<'a>(&'a HeaderMap);

impl Serialize for MultiValueHeaders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.keys().map(|name| {
            (
                name.as_str(),
                self.0.get_all(name).iter().map(text).collect::<Vec<_>>(),
            )
        }))
    }
}

/// Each name with its values joined by commas. Cookies cannot be joined: an HTTP API has a list for them; an ALB
/// without multi-value headers accepts only one, so the last one is sent.
struct JoinedHeaders<'a> {
    headers: &'a HeaderMap,
    cookies: bool,
}

impl JoinedHeaders<'_> {
    fn value(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        let mut values = self.headers.get_all(name).iter().map(text);
        if name == SET_COOKIE {
            return values.next_back().filter(|_| self.cookies);
        }
        let first = values.next()?;
        Some(values.fold(first, |joined, value| Cow::Owned(format!("{joined}, {value}"))))
    }
}

impl Serialize for JoinedHeaders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let joined = self
            .headers
            .keys()
            .filter_map(|name| Some((name.as_str(), self.value(name)?)));
        serializer.collect_map(joined)
    }
}

/// A problem document (RFC 9457) for failures outside the application's routes. The cause is logged under the request
/// id, and not shown here.
pub(crate) fn problem(status: StatusCode, detail: &str, request_id: &str) -> Response<Body> {
    let problem = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": detail,
        "requestId": request_id,
    });
    let mut response = Response::new(Body::Text(problem.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(source: Source, multi_value: bool) -> serde_json::Value {
        let response = Response::builder()
            .header("x-a", "1")
            .header("x-a", "2")
            .header("set-cookie", "c=1")
            .header("set-cookie", "d=2")
            .body(Body::Binary(vec![0xff]))
            .unwrap();
        serde_json::to_value(HttpReply::new(source, multi_value, response)).unwrap()
    }

    #[test]
    fn a_header_that_is_not_utf8_is_iso_8859_1() {
        for (bytes, text) in [
            (&b"caf\xe9"[..], "café"),
            ("café".as_bytes(), "café"),
            (b"\xff\xc3\xbc", "ÿÃ¼"),
        ] {
            let value = HeaderValue::from_bytes(bytes).unwrap();
            let response = Response::builder()
                .header("x-a", &value)
                .header("set-cookie", &value);
            let response = response.body(Body::Empty).unwrap();
            let reply = HttpReply::new(Source::ApiGatewayHttp, false, response);
            let reply = serde_json::to_value(reply).unwrap();
            assert_eq!(
                (&reply["headers"]["x-a"], &reply["cookies"][0]),
                (&text.into(), &text.into())
            );
        }
    }

    #[test]
    fn a_cookie_is_reported_without_its_value() {
        for (cookie, name) in [
            ("a=1; Path=/", "a"),
            (" b = 2", "b"),
            ("c", "c"),
            ("d;Secure", "d"),
            ("=x", ""),
        ] {
            assert_eq!(cookie_name(&HeaderValue::from_static(cookie)), name);
        }
    }

    #[test]
    fn each_source_gets_only_the_keys_it_knows() {
        let multi = serde_json::json!({"x-a": ["1", "2"], "set-cookie": ["c=1", "d=2"]});
        assert_eq!(
            reply(Source::ApiGatewayRest, false),
            serde_json::json!({"statusCode": 200, "multiValueHeaders": multi, "isBase64Encoded": true, "body": "/w=="})
        );
        assert_eq!(
            reply(Source::FunctionUrl, false),
            serde_json::json!({"statusCode": 200, "headers": {"x-a": "1, 2"}, "cookies": ["c=1", "d=2"], "isBase64Encoded": true, "body": "/w=="})
        );
        assert_eq!(
            reply(Source::Alb, true),
            serde_json::json!({"statusCode": 200, "statusDescription": "200 OK", "multiValueHeaders": multi, "isBase64Encoded": true, "body": "/w=="})
        );
        assert_eq!(
            reply(Source::Alb, false),
            serde_json::json!({"statusCode": 200, "statusDescription": "200 OK", "headers": {"x-a": "1, 2", "set-cookie": "d=2"}, "isBase64Encoded": true, "body": "/w=="})
        );
    }
}
