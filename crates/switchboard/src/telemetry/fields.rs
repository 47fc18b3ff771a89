//! The fields of an event or a span.

use crate::error::Chain;
use serde::{Serialize, Serializer};
use std::error::Error;
use std::fmt;
use tracing::field::{Field, Visit};

/// A field's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FieldValue {
    Bool(bool),
    Signed(i128),
    Unsigned(u128),
    Float(f64),
    /// A string.
    Text(String),
    /// The `Display` or `Debug` form of a value.
    Shown(String),
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Signed(value) => serializer.serialize_i128(*value),
            Self::Unsigned(value) => serializer.serialize_u128(*value),
            // JSON has no such numbers.
            Self::Float(value) if !value.is_finite() => serializer.collect_str(value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) | Self::Shown(value) => serializer.serialize_str(value),
        }
    }
}

impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Signed(value) => value.fmt(f),
            Self::Unsigned(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) | Self::Shown(value) => f.write_str(value),
        }
    }
}

/// Fields in the order in which they were added, each name once: the last value counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    list: Vec<(&'static str, FieldValue)>,
}

impl Fields {
    pub(super) fn put(&mut self, name: &'static str, value: FieldValue) {
        match self.list.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.list.push((name, value)),
        }
    }

    pub(super) fn extend(&mut self, others: &Self) {
        for (name, value) in &others.list {
            self.put(name, value.clone());
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<FieldValue> {
        let at = self.list.iter().position(|(known, _)| *known == name)?;
        Some(self.list.remove(at).1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &FieldValue)> {
        self.list.iter().map(|(name, value)| (*name, value))
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(name(field), FieldValue::Float(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(name(field), FieldValue::Signed(value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(name(field), FieldValue::Unsigned(value.into()));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(name(field), FieldValue::Signed(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(name(field), FieldValue::Unsigned(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(name(field), FieldValue::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(name(field), FieldValue::Text(value.to_owned()));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(name(field), FieldValue::Shown(Chain(value).to_string()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(name(field), FieldValue::Shown(format!("{value:?}")));
    }
}

/// Rust spells a field called `type` as `r#type`.
fn name(field: &Field) -> &'static str {
    field.name().strip_prefix("r#").unwrap_or(field.name())
}
