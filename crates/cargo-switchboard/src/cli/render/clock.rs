//! The time of day of a log line.

use chrono::DateTime;

use super::object::{Object, number, string};

/// Smaller numbers are durations rather than times: seconds until 2001.
const EARLIEST: f64 = 1e9;

/// Formats a value as `HH:MM:SS.mmm`. The value is a date and time (RFC 3339 or Python's format), whose zone is kept, or a
/// number of seconds, milliseconds, microseconds or nanoseconds since the Unix epoch, in UTC. log4j separates seconds and nanoseconds.
pub(super) fn clock(value: &str) -> Option<String> {
    match string(value) {
        Some(text) => written(&text),
        None => number(value).and_then(counted).or_else(|| instant(value)),
    }
}

fn instant(value: &str) -> Option<String> {
    let object = Object::read(value)?;
    let part = |key| object.get(key).and_then(number);
    let seconds = part("epochSecond").filter(|seconds| (EARLIEST..1e11).contains(seconds))?;
    let nanoseconds = part("nanoOfSecond").unwrap_or(0.0);
    of_milliseconds(seconds * 1e3 + (nanoseconds / 1e6).floor())
}

/// Formats milliseconds since the Unix epoch, in UTC.
pub(super) fn of_milliseconds(milliseconds: f64) -> Option<String> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "values out of range saturate and are not dates"
    )]
    let time = DateTime::from_timestamp_millis(milliseconds as i64)?;
    Some(time.format("%H:%M:%S%.3f").to_string())
}

fn counted(number: f64) -> Option<String> {
    let milliseconds = match number {
        seconds if !(EARLIEST..1e20).contains(&seconds) => return None,
        seconds if seconds < 1e11 => seconds * 1e3,
        milliseconds if milliseconds < 1e14 => milliseconds,
        microseconds if microseconds < 1e17 => microseconds / 1e3,
        nanoseconds => nanoseconds / 1e6,
    };
    of_milliseconds(milliseconds)
}

fn written(text: &str) -> Option<String> {
    let head = text.as_bytes().get(..19)?;
    let as_expected = |(byte, expected): (&u8, &u8)| match expected {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        separator => byte == separator,
    };
    if !head.iter().zip(b"0000-00-00T00:00:00").all(as_expected) {
        return None;
    }
    let fraction = text[19..].strip_prefix(['.', ',']).unwrap_or_default();
    let digits = fraction.bytes().take(3).take_while(u8::is_ascii_digit).count();
    Some(format!("{}.{:0<3}", &text[11..19], &fraction[..digits]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_runtimes_and_libraries_write_them() {
        for (value, expected) in [
            (r#""2026-11-24T12:34:56.789Z""#, "12:34:56.789"),
            (r#""2026-11-24T12:34:56.789012345+01:00""#, "12:34:56.789"),
            (r#""2026-11-24T12:34:56Z""#, "12:34:56.000"),
            (r#""2026-11-24 12:34:56,7+0000""#, "12:34:56.700"),
            ("1795523696789", "12:34:56.789"),
            ("1795523696.789", "12:34:56.789"),
            ("1795523696789000", "12:34:56.789"),
            (
                r#"{"epochSecond":1795523696,"nanoOfSecond":789999999}"#,
                "12:34:56.789",
            ),
            (r#"{"epochSecond":1795523696}"#, "12:34:56.000"),
        ] {
            assert_eq!(clock(value).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn anything_else_is_not_a_time() {
        for value in [
            "12",
            "-1e300",
            "1e300",
            "null",
            "{}",
            r#"{"epochSecond":7}"#,
            r#"{"epochSecond":"7"}"#,
            r#""""#,
            r#""yesterday""#,
            r#""2026-11-24T12:34""#,
            r#""2026-11-24Tää:34:56.1""#,
        ] {
            assert_eq!(clock(value), None, "{value}");
        }
        assert_eq!(
            clock(r#""2026-11-24T12:34:56.é""#).as_deref(),
            Some("12:34:56.000")
        );
    }
}
