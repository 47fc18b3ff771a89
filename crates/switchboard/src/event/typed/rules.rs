//! Broken rules, said in the words of the record: where in its JSON, and which rule.

use super::valid::RulesPart;
use crate::event::Unreadable;
use garde::Report;
use serde_json::Value;
use std::fmt::Write as _;

/// How many broken rules of a record are told.
const TOLD: usize = 3;

/// Why a record is invalid.
#[cold]
pub(super) fn broken(report: &Report, part: &RulesPart<'_>) -> Unreadable {
    let json = serde_json::from_slice::<Value>(&part.json).ok();
    let mut rules = report.iter().map(|(path, rule)| {
        let path = spelled(&path.to_string(), json.as_ref());
        (joined(part.before, &path), rule.message())
    });
    let Some((path, rule)) = rules.next() else {
        return Unreadable::invalid(part.within, ".", "a rule is broken");
    };
    let mut problem = rule.to_owned();
    for (path, rule) in rules.by_ref().take(TOLD - 1) {
        // Writing to it does not fail.
        let _ = write!(problem, "; `{path}`: {rule}");
    }
    match rules.count() {
        0 => {}
        more => problem.push_str(&format!("; and {more} more")),
    }
    Unreadable::invalid(part.within, &path, problem)
}

fn joined(before: &str, path: &str) -> String {
    match (before, path) {
        ("", "") => ".".to_owned(),
        ("", path) => path.to_owned(),
        (before, "") => before.to_owned(),
        (before, path) => format!("{before}.{path}"),
    }
}

/// A path by the fields of types, spelled as the JSON has it: serde may rename fields, which the rules do not know.
fn spelled(path: &str, json: Option<&Value>) -> String {
    let mut spelled = String::new();
    let mut here = json;
    for step in path.split('.') {
        let (name, indices) = step.split_at(step.find('[').unwrap_or(step.len()));
        if !name.is_empty() {
            let found = here.and_then(|value| member(value, name));
            let name = found.map_or(name, |(name, _)| name);
            if !spelled.is_empty() {
                spelled.push('.');
            }
            spelled.push_str(name);
            here = found.map(|(_, value)| value);
        }
        spelled.push_str(indices);
        for index in indices
            .split(['[', ']'])
            .filter_map(|index| index.parse::<usize>().ok())
        {
            here = here.and_then(|value| attribute(value).get(index));
        }
    }
    spelled
}

/// The member that is meant by a field's name.
fn member<'j>(value: &'j Value, name: &str) -> Option<(&'j str, &'j Value)> {
    let members = attribute(value).as_object()?;
    if let Some((name, value)) = members.get_key_value(name) {
        return Some((name, value));
    }
    let mut alike = members.iter().filter(|(key, _)| letters(key).eq(letters(name)));
    let (key, value) = alike.next()?;
    alike.next().is_none().then_some((key, value))
}

/// A name without what makes the difference between `order_items`, `orderItems`, `OrderItems` and `ORDER-ITEMS`.
fn letters(name: &str) -> impl Iterator<Item = char> {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase)
}

/// What is inside a map or a list of DynamoDB; any other value itself.
fn attribute(value: &Value) -> &Value {
    let typed = value.as_object().filter(|members| members.len() == 1);
    let inside = typed.and_then(|members| members.get("M").or_else(|| members.get("L")));
    inside.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_is_spelled_as_the_json_has_it() {
        let json = json!({
            "orderItems": [{"UNIT_PRICE": 1}, {"unit-price": 2}],
            "twice": {"a_b": 1, "aB": 2},
            "plain": {"M": {"inner": {"L": [{"M": {"unitPrice": {"N": "1"}}}]}}},
        });
        for (path, expected) in [
            ("order_items", "orderItems"),
            ("order_items[0].unit_price", "orderItems[0].UNIT_PRICE"),
            ("order_items[1].unit_price", "orderItems[1].unit-price"),
            ("order_items[2].unit_price", "orderItems[2].unit_price"),
            ("twice.ab", "twice.ab"),
            ("twice.aB", "twice.aB"),
            ("plain.inner[0].unit_price", "plain.inner[0].unitPrice"),
            ("missing.unit_price", "missing.unit_price"),
            ("[0]", "[0]"),
            ("", ""),
        ] {
            assert_eq!(spelled(path, Some(&json)), expected, "{path}");
        }
        assert_eq!(spelled("a_b[0].c", None), "a_b[0].c");
    }
}
