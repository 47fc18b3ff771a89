//! Which bodies are sent as text and which as base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use super::PayloadFormat;

/// The event's `body` and `isBase64Encoded`.
pub(super) fn encode(headers: &HeaderMap, body: &[u8], format: PayloadFormat) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_text(headers, format) => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

/// Whether the gateway sends the body as text. It ignores character sets and does not decompress.
fn is_text(headers: &HeaderMap, format: PayloadFormat) -> bool {
    let encoded = headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| encoding != "identity");
    if encoded {
        return false;
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .map(|value| value.to_str().unwrap_or_default().to_ascii_lowercase());
    let media_type = content_type
        .as_deref()
        .map(|value| value.split(';').next().unwrap_or_default().trim());
    format.is_text(media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(content_type: &str, body: &[u8]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        encode(&headers, body, PayloadFormat::Http).1
    }

    #[test]
    fn text_is_recognized_as_by_api_gateway() {
        assert!(!encoded("application/json; charset=utf-8", b"{}"));
        assert!(!encoded("Text/Plain", b"hello"));
        assert!(!encoded("application/cloudevents+json", b"{}"));
        assert!(encoded("application/x-www-form-urlencoded", b"a=1"));
        assert!(encoded("image/png", b"\x89PNG"));
        assert!(encoded("text/plain", b"\xff"));
    }

    proptest::proptest! {
        #[test]
        fn every_body_survives_a_round_trip(body: Vec<u8>, text in ".{0,40}", content_type in "text/plain|image/png|a/b[+]json") {
            for body in [&body[..], text.as_bytes()] {
                let mut headers = HeaderMap::new();
                headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
                let (sent, encoded) = encode(&headers, body, PayloadFormat::Http);
                let sent = sent.unwrap_or_default();
                let back = if encoded { STANDARD.decode(sent).unwrap() } else { sent.into_bytes() };
                proptest::prop_assert_eq!(&back[..], body);
            }
        }
    }

    #[test]
    fn compressed_text_is_binary_and_an_empty_body_is_absent() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        for format in [
            PayloadFormat::Http,
            PayloadFormat::Rest,
            PayloadFormat::FunctionUrl,
        ] {
            assert!(encode(&headers, b"text", format).1);
            assert_eq!(encode(&headers, b"", format), (None, false));
        }
    }
}
