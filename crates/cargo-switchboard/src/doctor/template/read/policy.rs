//! Policy documents.

use super::super::value::{Value, ValueKind};
use crate::doctor::deployment::{Setting, Statement};

/// The statements of the document at `path`. Unknown parts become a vague statement.
pub(in crate::doctor::template) fn statements(properties: &Value, path: &str) -> Vec<Statement> {
    match properties.get(path) {
        Setting::Known(document) => match document.get("Statement") {
            Setting::Known(all) => all.items().iter().map(statement).collect(),
            Setting::Unknown => vec![vague(document)],
            Setting::Absent => Vec::new(),
        },
        Setting::Unknown => vec![vague(properties)],
        Setting::Absent => Vec::new(),
    }
}

fn vague(value: &Value) -> Statement {
    Statement {
        at: Some(value.at),
        allows: true,
        vague: true,
        ..Statement::default()
    }
}

fn statement(value: &Value) -> Statement {
    if matches!(value.kind, ValueKind::Unknown | ValueKind::Text(_)) {
        return vague(value);
    }
    let negative = ["NotAction", "NotResource", "NotPrincipal"];
    let parts = ["Action", "Resource", "Principal", "Effect"];
    let unknown = parts.iter().any(|key| match value.get(key) {
        Setting::Unknown => true,
        Setting::Known(part) => part.items().iter().any(|item| item.kind == ValueKind::Unknown),
        Setting::Absent => false,
    });
    Statement {
        at: Some(value.at),
        allows: value
            .text_at("Effect")
            .known()
            .is_some_and(|effect| effect == "Allow"),
        principals: principals(value),
        actions: texts(value.items_at("Action")),
        resources: texts(value.items_at("Resource")),
        vague: unknown || negative.iter().any(|key| !value.get(key).is_absent()),
        conditional: !value.get("Condition").is_absent(),
    }
}

fn texts(values: &[Value]) -> Vec<String> {
    values
        .iter()
        .filter_map(Value::as_text)
        .map(str::to_owned)
        .collect()
}

/// `*`, or a map of services, accounts and users.
fn principals(statement: &Value) -> Vec<String> {
    match statement.get("Principal") {
        Setting::Known(principal) if principal.as_text().is_some() => texts(principal.items()),
        Setting::Known(principal) => principal
            .entries()
            .iter()
            .flat_map(|(_, of)| texts(of.items()))
            .collect(),
        _ => Vec::new(),
    }
}
