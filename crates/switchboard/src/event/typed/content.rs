//! Decodes the body of a record into a buffer that is reused.

use super::body::BodyEncoding;
use super::unescape::unescape;
use crate::event::Unreadable;
use crate::event::base64::spelled;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;
use std::cell::Cell;

/// A body.
#[derive(Clone, Copy)]
pub(super) enum Content<'c> {
    /// Known to be UTF-8.
    Text(&'c str),
    Bytes(&'c [u8]),
}

impl<'c> Content<'c> {
    pub(super) fn text(self) -> Result<&'c str, Unreadable> {
        match self {
            Content::Text(text) => Ok(text),
            // Checked as a whole, which is cheaper than string by string.
            Content::Bytes(bytes) => std::str::from_utf8(bytes)
                .map_err(|error| problem(format!("not UTF-8 at byte {}", error.valid_up_to()))),
        }
    }

    pub(super) fn bytes(self) -> &'c [u8] {
        match self {
            Content::Text(text) => text.as_bytes(),
            Content::Bytes(bytes) => bytes,
        }
    }
}

/// A buffer that has grown beyond this is not kept.
const KEPT: usize = 256 * 1024;

thread_local! {
    static BYTES: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static TEXT: Cell<String> = const { Cell::new(String::new()) };
}

/// Passes on the body that its record contains as `written`; nothing for `null`.
///
/// # Errors
/// It is not encoded like that, or what `read` says.
pub(super) fn with<R>(
    written: &str,
    encoding: BodyEncoding,
    read: impl FnOnce(Option<Content<'_>>) -> Result<R, Unreadable>,
) -> Result<R, Unreadable> {
    match (encoding, quoted(written)) {
        (BodyEncoding::Json, _) => read(Some(Content::Text(written))),
        (_, None) if written == "null" => read(None),
        // JSON in the place of a text that is JSON, as those write it who make up events.
        (BodyEncoding::Text, None) => read(Some(Content::Text(written))),
        (BodyEncoding::Base64, None) => Err(problem("not a text, which base64 is")),
        (_, Some(inner)) if is_escaped(inner) => with_escapes(inner, encoding, read),
        (BodyEncoding::Text, Some(inner)) => read(Some(Content::Text(inner))),
        (BodyEncoding::Base64, Some(inner)) => with_base64(inner, read),
    }
}

/// The same of a text with escapes in it.
fn with_escapes<R>(
    inner: &str,
    encoding: BodyEncoding,
    read: impl FnOnce(Option<Content<'_>>) -> Result<R, Unreadable>,
) -> Result<R, Unreadable> {
    // Taken, so that whatever is called in between may read a body of its own.
    let mut text = TEXT.take();
    text.clear();
    let read = match unescape(inner, &mut text) {
        Err(()) => Err(problem("a character of it is half of a surrogate pair")),
        Ok(()) if encoding == BodyEncoding::Base64 => with_base64(&text, read),
        Ok(()) => read(Some(Content::Text(&text))),
    };
    if text.capacity() <= KEPT {
        TEXT.set(text);
    }
    read
}

fn with_base64<R>(
    text: &str,
    read: impl FnOnce(Option<Content<'_>>) -> Result<R, Unreadable>,
) -> Result<R, Unreadable> {
    let mut bytes = BYTES.take();
    let read = match decode(text, &mut bytes) {
        true => read(Some(Content::Bytes(&bytes))),
        false => Err(problem("not base64")),
    };
    if bytes.capacity() <= KEPT {
        BYTES.set(bytes);
    }
    read
}

/// Whether the text is base64; if so, `bytes` is what it encodes.
fn decode(text: &str, bytes: &mut Vec<u8>) -> bool {
    bytes.clear();
    if STANDARD.decode_vec(text, bytes).is_ok() {
        return true;
    }
    bytes.clear();
    spelled(text).is_some_and(|spelled| STANDARD.decode_vec(spelled, bytes).is_ok())
}

/// The body by itself.
pub(super) fn whole(written: &str, encoding: BodyEncoding) -> Result<Option<Cow<'_, [u8]>>, Unreadable> {
    let plain = match (encoding, quoted(written)) {
        (BodyEncoding::Json, _) => Some(written),
        (BodyEncoding::Text, Some(inner)) if !is_escaped(inner) => Some(inner),
        _ => None,
    };
    match plain {
        Some(text) => Ok(Some(Cow::Borrowed(text.as_bytes()))),
        None => with(written, encoding, |body| {
            Ok(body.map(|body| Cow::Owned(body.bytes().to_vec())))
        }),
    }
}

/// The text of a JSON string, without quotes and escapes.
pub(super) fn text(written: &str) -> Result<Cow<'_, str>, Unreadable> {
    match quoted(written) {
        Some(inner) if !is_escaped(inner) => Ok(Cow::Borrowed(inner)),
        _ => with(written, BodyEncoding::Text, |text| match text {
            Some(text) => Ok(Cow::Owned(text.text()?.to_owned())),
            None => Err(problem("there is none")),
        }),
    }
}

/// The text of a value that is a text, a number or a flag; the latter two as they are written.
pub(crate) fn scalar(written: &str) -> Option<Cow<'_, str>> {
    match written.as_bytes().first()? {
        b'{' | b'[' | b'n' => None,
        b'"' => text(written).ok(),
        _ => Some(Cow::Borrowed(written)),
    }
}

/// Whether the text between the quotes of a string has escapes.
fn is_escaped(inner: &str) -> bool {
    memchr::memchr(b'\\', inner.as_bytes()).is_some()
}

/// What is between the quotes of a string.
fn quoted(written: &str) -> Option<&str> {
    written.strip_prefix('"')?.strip_suffix('"')
}

fn problem(problem: impl Into<String>) -> Unreadable {
    Unreadable::because(".", problem).of_part("body")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn body(written: &str, encoding: BodyEncoding) -> Result<Option<Vec<u8>>, String> {
        let owned = with(written, encoding, |body| {
            Ok(body.map(|body| body.bytes().to_vec()))
        });
        owned.map_err(|error| error.to_string())
    }

    #[test]
    fn a_body_is_decoded_by_its_encoding() {
        use BodyEncoding::{Base64, Json, Text};
        let some = |text: &str| Ok(Some(text.as_bytes().to_vec()));
        for (written, encoding, expected) in [
            (r#""hi""#, Text, some("hi")),
            (r#""{\"a\":\"\u00e9\"}""#, Text, some(r#"{"a":"é"}"#)),
            (r#"{"a":1}"#, Text, some(r#"{"a":1}"#)),
            ("null", Text, Ok(None)),
            (r#""aGk=""#, Base64, some("hi")),
            (r#""aGk""#, Base64, some("hi")),
            (r#""Pz8\/""#, Base64, some("???")),
            (r#""Pz8_""#, Base64, some("???")),
            ("null", Base64, Ok(None)),
            (
                r#""a b""#,
                Base64,
                Err("unreadable at body: not base64".to_owned()),
            ),
            (
                "7",
                Base64,
                Err("unreadable at body: not a text, which base64 is".to_owned()),
            ),
            (r#"{"a":"\n"}"#, Json, some(r#"{"a":"\n"}"#)),
            ("null", Json, some("null")),
        ] {
            assert_eq!(body(written, encoding), expected, "{written}");
        }
    }

    #[test]
    fn a_body_may_be_read_while_another_is() {
        let outer = with(r#""b3V0ZXI=""#, BodyEncoding::Base64, |outer| {
            let inner = body(r#""aW5uZXI=""#, BodyEncoding::Base64).unwrap().unwrap();
            Ok((outer.unwrap().bytes().to_vec(), inner))
        });
        assert_eq!(outer.unwrap(), (b"outer".to_vec(), b"inner".to_vec()));
    }

    proptest! {
        #[test]
        fn every_body_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}|[\"\\\\\n\u{1}-\u{1f}/a]{0,40}") {
            let encoded = serde_json::to_string(&STANDARD.encode(&bytes)).unwrap();
            prop_assert_eq!(body(&encoded, BodyEncoding::Base64), Ok(Some(bytes)));
            let quoted = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(body(&quoted, BodyEncoding::Text), Ok(Some(text.as_bytes().to_vec())));
            prop_assert_eq!(super::text(&quoted).unwrap(), text);
        }
    }
}
