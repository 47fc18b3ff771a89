//! Amazon S3 event notifications.

use super::{Delivery, Event, Mend};
use crate::source::Source;
use aws_lambda_events::s3::{S3Event, S3EventRecord};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// One call per object record. Amazon S3 User Guide, “Event message structure”.
impl Event for S3Event {
    const SOURCES: &'static [Source] = &[Source::S3];
    const DELIVERY: Delivery = Source::S3.delivery();
    const ID: &'static [&'static str] = Source::S3.identifier();
    const IDENTITY: &'static [&'static str] = &[
        "s3.bucket.name",
        "s3.object.key",
        "s3.object.versionId?",
        "s3.object.sequencer",
        "eventName",
        // Emulators give all changes of an object one sequencer. Redelivered events have the same time, too.
        "eventTime?",
    ];
    const CONTENT: &'static [&'static str] = &["s3.object"];
    const CORRELATION: Option<&'static str> = Some("responseElements.x-amz-request-id");
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("eventTime", Mend::Received),
        ("userIdentity", Mend::Empty),
        ("requestParameters", Mend::Empty),
        ("responseElements.*", Mend::NOT_NULL),
    ];
    type Item = S3EventRecord;
    type Reply = ();
}

/// The object's key as S3 names it, from the URL-encoded key of a notification: `+` is a space, then `%XX` is a byte.
/// Invalid UTF-8 is replaced, and invalid escapes stay.
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

/// The order of events of one key: hexadecimal digits that compare as text, the shorter one padded with zeros on the
/// right. (Amazon S3 User Guide, “Event message structure”.)
///
/// S3 documents this for PUT and DELETE of the same key only. Sequencers of different keys are not comparable.
///
/// # Example
///
/// ```
/// use switchboard::event::s3::Sequencer;
///
/// let sequencer = |text| Sequencer::new(text).unwrap();
/// assert!(sequencer("0055AED6DCD90281E5AA") < sequencer("0055AED6DCD9028200"));
/// assert!(sequencer("0055aed6dcd9028200") == sequencer("0055AED6DCD90282"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Sequencer<'a> {
    digits: &'a str,
}

impl<'a> Sequencer<'a> {
    /// Reads hexadecimal digits; `None` if there are none, or other characters.
    #[must_use]
    pub fn new(text: &'a str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        Some(Self {
            digits: text.trim_end_matches('0'),
        })
    }
}

impl Ord for Sequencer<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        // Without trailing zeros, the shorter of two otherwise equal texts is less, as if they were padded.
        let digits = |sequencer: &Self| sequencer.digits.bytes().map(|b| b.to_ascii_lowercase());
        digits(self).cmp(digits(other))
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

/// The digits in lower case without trailing zeros: equal sequencers have equal text.
impl fmt::Display for Sequencer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.digits.to_ascii_lowercase())
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
    fn what_is_not_an_escape_stays_as_it_is() {
        assert_eq!(decode_key("100%"), "100%");
        assert_eq!(decode_key("%4"), "%4");
        assert_eq!(decode_key("%zz+%41"), "%zz A");
    }

    #[test]
    fn only_hexadecimal_digits_are_a_sequencer() {
        for not in ["", "g", "0x1", "1 ", "0a\u{e9}", "-1"] {
            assert!(Sequencer::new(not).is_none(), "{not}");
        }
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
        fn sequencers_order_as_s3_documents(left in "[0-2a-cA-C]{1,6}", right in "[0-2a-cA-C]{1,6}") {
            let padded = |text: &str| format!("{text:0<6}").to_ascii_lowercase();
            let expected = padded(&left).cmp(&padded(&right));
            let (left, right) = (Sequencer::new(&left).unwrap(), Sequencer::new(&right).unwrap());
            prop_assert_eq!(left.cmp(&right), expected);
            prop_assert_eq!(left.partial_cmp(&right), Some(expected));
            prop_assert_eq!(left == right, expected == Ordering::Equal);
            prop_assert_eq!(left.to_string() == right.to_string(), expected == Ordering::Equal);
        }
    }
}
