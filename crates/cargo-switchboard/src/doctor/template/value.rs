//! Evaluated parts of a template, as far as their values are known.

use std::str::FromStr;

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
                    None => return Setting::Absent,
                },
                ValueKind::Null => return Setting::Absent,
                // A document as a string, or an unknown map.
                ValueKind::Text(_) | ValueKind::List(_) => return Setting::Unknown,
            };
        }
        match value.kind {
            ValueKind::Unknown => Setting::Unknown,
            ValueKind::Null => Setting::Absent,
            _ => Setting::Known(value),
        }
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
