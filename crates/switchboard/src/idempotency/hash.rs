//! The hash of identities and contents.

use super::Layout;
use crate::event::{FoundParts, Part};
use crate::source::normal;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use foldhash::quality::FixedState;
use md5::{Digest, Md5};
use serde::Serialize;
use std::borrow::Cow;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::OnceLock;

/// Returns what Powertools for AWS Lambda (Python) appends to the `#` of an idempotency record's id, and stores as
/// `validation`: the MD5 of the value's JSON in Python's spelling, in hexadecimal digits. For TypeScript see
/// [`Layout::hash`].
///
/// The hash detects different values, and keeps personal data out of the table. It does not protect against someone who
/// creates two values with the same hash on purpose.
///
/// # Errors
/// The value cannot be written as JSON: a map whose keys are not strings, for example.
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
    Layout::Python.hash(value)
}

/// The hashes of a record's identity and of its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hashes {
    /// `None` if a required part is missing.
    pub(super) identity: Option<HexDigits>,
    /// `None` if different content is not detected.
    pub(super) content: Option<HexDigits>,
}

/// How different content is detected.
#[derive(Clone, Copy, Debug)]
pub(super) enum Validation {
    /// Not at all.
    Nothing,
    /// By the hash that others who share the store use, too.
    Md5,
    /// By a hash of this release only, which takes a tenth of the time.
    Quick,
}

impl Hashes {
    /// Computes the requested hashes.
    pub(super) fn of(layout: Layout, found: &FoundParts<'_>, identity: bool, content: Validation) -> Self {
        let parts = Some(found.content()).filter(|parts| !parts.is_empty());
        Self {
            identity: found
                .identity()
                .filter(|_| identity)
                .map(|parts| layout.hash_parts(parts)),
            content: parts.and_then(|parts| match content {
                Validation::Nothing => None,
                Validation::Md5 => Some(layout.hash_parts(parts)),
                Validation::Quick => Some(layout.quick(parts)),
            }),
        }
    }
}

/// The hashes that the records of an aggregate share, computed once for each layout.
#[derive(Debug, Default)]
pub(super) struct SharedHashes {
    python: OnceLock<Hashes>,
    typescript: OnceLock<Hashes>,
}

impl SharedHashes {
    pub(super) fn of<'r>(&self, layout: Layout, found: impl FnOnce() -> FoundParts<'r>) -> Hashes {
        let hashes = match layout {
            Layout::Python => &self.python,
            Layout::Typescript => &self.typescript,
        };
        *hashes.get_or_init(|| Hashes::of(layout, &found(), true, Validation::Md5))
    }
}

impl Layout {
    /// Returns what Powertools for AWS Lambda in this language appends to the `#` of an idempotency record's id, and
    /// stores as `validation`; see [`hash`](super::hash()).
    ///
    /// # Errors
    /// The value cannot be written as JSON: a map whose keys are not strings, for example.
    pub fn hash<T: Serialize + ?Sized>(self, value: &T) -> Result<String, serde_json::Error> {
        let json = serde_json::to_vec(value)?;
        let digits = self.digits(Md5::new_with_prefix(normal(&json, self.spelling())));
        Ok(digits.as_str().to_owned())
    }

    /// The hash of a single part as it is, or of several parts as a list, with `null` for missing ones.
    pub(super) fn hash_parts(self, parts: &[Part<'_>]) -> HexDigits {
        let mut md5 = Md5::new();
        if let [part] = parts {
            md5.update(self.spelt(part));
            return self.digits(md5);
        }
        md5.update(b"[");
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                md5.update(self.spelling().comma());
            }
            md5.update(self.spelt(part));
        }
        md5.update(b"]");
        self.digits(md5)
    }

    /// The same hash for equal parts, and another one for different parts, except in one of 2⁶⁴ cases.
    fn quick(self, parts: &[Part<'_>]) -> HexDigits {
        let mut hasher = FixedState::with_seed(0).build_hasher();
        for part in parts {
            self.spelt(part).hash(&mut hasher);
        }
        HexDigits::of(&hasher.finish().to_be_bytes())
    }

    fn spelt<'p>(self, part: &'p Part<'_>) -> Cow<'p, [u8]> {
        let spelling = self.spelling();
        part.as_deref()
            .map_or(Cow::Borrowed(b"null"), |part| normal(part, spelling))
    }

    fn digits(self, md5: Md5) -> HexDigits {
        match self {
            Self::Python => HexDigits::of(&md5.finalize()),
            Self::Typescript => HexDigits::base64(md5),
        }
    }
}

/// The SHA-256 of these pieces in hexadecimal digits, for input that an attacker may choose.
#[cfg(feature = "http")]
pub(super) fn sha256(pieces: &[&[u8]]) -> String {
    use sha2::Digest as _;
    let hash = pieces
        .iter()
        .fold(sha2::Sha256::new(), |hash, piece| hash.chain_update(piece));
    format!("{:x}", hash.finalize())
}

/// A hash as text, without an allocation, because each record has two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct HexDigits {
    text: [u8; 32],
    length: usize,
}

impl HexDigits {
    /// Hexadecimal digits of up to 16 bytes.
    fn of(bytes: &[u8]) -> Self {
        // Computed, not looked up, so that the compiler vectorizes it.
        let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
        let mut text = [0; 32];
        for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        let length = 2 * bytes.len();
        Self { text, length }
    }

    fn base64(md5: Md5) -> Self {
        let mut text = [0; 32];
        // 16 bytes become 24 digits.
        let length = BASE64_STANDARD
            .encode_slice(md5.finalize(), &mut text)
            .unwrap_or_default();
        Self { text, length }
    }

    pub(super) fn as_str(&self) -> &str {
        // Digits are ASCII.
        std::str::from_utf8(&self.text[..self.length]).unwrap_or_default()
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
            Layout::Python.hash_parts(&[part(r#""e1""#)]).as_str(),
            "3348851f9d0a1fedb291f023a8fee7ae"
        );
        assert_eq!(
            Layout::Python
                .hash_parts(&[part(r#""b""#), part(r#""a+\u00fc""#), None, part(r#""0A""#)])
                .as_str(),
            "e9c5e7fd6e3d397005c49f621ee1bb15"
        );
        assert_eq!(
            Layout::Python
                .hash_parts(&[part(r#"{"b" : [1,2.50],"a":null}"#)])
                .as_str(),
            "e6562c764b9a5f2a4f2c949c2aa333d4"
        );
        assert_eq!(
            hash(&serde_json::json!({"b": [1, 2.5], "a": null})).unwrap(),
            "e6562c764b9a5f2a4f2c949c2aa333d4"
        );
    }

    #[test]
    fn the_quick_hash_is_of_values_not_of_their_spelling() {
        let part = |json: &'static str| Some(Cow::Borrowed(json.as_bytes()));
        let quick = |parts: &[Part<'_>]| Layout::Python.quick(parts).as_str().to_owned();
        assert_eq!(
            quick(&[part(r#"{"b":1, "a":"é"}"#)]),
            quick(&[part(r#"{"a":"\u00e9","b":1}"#)])
        );
        assert_eq!(quick(&[part("1")]).len(), 16);
        let different = [
            quick(&[part(r#""ab""#), part(r#""c""#)]),
            quick(&[part(r#""a""#), part(r#""bc""#)]),
            quick(&[part(r#""a""#), None]),
            quick(&[part(r#""a""#)]),
        ];
        for (index, hash) in different.iter().enumerate() {
            assert!(!different[index + 1..].contains(hash), "{index}");
        }
    }

    /// By `createHash("md5").update(JSON.stringify(deepSort(value))).digest("base64")` of its version 2.35.0.
    #[test]
    fn hashes_as_powertools_for_typescript_does() {
        let part = |json: &'static str| Some(Cow::Borrowed(json.as_bytes()));
        let hash = |parts: &[Part<'_>]| Layout::Typescript.hash_parts(parts).as_str().to_owned();
        assert_eq!(hash(&[part(r#""e1""#)]), "M0iFH50KH+2ykfAjqP7nrg==");
        assert_eq!(
            hash(&[part(r#""b""#), part(r#""a+\u00fc""#), None, part(r#""0A""#)]),
            "YbEL5jsBT8T3deam5/h7jQ=="
        );
        assert_eq!(
            hash(&[part(r#"{"b" : [1,2.50],"A":null}"#)]),
            "doHN4VVTX8BO62cFvyYxzQ=="
        );
    }
}
