//! Conditions as tools read them, in `SWITCHBOARD_DESCRIBE`.

use super::{Condition, TextCondition, TextPlaces, When};
use serde::Serialize;
use std::borrow::Cow;

/// A condition: what is compared, and with what.
#[derive(Serialize)]
pub(crate) struct ConditionDescription<'w> {
    /// `queue`, `stream`, …; `field` with its path; `tool`.
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'static str>,
    #[serde(flatten)]
    comparison: Comparison<'w>,
}

/// What the text has to be.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Comparison<'w> {
    Is(&'w [Cow<'static, str>]),
    StartsWith(&'w str),
    EndsWith(&'w str),
}

impl When {
    /// All conditions, each of which has to hold.
    pub(crate) fn describe(&self) -> impl Iterator<Item = ConditionDescription<'_>> {
        self.conditions.iter().map(Condition::describe)
    }
}

impl Condition {
    fn describe(&self) -> ConditionDescription<'_> {
        match self {
            Condition::Text { at, is } => {
                let (what, path) = match at {
                    TextPlaces::Field(path) => ("path", Some(*path)),
                    TextPlaces::Named(what, _) => (what.as_str(), None),
                };
                let comparison = match is {
                    TextCondition::OneOf(texts) => Comparison::Is(texts),
                    TextCondition::Prefix(prefix) => Comparison::StartsWith(prefix),
                    TextCondition::Suffix(suffix) => Comparison::EndsWith(suffix),
                };
                ConditionDescription {
                    what,
                    path,
                    comparison,
                }
            }
            Condition::Tool(name) => ConditionDescription {
                what: "tool",
                path: None,
                comparison: Comparison::Is(std::slice::from_ref(name)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::when::{event_name, field, key_suffix, queue, tool};
    use serde_json::json;

    #[test]
    fn each_condition_says_what_it_compares_with_what() {
        let when = queue("orders")
            .and(event_name("ObjectCreated:*"))
            .and(key_suffix(".jpg"))
            .and(field("a.b").is_one_of(["x", "y"]))
            .and(tool("t"));
        let described: Vec<_> = when.describe().collect();
        assert_eq!(
            serde_json::to_value(&described).unwrap(),
            json!([
                {"what": "queue", "is": ["orders"]},
                {"what": "event_name", "starts_with": "ObjectCreated:"},
                {"what": "key", "ends_with": ".jpg"},
                {"what": "path", "path": "a.b", "is": ["x", "y"]},
                {"what": "tool", "is": ["t"]},
            ])
        );
    }
}
