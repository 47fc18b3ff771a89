//! Amazon S3 event notifications.

use super::{Delivery, Event, Object};
use crate::source::Source;
use aws_lambda_events::s3::{S3Event, S3EventRecord};
use chrono::{DateTime, SecondsFormat, Utc};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// One call per object record. Amazon S3 User Guide, “Event message structure”.
impl Event for S3Event {
    const SOURCES: &'static [Source] = &[Source::S3];
    const DELIVERY: Delivery = Delivery::Notification;
    const ID: &'static [&'static str] = &["s3.bucket.name", "s3.object.key"];
    const IDENTITY: &'static [&'static str] = &[
        "s3.bucket.name",
        "s3.object.key",
        "s3.object.versionId?",
        "s3.object.sequencer",
        "eventName",
    ];
    const CONTENT: &'static [&'static str] = &["s3.object"];
    const CORRELATION: Option<&'static str> = Some("responseElements.x-amz-request-id");
    type Item = S3EventRecord;
    type Reply = ();

    fn mend(object: &mut Object, received: DateTime<Utc>) {
        object.fill("eventTime", received.to_rfc3339_opts(SecondsFormat::Millis, true));
        object.fill("userIdentity", BTreeMap::<(), ()>::new());
        object.fill("requestParameters", BTreeMap::<(), ()>::new());
    }
}

/// The object's key as it is named in S3, from the URL-encoded key of a notification: `+` is a space, then
/// `%XX`. What is no valid UTF-8 after decoding is replaced; what is no escape stands as it is.
///
/// Decode exactly once: keys in EventBridge's form of S3 events are not encoded.
///
/// # Example
///
/// ```
/// use switchboard::event::s3::decode_key;
///
/// assert_eq!(decode_key("a+b%2Bc/%C3%BC.txt"), "a b+c/ü.txt");
/// ```
#[must_use]
pub fn decode_key(encoded: &str) -> Cow<'_, str> {
    if !encoded.bytes().any(|byte| byte == b'+' || byte == b'%') {
        return Cow::Borrowed(encoded);
    }
    let bytes = encoded.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%')
            .then(|| bytes.get(at + 1..at + 3).and_then(hex_byte))
            .flatten();
        match (byte, escape) {
            (_, Some(value)) => {
                decoded.push(value);
                at += 2;
            }
            (b'+', _) => decoded.push(b' '),
            _ => decoded.push(byte),
        }
        at += 1;
    }
    Cow::Owned(
        String::from_utf8(decoded).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()),
    )
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(pair[0])? * 16 + digit(pair[1])?;
    u8::try_from(value).ok()
}

/// The order of events of one key: a hexadecimal number of any length, compared as a number.
///
/// S3 documents it for PUT and DELETE of the same key only; sequencers of different keys do not compare.
#[derive(Clone, Copy, Debug)]
pub struct Sequencer<'a> {
    digits: &'a str,
}

impl<'a> Sequencer<'a> {
    /// Reads hexadecimal digits; `None` if there are none or anything else stands among them.
    #[must_use]
    pub fn new(text: &'a str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        Some(Self {
            digits: text.trim_start_matches('0'),
        })
    }
}

impl Ord for Sequencer<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_value = || {
            let (left, right) = (self.digits.bytes(), other.digits.bytes());
            left.map(|b| b.to_ascii_lowercase())
                .cmp(right.map(|b| b.to_ascii_lowercase()))
        };
        self.digits.len().cmp(&other.digits.len()).then_with(by_value)
    }
}

impl PartialEq for Sequencer<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Sequencer<'_> {}

impl PartialOrd for Sequencer<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Encodes as S3 does: everything but unreserved characters and `/` as `%XX`, a space as `+`.
    fn encode(key: &str) -> String {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                char::from(byte).to_string()
            }
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        };
        key.bytes().map(byte).collect()
    }

    #[test]
    fn what_is_no_escape_stands_as_it_is() {
        assert_eq!(decode_key("100%"), "100%");
        assert_eq!(decode_key("%4"), "%4");
        assert_eq!(decode_key("%zz+%41"), "%zz A");
    }

    proptest! {
        #[test]
        fn decoding_undoes_the_encoding(key in "\\PC{0,40}") {
            let encoded = encode(&key);
            prop_assert_eq!(decode_key(&encoded), key);
        }

        #[test]
        fn decoding_never_panics(key in any::<String>()) {
            let _ = decode_key(&key);
        }

        #[test]
        fn sequencers_order_as_the_numbers_do(a: u128, b: u128, pad in 0usize..6) {
            let (left, right) = (format!("{}{a:X}", "0".repeat(pad)), format!("{b:x}"));
            let (left, right) = (Sequencer::new(&left).unwrap(), Sequencer::new(&right).unwrap());
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
            prop_assert_eq!(left == right, a == b);
        }
    }
}
