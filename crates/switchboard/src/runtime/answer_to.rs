//! Whom an answer is for.

use http::{HeaderMap, HeaderName, HeaderValue};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The header that names an invocation.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");

/// The header that names a delivery of it.
pub(super) const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");

/// An invocation, as its answer has to name it.
pub(super) struct AnswerTo {
    /// The request id, as a segment of a path.
    pub(super) request_id: String,
    /// Which of several deliveries of the invocation it is, where Lambda tells them apart: it is handed back as it came, so
    /// that an answer that comes late is not taken for another's.
    pub(super) invocation_id: Option<HeaderValue>,
}

impl AnswerTo {
    /// By the headers of an event; `None` if they do not name it.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        Some(Self {
            request_id: segment(id(headers)?.as_bytes()).into_owned(),
            invocation_id: headers.get(INVOCATION_ID).cloned(),
        })
    }

    /// Whether there is anybody to answer.
    pub(super) fn is_known(headers: &HeaderMap) -> bool {
        id(headers).is_some()
    }
}

fn id(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get(REQUEST_ID).filter(|id| !id.is_empty())
}

/// The text as a segment of a path: RFC 3986, unreserved characters, and all others escaped. Lambda's ids need no escape.
fn segment(text: &[u8]) -> Cow<'_, str> {
    let unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    if let (true, Ok(text)) = (text.iter().all(unreserved), str::from_utf8(text)) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(3 * text.len());
    for byte in text {
        match unreserved(byte) {
            true => escaped.push(char::from(*byte)),
            // Writing to a text does not fail.
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
    fn without_a_request_id_there_is_nobody_to_answer() {
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
