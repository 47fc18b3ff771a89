//! Which bodies travel as text and which as base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

/// The event's `body` and `isBase64Encoded`.
pub(super) fn encode(headers: &HeaderMap, body: &[u8]) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_text(headers) => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

/// Whether API Gateway lets the body through as text. It knows no character sets and no compressed text; a body that
/// doesn't say what it is may be text.
fn is_text(headers: &HeaderMap) -> bool {
    let encoded = headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| encoding != "identity");
    if encoded {
        return false;
    }
    let Some(content_type) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let content_type = content_type.to_str().unwrap_or_default().to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.starts_with("text/")
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml")
        || matches!(
            media_type,
            "application/json" | "application/javascript" | "application/xml"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(content_type: &str, body: &[u8]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        encode(&headers, body).1
    }

    #[test]
    fn text_is_what_api_gateway_takes_for_text() {
        assert!(!encoded("application/json; charset=utf-8", b"{}"));
        assert!(!encoded("Text/Plain", b"hello"));
        assert!(!encoded("application/cloudevents+json", b"{}"));
        assert!(encoded("application/x-www-form-urlencoded", b"a=1"));
        assert!(encoded("image/png", b"\x89PNG"));
        assert!(encoded("text/plain", b"\xff"));
    }

    proptest::proptest! {
        #[test]
        fn every_body_can_be_read_back(body: Vec<u8>, text in ".{0,40}", content_type in "text/plain|image/png|a/b[+]json") {
            for body in [&body[..], text.as_bytes()] {
                let mut headers = HeaderMap::new();
                headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
                let (sent, encoded) = encode(&headers, body);
                let sent = sent.unwrap_or_default();
                let back = if encoded { STANDARD.decode(sent).unwrap() } else { sent.into_bytes() };
                proptest::prop_assert_eq!(&back[..], body);
            }
        }
    }

    #[test]
    fn compressed_text_is_binary_and_nothing_is_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        assert!(encode(&headers, b"text").1);
        assert_eq!(encode(&HeaderMap::new(), b"hi"), (Some("hi".to_owned()), false));
        assert_eq!(encode(&headers, b""), (None, false));
    }
}
