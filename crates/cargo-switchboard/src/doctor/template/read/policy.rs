//! Policy documents.

use super::super::value::{Value, ValueKind};
use crate::doctor::deployment::{Patterns, Setting, Statement};

/// The statements of the document at `path`. Unknown parts become a statement that may allow anything.
pub(in crate::doctor::template) fn statements(properties: &Value, path: &str) -> Vec<Statement> {
    match properties.get(path) {
        Setting::Known(document) => in_document(document),
        Setting::Unknown => vec![unknown(properties)],
        Setting::Absent => Vec::new(),
    }
}

/// The statements of a document.
pub(super) fn in_document(document: &Value) -> Vec<Statement> {
    match document.get("Statement") {
        Setting::Known(all) => all.items().iter().map(statement).collect(),
        Setting::Unknown => vec![unknown(document)],
        Setting::Absent => Vec::new(),
    }
}

fn unknown(value: &Value) -> Statement {
    let open = || Patterns {
        open: true,
        ..Patterns::default()
    };
    Statement {
        at: Some(value.at),
        allows: true,
        principals: open(),
        actions: open(),
        resources: open(),
        conditional: false,
    }
}

pub(super) fn statement(value: &Value) -> Statement {
    if matches!(value.kind, ValueKind::Unknown | ValueKind::Text(_)) {
        return unknown(value);
    }
    let effect = value.text_at("Effect");
    if effect == Setting::Unknown {
        return unknown(value);
    }
    Statement {
        at: Some(value.at),
        allows: effect.known().is_some_and(|effect| effect == "Allow"),
        principals: principals(value),
        actions: patterns(value, "Action", "NotAction"),
        resources: patterns(value, "Resource", "NotResource"),
        conditional: !value.get("Condition").is_absent(),
    }
}

/// The patterns at `key`, or everything but those at `inverse`.
fn patterns(statement: &Value, key: &str, inverse: &str) -> Patterns {
    match (statement.get(key), statement.get(inverse)) {
        // The policies of some resources need not name what they are for.
        (Setting::Absent, Setting::Absent) if key == "Resource" => Patterns::of(vec!["*".to_owned()]),
        (Setting::Absent, inverted @ (Setting::Known(_) | Setting::Unknown)) => Patterns {
            inverted: true,
            ..texts(inverted)
        },
        (plain, _) => texts(plain),
    }
}

fn texts(values: Setting<&Value>) -> Patterns {
    let items = match &values {
        Setting::Known(values) => values.items(),
        _ => &[],
    };
    let known: Vec<String> = items
        .iter()
        .filter_map(Value::as_text)
        .map(str::to_owned)
        .collect();
    Patterns {
        open: values == Setting::Unknown || known.len() < items.len(),
        texts: known,
        inverted: false,
    }
}

/// `*`, or a map of services, accounts and users.
fn principals(statement: &Value) -> Patterns {
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Setting::Known(principal), _) if !principal.entries().is_empty() => {
            let mut all = Patterns::default();
            for (_, of) in principal.entries() {
                let of = texts(of.known_or_unknown());
                all.texts.extend(of.texts);
                all.open |= of.open;
            }
            all
        }
        (Setting::Absent, Setting::Absent) => Patterns::default(),
        // Whom it leaves out, it may mean through another name.
        (Setting::Absent, _) => Patterns {
            open: true,
            ..Patterns::default()
        },
        (principal, _) => texts(principal),
    }
}
