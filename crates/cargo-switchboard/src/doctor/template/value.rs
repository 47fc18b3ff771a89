//! Evaluated parts of a template, as far as their values are known.

use std::str::FromStr;

use super::include::TRANSFORM;
use crate::doctor::deployment::Setting;
use crate::doctor::place::Place;
use crate::doctor::text::is_known;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) at: Place,
    pub(super) kind: ValueKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ValueKind {
    /// Unknown before the deployment.
    Unknown,
    Null,
    /// Parts of it may be symbols.
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

/// Whether a mode is this one, if it is known.
pub(super) fn is_mode(text: &str, mode: &str) -> Setting<bool> {
    match is_known(text) {
        true => Setting::Known(text == mode),
        false => Setting::Unknown,
    }
}

impl Value {
    pub(super) fn unknown(at: Place) -> Self {
        let kind = ValueKind::Unknown;
        Self { at, kind }
    }

    pub(super) fn text(at: Place, text: impl Into<String>) -> Self {
        let kind = ValueKind::Text(text.into());
        Self { at, kind }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value at `path`.
    pub(super) fn get(&self, path: &str) -> Setting<&Value> {
        let mut value = self;
        for key in path.split('.') {
            value = match &value.kind {
                ValueKind::Unknown => return Setting::Unknown,
                ValueKind::Map(entries) => match entries.iter().find(|(name, _)| name == key) {
                    Some((_, value)) => value,
                    // A macro may add it.
                    None if entries.iter().any(|(name, _)| name == TRANSFORM) => return Setting::Unknown,
                    None => return Setting::Absent,
                },
                ValueKind::Null => return Setting::Absent,
                // A document as a string, or an unknown map.
                ValueKind::Text(_) | ValueKind::List(_) => return Setting::Unknown,
            };
        }
        value.known_or_unknown()
    }

    pub(super) fn text_at(&self, path: &str) -> Setting<String> {
        self.get(path).then(|value| match &value.kind {
            ValueKind::Text(text) => Setting::Known(text.clone()),
            _ => Setting::Unknown,
        })
    }

    pub(super) fn number_at<N: FromStr>(&self, path: &str) -> Setting<N> {
        self.get(path).then(|value| {
            let number = value.as_text().and_then(|text| text.trim().parse().ok());
            number.map_or(Setting::Unknown, Setting::Known)
        })
    }

    pub(super) fn flag_at(&self, path: &str) -> Setting<bool> {
        self.get(path).then(
            |value| match value.as_text().map(str::to_ascii_lowercase).as_deref() {
                Some("true" | "yes" | "on") => Setting::Known(true),
                Some("false" | "no" | "off") => Setting::Known(false),
                _ => Setting::Unknown,
            },
        )
    }

    /// The items of the list at `path`, or a single value in place of a list.
    pub(super) fn items_at(&self, path: &str) -> &[Value] {
        match self.get(path) {
            Setting::Known(value) => value.items(),
            _ => &[],
        }
    }

    /// Every value at `path`, through all items of lists; `*` matches every key.
    pub(super) fn all_at(&self, path: &str) -> Vec<&Value> {
        let mut values = vec![self];
        for key in path.split('.') {
            let parents = values.into_iter().flat_map(Value::items);
            values = parents
                .flat_map(Value::entries)
                .filter(|(name, _)| key == "*" || name == key)
                .map(|(_, value)| value)
                .collect();
        }
        values.into_iter().flat_map(Value::items).collect()
    }

    /// The value, unless it is unknown or nothing.
    pub(super) fn known_or_unknown(&self) -> Setting<&Value> {
        match self.kind {
            ValueKind::Unknown => Setting::Unknown,
            ValueKind::Null => Setting::Absent,
            _ => Setting::Known(self),
        }
    }

    /// What a JSON document that is written as a text says; the value itself if it is anything else.
    pub(super) fn structured(self) -> Self {
        let json = self.as_text().filter(|text| text.trim_start().starts_with('{'));
        match json.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok()) {
            Some(json) => Self::of_json(self.at, json),
            None => self,
        }
    }

    fn of_json(at: Place, json: serde_json::Value) -> Self {
        let kind = match json {
            serde_json::Value::Null => ValueKind::Null,
            serde_json::Value::String(text) => ValueKind::Text(text),
            serde_json::Value::Array(items) => {
                ValueKind::List(items.into_iter().map(|item| Self::of_json(at, item)).collect())
            }
            serde_json::Value::Object(entries) => {
                let entries = entries.into_iter();
                ValueKind::Map(
                    entries
                        .map(|(key, json)| (key, Self::of_json(at, json)))
                        .collect(),
                )
            }
            plain => ValueKind::Text(plain.to_string()),
        };
        Self { at, kind }
    }

    /// The value as a text, if it is one.
    pub(super) fn setting(&self) -> Setting<String> {
        match &self.kind {
            ValueKind::Text(text) => Setting::Known(text.clone()),
            ValueKind::Null => Setting::Absent,
            _ => Setting::Unknown,
        }
    }

    pub(super) fn items(&self) -> &[Value] {
        match &self.kind {
            ValueKind::List(items) => items,
            ValueKind::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    pub(super) fn entries(&self) -> &[(String, Value)] {
        match &self.kind {
            ValueKind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Whether every part of it is known.
    pub(super) fn is_known(&self) -> bool {
        match &self.kind {
            ValueKind::Unknown => false,
            ValueKind::Null => true,
            ValueKind::Text(text) => is_known(text),
            ValueKind::List(items) => items.iter().all(Self::is_known),
            ValueKind::Map(entries) => entries.iter().all(|(_, value)| value.is_known()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_may_be_a_text() {
        let text = |text: &str| Value::text(Place::default(), text).structured();
        let policy = text(r#" {"a": [{"b": 5, "c": true}], "d": null}"#);
        assert_eq!(policy.all_at("a.b")[0].as_text(), Some("5"));
        assert_eq!(policy.all_at("a.c")[0].as_text(), Some("true"));
        assert!(policy.get("d").is_absent());
        for other in ["{", "orders", "[1]"] {
            assert_eq!(text(other).as_text(), Some(other));
        }
    }

    #[test]
    fn a_path_leads_through_lists_and_every_key() {
        let at = Place::default();
        let leaf = |text: &str| Value::text(at, text);
        let map = |key: &str, value: Value| Value {
            at,
            kind: ValueKind::Map(vec![(key.to_owned(), value)]),
        };
        let list = |items: Vec<Value>| Value {
            at,
            kind: ValueKind::List(items),
        };
        let whole = map(
            "A",
            list(vec![
                map("B", leaf("1")),
                map("C", list(vec![leaf("2"), leaf("3")])),
            ]),
        );
        let found = |path: &str| -> Vec<String> {
            let texts = whole.all_at(path).into_iter().filter_map(Value::as_text);
            texts.map(str::to_owned).collect()
        };
        assert_eq!(found("A.B"), ["1"]);
        assert_eq!(found("A.*"), ["1", "2", "3"]);
        assert!(found("B").is_empty());
    }
}
