//! A JSON object whose values are not read yet, in the order it was written in.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The longest rendered line, in bytes. Log lines are already cut at this length.
const LIMIT: usize = 256 << 10;

/// The keys and the JSON texts of their values. Keys may repeat.
pub(super) struct Object<'l>(pub(super) Vec<(String, &'l str)>);

impl<'l> Object<'l> {
    /// Reads an object; `None` if `text` is anything else.
    pub(super) fn read(text: &'l str) -> Option<Self> {
        if text.len() > LIMIT || !text.trim_start().starts_with('{') {
            return None;
        }
        serde_json::from_str(text).ok()
    }

    /// The text of the first value of `key`.
    pub(super) fn get(&self, key: &str) -> Option<&'l str> {
        let entry = self.0.iter().find(|(name, _)| name == key);
        entry.map(|(_, value)| *value)
    }

    /// Removes the first value, in the order of `keys`, that `read` accepts. Keys are case-insensitive, because .NET
    /// capitalizes them.
    pub(super) fn take<T>(&mut self, keys: &[&str], read: impl Fn(&'l str) -> Option<T>) -> Option<T> {
        keys.iter().find_map(|key| {
            let mut entries = self.0.iter();
            let place = entries.position(|(name, _)| name.eq_ignore_ascii_case(key))?;
            let found = read(self.0[place].1)?;
            self.0.remove(place);
            Some(found)
        })
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    entries.push((key, value.get()));
                }
                Ok(Object(entries))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

/// Whether `key` is one of `keys`, ignoring case.
pub(super) fn is_among(key: &str, keys: &[&str]) -> bool {
    keys.iter().any(|other| key.eq_ignore_ascii_case(other))
}

/// Reads a string.
pub(super) fn string(value: &str) -> Option<String> {
    value.starts_with('"').then(|| serde_json::from_str(value).ok())?
}

/// Reads a number.
pub(super) fn number(value: &str) -> Option<f64> {
    let is_number = value.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    is_number.then(|| value.parse().ok())?
}

/// Reads an array.
pub(super) fn array<'l, T: Deserialize<'l>>(value: &'l str) -> Option<Vec<T>> {
    value.starts_with('[').then(|| serde_json::from_str(value).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_keeps_its_order_and_the_digits_of_its_numbers() {
        let text = r#"{"b": 12345678901234567890123, "a": {"x": [1, 2]}, "b": null}"#;
        let object = Object::read(text).unwrap();
        let keys: Vec<_> = object.0.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["b", "a", "b"]);
        assert_eq!(object.get("b"), Some("12345678901234567890123"));
        assert_eq!(object.get("a"), Some(r#"{"x": [1, 2]}"#));
    }

    #[test]
    fn anything_else_is_not_an_object() {
        for text in ["", "{", "[1]", "null", "{\"a\":1} {}", "{\"a\":1", "{1:2}"] {
            assert!(Object::read(text).is_none(), "{text}");
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LIMIT));
        assert!(Object::read(&long).is_none());
    }

    #[test]
    fn deep_nesting_does_no_harm() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Object::read(&deep).is_some());
    }

    #[test]
    fn what_is_taken_is_gone_and_what_cannot_be_read_stays() {
        let mut object = Object::read(r#"{"time":"x","ts":"y","n":1}"#).unwrap();
        let taken = object.take(&["time", "ts"], |value| string(value).filter(|text| text == "y"));
        assert_eq!(taken.as_deref(), Some("y"));
        assert_eq!(object.0, [("time".to_owned(), "\"x\""), ("n".to_owned(), "1")]);
    }
}
