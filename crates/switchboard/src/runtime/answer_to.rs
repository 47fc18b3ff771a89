//! Which invocation an answer belongs to.

use http::{HeaderMap, HeaderName, HeaderValue};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The header that names an invocation.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");

/// The header that names one delivery of an invocation.
pub(super) const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");

/// An invocation, named as its answer must name it.
pub(super) struct AnswerTo {
    /// The request id, as a path segment.
    pub(super) request_id: String,
    /// Which of several deliveries of the invocation it is, if Lambda distinguishes them. It is returned unchanged, so
    /// that a late answer is not mistaken for that of another delivery.
    pub(super) invocation_id: Option<HeaderValue>,
}

impl AnswerTo {
    /// From the headers of an event; `None` if they do not name the invocation.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        Some(Self {
            request_id: segment(id(headers)?.as_bytes()).into_owned(),
            invocation_id: headers.get(INVOCATION_ID).cloned(),
        })
    }

    /// Whether the invocation can be answered.
    pub(super) fn is_known(headers: &HeaderMap) -> bool {
        id(headers).is_some()
    }
}

fn id(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get(REQUEST_ID).filter(|id| !id.is_empty())
}

/// The text as a path segment (RFC 3986): all but unreserved characters are escaped. Lambda's ids need no escapes.
fn segment(text: &[u8]) -> Cow<'_, str> {
    let unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    if let (true, Ok(text)) = (text.iter().all(unreserved), str::from_utf8(text)) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(3 * text.len());
    for byte in text {
        match unreserved(byte) {
            true => escaped.push(char::from(*byte)),
            // Writing to a string does not fail.
            false => _ = write!(escaped, "%{byte:02X}"),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_an_id_is_it_is_one_segment() {
        let plain = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
        assert_eq!(segment(plain.as_bytes()), plain);
        assert_eq!(segment(b"a/../b?c#d%\xff e"), "a%2F..%2Fb%3Fc%23d%25%FF%20e");
    }

    #[test]
    fn without_a_request_id_there_is_no_one_to_answer() {
        let mut headers = HeaderMap::new();
        assert!(AnswerTo::of(&headers).is_none() && !AnswerTo::is_known(&headers));
        headers.insert(REQUEST_ID, HeaderValue::from_static(""));
        assert!(AnswerTo::of(&headers).is_none() && !AnswerTo::is_known(&headers));
        headers.insert(REQUEST_ID, HeaderValue::from_static("a"));
        assert!(AnswerTo::is_known(&headers));
        headers.insert(INVOCATION_ID, HeaderValue::from_bytes(b"\xff").unwrap());
        let to = AnswerTo::of(&headers).unwrap();
        assert_eq!(
            (&*to.request_id, to.invocation_id.unwrap().as_bytes()),
            ("a", &b"\xff"[..])
        );
    }
}
