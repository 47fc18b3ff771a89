//! The hash of identities and contents.

use crate::event::Part;
use crate::source::normal;
use md5::{Digest, Md5};
use serde::Serialize;
use std::borrow::Cow;

/// What Powertools for AWS Lambda puts behind the `#` of an idempotency record's id, and into `validation`: the MD5
/// of the value's JSON in Python's spelling, in hexadecimal digits.
///
/// It tells equal from different and keeps personal data out of the table; it is no protection against somebody who
/// makes two values of one hash on purpose.
///
/// # Errors
/// The value is none that JSON can express, such as a map whose keys are no strings.
///
/// # Example
///
/// ```
/// use switchboard::idempotency::hash;
///
/// assert_eq!(hash("order-17")?, "307f2c7570f91850a9ad3456ef9ad74f");
/// assert_eq!(hash(&["a", "b"])?, hash(&vec!["a", "b"])?);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn hash<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    let json = serde_json::to_vec(value)?;
    Ok(Digits::of(Md5::new_with_prefix(normal(&json)))
        .as_str()
        .to_owned())
}

/// The hash of one part as it is, of several as a list, in which `null` stands for those that are missing.
pub(super) fn hash_parts(parts: &[Part<'_>]) -> Digits {
    let mut md5 = Md5::new();
    if let [part] = parts {
        md5.update(spelling(part));
        return Digits::of(md5);
    }
    md5.update(b"[");
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            md5.update(b", ");
        }
        md5.update(spelling(part));
    }
    md5.update(b"]");
    Digits::of(md5)
}

/// The hash of bytes that are no JSON.
#[cfg(feature = "http")]
pub(super) fn hash_bytes(pieces: &[&[u8]]) -> Digits {
    let md5 = pieces
        .iter()
        .fold(Md5::new(), |md5, piece| md5.chain_update(piece));
    Digits::of(md5)
}

fn spelling<'p>(part: &'p Part<'_>) -> Cow<'p, [u8]> {
    part.as_deref().map_or(Cow::Borrowed(b"null"), normal)
}

/// A hash in hexadecimal digits, without an allocation: each record has two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Digits([u8; 32]);

impl Digits {
    fn of(md5: Md5) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 32];
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(md5.finalize()) {
            *pair = [byte >> 4, byte & 15].map(|nibble| DIGITS[usize::from(nibble)]);
        }
        Self(digits)
    }

    pub(super) fn as_str(&self) -> &str {
        // Digits are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `hashlib.md5(json.dumps(value, sort_keys=True).encode()).hexdigest()` of Python 3.11.
    #[test]
    fn hashes_as_powertools_does() {
        let part = |json: &'static str| Some(Cow::Borrowed(json.as_bytes()));
        assert_eq!(
            hash_parts(&[part(r#""e1""#)]).as_str(),
            "3348851f9d0a1fedb291f023a8fee7ae"
        );
        assert_eq!(
            hash_parts(&[part(r#""b""#), part(r#""a+\u00fc""#), None, part(r#""0A""#)]).as_str(),
            "e9c5e7fd6e3d397005c49f621ee1bb15"
        );
        assert_eq!(
            hash_parts(&[part(r#"{"b" : [1,2.50],"a":null}"#)]).as_str(),
            "e6562c764b9a5f2a4f2c949c2aa333d4"
        );
        assert_eq!(
            hash(&serde_json::json!({"b": [1, 2.5], "a": null})).unwrap(),
            "e6562c764b9a5f2a4f2c949c2aa333d4"
        );
    }
}
