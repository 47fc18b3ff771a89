//! Other spellings of a JSON value, and the error if it has no suitable one.

use super::redact::redacted;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::de::{self, Error, Expected, Unexpected};
use serde_json::Number;
use std::borrow::Cow;
use std::fmt;

/// From this number on, numbers are milliseconds since 1970 instead of seconds. In seconds it would be the year 5138.
pub(super) const MILLISECONDS: f64 = 1e11;

/// Why a struct refuses a value; it never quotes the value.
#[derive(Debug)]
pub(super) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(redacted(&message))
    }
}

impl From<serde_json::Error> for Refused {
    /// The position in the error is relative to a part of the text.
    fn from(error: serde_json::Error) -> Self {
        let message = redacted(&error);
        let place = format!(" at line {} column {}", error.line(), error.column());
        Self(message.strip_suffix(&place).unwrap_or(&message).to_owned())
    }
}

/// The value has another type.
pub(super) fn unexpected(text: &str, expected: &dyn Expected) -> Refused {
    let kind = match text.as_bytes().first() {
        Some(b'"') => Unexpected::Other("string"),
        Some(b'{') => Unexpected::Map,
        Some(b'[') => Unexpected::Seq,
        Some(b't' | b'f') => Unexpected::Other("boolean"),
        Some(b'n') => Unexpected::Unit,
        _ => Unexpected::Other("number"),
    };
    Refused::invalid_type(kind, expected)
}

pub(super) fn is_text(text: &str) -> bool {
    text.starts_with('"')
}

/// The text of a JSON string.
pub(super) fn string(text: &str) -> Result<Cow<'_, str>, Refused> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.contains('\\') => Ok(Cow::Borrowed(inner)),
        _ => Ok(Cow::Owned(serde_json::from_str(text)?)),
    }
}

/// A number, possibly in quotes; a fraction of zero is dropped.
pub(super) fn number(text: &str) -> Option<Number> {
    let digits = text.trim_matches('"').trim_ascii();
    let digits = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0') => whole,
        _ => digits,
    };
    serde_json::from_str(digits).ok()
}

/// The time of a number in seconds or milliseconds since 1970.
pub(super) fn epoch(text: &str) -> Option<DateTime<Utc>> {
    let number = number(text)?.as_f64()?;
    let micros = match number.abs() < MILLISECONDS {
        true => number * 1_000_000.0,
        false => number * 1_000.0,
    };
    // Out of range becomes the largest number, which is not a valid time either.
    DateTime::from_timestamp_micros(micros.round() as i64)
}

/// The time in a JSON string.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    timestamp(&string(text).ok().filter(|_| is_text(text))?)
}

/// The time in a text: RFC 3339, or the same with an offset without a colon, or without an offset, because all times of
/// AWS are UTC.
pub(super) fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    if let Ok(time) = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z") {
        return Some(time.to_utc());
    }
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_quotes_and_not_in_other_words() {
        for (text, read) in [
            ("12", Some("12")),
            (r#"" 12 ""#, Some("12")),
            ("12.00", Some("12")),
            ("1.50", Some("1.5")),
            (r#""-1e3""#, Some("-1000.0")),
            ("1.", None),
            (r#""""#, None),
            (r#""12a""#, None),
            (r#""007""#, None),
            ("true", None),
            ("[1]", None),
        ] {
            assert_eq!(
                number(text).map(|number| number.to_string()).as_deref(),
                read,
                "{text}"
            );
        }
    }

    #[test]
    fn a_time_since_1970_may_be_in_seconds_or_milliseconds() {
        let time = DateTime::parse_from_rfc3339("2026-11-30T00:00:00.511Z")
            .unwrap()
            .to_utc();
        for text in ["1795996800.511", "1795996800511", r#""1795996800511""#] {
            assert_eq!(epoch(text), Some(time), "{text}");
        }
        assert_eq!(epoch("1e300"), None);
        for text in [
            "2026-11-30T01:00:00.511+01:00",
            "2026-11-30T01:00:00.511+0100",
            "2026-11-30T00:00:00.511",
            "2026-11-30 00:00:00.511Z",
        ] {
            assert_eq!(instant(&format!("\"{text}\"")), Some(time), "{text}");
        }
        for text in [
            "",
            "2026-11-30",
            "00:00:00",
            "Mon, 30 Nov 2026 00:00:00 GMT",
            "yesterday",
        ] {
            assert_eq!(instant(&format!("\"{text}\"")), None, "{text}");
        }
    }
}
