//! The header field's value.

use crate::event::api_gateway::IDEMPOTENCY_KEY;
use http::HeaderMap;

/// Longer keys are refused: random ones have some dozens of characters.
const MAX_LENGTH: usize = 255;

/// The key; `None` if the request has none; or why it is invalid.
///
/// It is a string of “Structured Field Values for HTTP” (RFC 9651): ASCII characters in quotes, with `"` and `\`
/// escaped by `\`. Parameters after it are ignored. A bare word of visible characters is accepted as well, because many
/// clients omit the quotes.
pub(super) fn read(headers: &HeaderMap) -> Result<Option<String>, &'static str> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err("it is sent more than once");
    }
    let text = value.to_str().map_err(|_| "it has characters outside ASCII")?;
    let key = match text.trim().strip_prefix('"') {
        Some(rest) => quoted(rest)?,
        None => bare(text.trim())?,
    };
    match key.len() {
        0 => Err("it is empty"),
        1..=MAX_LENGTH => Ok(Some(key)),
        _ => Err("it has more than 255 characters"),
    }
}

fn bare(text: &str) -> Result<String, &'static str> {
    let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    if text.bytes().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("it is neither a quoted string nor a single word")
    }
}

fn quoted(text: &str) -> Result<String, &'static str> {
    let mut key = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '"' => {
                let parameters = rest.as_str().trim_start();
                return match parameters.is_empty() || parameters.starts_with(';') {
                    true => Ok(key),
                    false => Err("there is text after the string"),
                };
            }
            '\\' => match rest.next() {
                Some(escaped @ ('"' | '\\')) => key.push(escaped),
                _ => return Err("a backslash may only precede a quote or a backslash"),
            },
            ' '..='~' => key.push(character),
            _ => return Err("it has a control character"),
        }
    }
    Err("its closing quote is missing")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn of(value: &str) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(
            IDEMPOTENCY_KEY,
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
        read(&headers)
    }

    #[test]
    fn an_empty_key_is_said_to_be_empty() {
        for empty in ["\"\"", "", " "] {
            assert_eq!(of(empty), Err("it is empty"), "{empty:?}");
        }
    }

    #[test]
    fn a_string_in_quotes_or_a_bare_word_is_a_key() {
        for (value, key) in [
            (
                r#""8e03978e-40d5-43dd-bc93-6894a57f9324""#,
                "8e03978e-40d5-43dd-bc93-6894a57f9324",
            ),
            (
                "8e03978e-40d5-43dd-bc93-6894a57f9324",
                "8e03978e-40d5-43dd-bc93-6894a57f9324",
            ),
            (r#" "a \"b\" \\c" ;p=1"#, r#"a "b" \c"#),
            ("a+/=:b", "a+/=:b"),
        ] {
            assert_eq!(of(value).unwrap().as_deref(), Some(key));
        }
        assert_eq!(read(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn anything_else_is_none() {
        for value in [
            "", "\"\"", "\"a", "\"a\"b", "\"a\\b\"", "a b", "a,b", "\"ü\"", "a;b",
        ] {
            assert!(of(value).is_err(), "{value}");
        }
        assert!(of(&"k".repeat(255)).is_ok());
        assert!(of(&"k".repeat(256)).is_err());
        let mut twice = HeaderMap::new();
        twice.append(IDEMPOTENCY_KEY, HeaderValue::from_static("a"));
        twice.append(IDEMPOTENCY_KEY, HeaderValue::from_static("a"));
        assert!(read(&twice).is_err());
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_as_it_was(key in "[ -~]{1,60}") {
            let quoted = format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
            prop_assert_eq!(of(&quoted).unwrap(), Some(key));
        }
    }
}
