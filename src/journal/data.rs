//! An entry's data: unchanged JSON, text, or bytes.

use serde_json::value::RawValue;

/// An entry's data.
#[derive(Clone, Debug)]
pub enum Data {
    /// JSON, byte for byte: numbers keep all their digits, and nesting is not limited.
    Json(Box<RawValue>),
    /// Text of a media type that is not JSON.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl Data {
    /// Classifies bytes: JSON if they are valid JSON, text if they are UTF-8 without control characters (except tab,
    /// line breaks and escape, which logs have), otherwise binary.
    #[must_use]
    pub fn detect(bytes: Vec<u8>) -> Self {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => return Self::Binary(error.into_bytes()),
        };
        if let Ok(json) = serde_json::from_str::<Box<RawValue>>(&text) {
            return Self::Json(json);
        }
        // Bytes that happen to be UTF-8 need not be text: small protobuf messages often are UTF-8.
        let binary = |character: char| character.is_control() && !"\t\n\r\u{1b}".contains(character);
        if text.contains(binary) {
            return Self::Binary(text.into_bytes());
        }
        Self::Text(text)
    }

    /// The media type to use if the source does not give one.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Text(_) => "text/plain",
            Self::Binary(_) => "application/octet-stream",
        }
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(left), Self::Json(right)) => left.get() == right.get(),
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Binary(left), Self::Binary(right)) => left == right,
            _ => false,
        }
    }
}

/// Whether a `datacontenttype` means JSON; a missing one does.
pub(crate) fn is_json(media_type: Option<&str>) -> bool {
    let Some(media_type) = media_type else {
        return true;
    };
    // Parameters, such as a charset, do not change the kind of data.
    let essence = essence(media_type);
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// Media types of text besides `text/…`, and suffixes of others.
const TEXT: [&str; 17] = [
    "application/ecmascript",
    "application/graphql",
    "application/javascript",
    "application/json-seq",
    "application/jsonl",
    "application/ndjson",
    "application/sql",
    "application/toml",
    "application/x-javascript",
    "application/x-ndjson",
    "application/x-sh",
    "application/x-www-form-urlencoded",
    "application/x-yaml",
    "application/xml",
    "application/xml-dtd",
    "application/xml-external-parsed-entity",
    "application/yaml",
];
const TEXT_SUFFIXES: [&str; 3] = ["+xml", "+yaml", "+json-seq"];

/// Whether data with this media type is UTF-8 text, as far as the media type says. Text in another charset is not.
pub(crate) fn is_text(media_type: &str) -> bool {
    let charset = media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"').to_ascii_lowercase();
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    });
    if let Some(charset) = charset {
        return ["utf-8", "utf8", "us-ascii"].contains(&charset.as_str());
    }
    let essence = essence(media_type);
    essence.starts_with("text/")
        || TEXT.contains(&essence.as_str())
        || TEXT_SUFFIXES.iter().any(|suffix| essence.ends_with(suffix))
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_taken_for_what_they_are() {
        let detect = |bytes: &[u8]| Data::detect(bytes.to_vec()).media_type();
        assert_eq!(detect(br#" {"a": 1.00} "#), "application/json");
        assert_eq!(detect("línea\n".as_bytes()), "text/plain");
        assert_eq!(detect(b"\x08\x01"), "application/octet-stream");
        assert_eq!(detect(&[0xFF, 0xFE]), "application/octet-stream");
        assert_eq!(detect(b"{\"a\":1}\n{\"a\":2}\n"), "text/plain");
    }

    #[test]
    fn media_types_of_text() {
        for text in [
            "text/csv",
            "Application/XML",
            "image/svg+xml",
            "application/soap+xml; action=\"x\"",
            "application/x-www-form-urlencoded",
            "application/vnd.x; Charset=\"UTF-8\"",
        ] {
            assert!(is_text(text), "{text}");
        }
        for other in [
            "image/png",
            "application/octet-stream",
            "application/avro",
            "text/plain; charset=utf-16",
        ] {
            assert!(!is_text(other), "{other}");
        }
    }

    #[test]
    fn media_types_of_json() {
        assert!(is_json(None) && is_json(Some("application/JSON; charset=utf-8")));
        assert!(is_json(Some("application/vnd.x+json")) && !is_json(Some("text/plain")));
    }
}
