//! What the handler modules have in common.

use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use switchboard::{Context, Failure};

/// The value, unless it is a default for a value that the sender left out at this path.
pub(super) fn unless_filled<T>(filled: &[&str], path: &str, value: T) -> Option<T> {
    (!filled.contains(&path)).then_some(value)
}

/// The record, unparsed: it includes everything that the typed struct does not have.
pub(super) fn unparsed<S>(cx: &Context<S>) -> Result<Box<RawValue>, Failure> {
    Ok(serde_json::from_slice(cx.raw())?)
}

/// The text, or the default if it is missing or empty.
pub(super) fn or_default<'a>(text: Option<&'a str>, default: &'a str) -> &'a str {
    text.filter(|text| !text.is_empty()).unwrap_or(default)
}

/// Some facts about a resource: the members of an object that are not `null`.
pub(super) fn facts(mut object: Value) -> Option<Box<RawValue>> {
    let members = object.as_object_mut()?;
    members.retain(|_, value| !value.is_null());
    if members.is_empty() {
        return None;
    }
    to_raw_value(&object).ok()
}
