//! CloudEvents context attributes: which names and values are valid, and the errors of invalid ones.

use base64::Engine as _;
use std::borrow::Cow;
use std::fmt;

/// The value of an extension attribute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Attribute {
    /// A Boolean.
    Boolean(bool),
    /// A whole number of 32 bits.
    Integer(i32),
    /// Text; also for URIs, timestamps and binary values.
    String(String),
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i32> for Attribute {
    fn from(number: i32) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Attribute {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

/// Why a document is not a valid CloudEvent, and which of its attributes caused it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidEntry {
    index: Option<usize>,
    attribute: Option<String>,
    problem: String,
}

impl InvalidEntry {
    pub(crate) fn attribute(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            index: None,
            attribute: Some(name.into()),
            problem: problem.into(),
        }
    }

    pub(crate) fn document(problem: impl Into<String>) -> Self {
        Self {
            index: None,
            attribute: None,
            problem: problem.into(),
        }
    }

    pub(crate) fn at(mut self, index: usize) -> Self {
        self.index = Some(index);
        self
    }

    /// The attribute that caused it (or `data`, `data_base64`); `None` for the document as a whole.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.attribute.as_deref()
    }

    /// The event's position in its batch, counted from 0; `None` outside batches.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.index
    }
}

impl fmt::Display for InvalidEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.index {
            write!(f, "event {index}: ")?;
        }
        if let Some(name) = &self.attribute {
            write!(f, "attribute `{}`: ", name.escape_debug())?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for InvalidEntry {}

/// Checks the name of an extension attribute.
pub(crate) fn check_name(name: &str) -> Result<(), InvalidEntry> {
    let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.is_empty() || !name.bytes().all(valid) {
        return Err(InvalidEntry::attribute(
            name,
            "a name is made of lower-case letters a-z and digits",
        ));
    }
    Ok(())
}

/// Checks that a value is not empty and has no characters that CloudEvents forbids.
pub(crate) fn check_text(name: &str, value: &str) -> Result<(), InvalidEntry> {
    if value.is_empty() {
        return Err(InvalidEntry::attribute(name, "must not be empty"));
    }
    if let Some(character) = value.chars().find(|c| forbidden(*c)) {
        let problem = format!("must not hold the character U+{:04X}", u32::from(character));
        return Err(InvalidEntry::attribute(name, problem));
    }
    Ok(())
}

/// Checks that a value is a URI-reference of RFC 3986.
pub(crate) fn check_uri_reference(name: &str, value: &str) -> Result<(), InvalidEntry> {
    check_text(name, value)?;
    if uri_reference(value) != value {
        return Err(InvalidEntry::attribute(name, "not a URI-reference"));
    }
    Ok(())
}

/// Checks that a value is an absolute URI, which has a scheme.
pub(crate) fn check_uri(name: &str, value: &str) -> Result<(), InvalidEntry> {
    check_uri_reference(name, value)?;
    if !has_scheme(value) {
        return Err(InvalidEntry::attribute(
            name,
            "not an absolute URI, such as https://example.com/schema.json",
        ));
    }
    Ok(())
}

/// Control characters and noncharacters, which CloudEvents strings must not have.
fn forbidden(character: char) -> bool {
    // Surrogates, the third kind in the specification, cannot be in a `str`.
    let code = u32::from(character);
    character.is_control() || (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// The text with forbidden characters of CloudEvents strings (control characters and noncharacters) percent-encoded.
///
/// # Example
///
/// ```
/// assert_eq!(switchboard_function::journal::printable("two\nlines, 100%"), "two%0Alines, 100%");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, |character| !forbidden(character))
}

/// The text as a URI-reference: characters that RFC 3986 does not allow at their position are percent-encoded.
///
/// # Example
///
/// ```
/// use switchboard_function::journal::uri_reference;
///
/// assert_eq!(uri_reference("aws:s3.eu-west-1.photos"), "aws:s3.eu-west-1.photos");
/// assert_eq!(uri_reference("my shop: orders"), "my%20shop%3A%20orders");
/// ```
#[must_use]
pub fn uri_reference(text: &str) -> Cow<'_, str> {
    let mut fragments = 0;
    // A colon in the first segment would end a scheme, so without a scheme it is escaped.
    let mut colons = has_scheme(text) || !text.split('/').next().is_some_and(|s| s.contains(':'));
    let (mut path, mut at) = (false, 0);
    escape(text, |character| {
        let here = at;
        at += character.len_utf8();
        match character {
            // Existing escapes stay.
            '%' => text
                .as_bytes()
                .get(here + 1..here + 3)
                .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit)),
            '#' => {
                fragments += 1;
                fragments == 1
            }
            ':' => colons || path,
            '/' | '?' => {
                (path, colons) = (true, true);
                true
            }
            '-' | '.' | '_' | '~' | '[' | ']' | '@' | '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+'
            | ',' | ';' | '=' => true,
            other => other.is_ascii_alphanumeric(),
        }
    })
}

/// Whether the text starts with a URI scheme and its colon.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The text with every character that `keep` refuses percent-encoded.
fn escape(text: &str, mut keep: impl FnMut(char) -> bool) -> Cow<'_, str> {
    let mut escaped = String::new();
    let mut copied = 0;
    for (at, character) in text.char_indices() {
        if keep(character) {
            continue;
        }
        escaped.push_str(&text[copied..at]);
        copied = at + character.len_utf8();
        for byte in text[at..copied].bytes() {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    // Usually nothing was escaped, and nothing is copied.
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    escaped.push_str(&text[copied..]);
    Cow::Owned(escaped)
}

/// Base64 of the standard alphabet, with padding.
pub(crate) fn base64_encode(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Decodes the output of [`base64_encode`].
pub(crate) fn base64_decode(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_a_uri_reference() {
        for valid in [
            "aws.ec2",
            "/a/b?c#d",
            "urn:x:y",
            "http://[::1]:80/%20",
            "a/b:c",
            "?x:y",
            "a%2fb",
        ] {
            assert_eq!(check_uri_reference("source", valid), Ok(()), "{valid}");
        }
        for invalid in ["a b", "ü", "1a:b", "a#b#c", "100%", "%zz", "a\\b", "<x>"] {
            let error = check_uri_reference("source", invalid).unwrap_err();
            assert_eq!(
                error.to_string(),
                "attribute `source`: not a URI-reference",
                "{invalid}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_it_was_is_valid_afterwards(text in any::<String>().prop_filter("empty", |t| !t.is_empty())) {
            let reference = uri_reference(&text).into_owned();
            prop_assert_eq!(check_uri_reference("source", &reference), Ok(()));
            let subject = printable(&text).into_owned();
            prop_assert_eq!(check_text("subject", &subject), Ok(()));
        }
    }
}
