//! The tests that a pattern makes of a value.

use serde_json::Value;

use super::PatternError;

/// A test of a value.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Equals(Value),
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    Wildcard(Vec<String>),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
    AnythingBut(Vec<Test>),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Test {
    pub(super) fn list(items: &[Value], path: &str) -> Result<Vec<Self>, PatternError> {
        match items {
            [] => Err(PatternError::new(path, "an empty list matches nothing")),
            items => items.iter().map(|item| Self::read(item, path)).collect(),
        }
    }

    fn read(item: &Value, path: &str) -> Result<Self, PatternError> {
        let fields = match item {
            Value::Object(fields) => fields,
            Value::Array(_) => return Err(PatternError::new(path, "a list is not allowed in a list")),
            value => return Ok(Test::Equals(value.clone())),
        };
        let mut fields = fields.iter();
        let (Some((operator, operand)), None) = (fields.next(), fields.next()) else {
            return Err(PatternError::new(path, "a test has exactly one operator"));
        };
        let text = || match operand {
            Value::String(text) => Ok(text.clone()),
            _ => Err(PatternError::new(path, format!("{operator} needs a text"))),
        };
        Ok(match operator.as_str() {
            "prefix" => match operand.get("equals-ignore-case") {
                Some(Value::String(text)) => Test::PrefixIgnoreCase(text.to_lowercase()),
                _ => Test::Prefix(text()?),
            },
            "suffix" => match operand.get("equals-ignore-case") {
                Some(Value::String(text)) => Test::SuffixIgnoreCase(text.to_lowercase()),
                _ => Test::Suffix(text()?),
            },
            "equals-ignore-case" => Test::EqualsIgnoreCase(text()?.to_lowercase()),
            "wildcard" => Test::Wildcard(wildcard(&text()?, path)?),
            "exists" => match operand {
                Value::Bool(exists) => Test::Exists(*exists),
                _ => return Err(PatternError::new(path, "exists needs true or false")),
            },
            "numeric" => Test::Numeric(comparisons(operand, path)?),
            "anything-but" => Test::AnythingBut(anything_but(operand, path)?),
            _ => {
                return Err(PatternError::new(
                    path,
                    format!("{operator} is not an operator of filters"),
                ));
            }
        })
    }

    /// Whether the test holds for what is in this place, if anything is.
    pub(super) fn holds(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            // Only leaves count.
            (Test::Exists(exists), None | Some(Value::Object(_))) => !exists,
            (Test::Exists(exists), Some(_)) => *exists,
            (_, None | Some(Value::Object(_))) => false,
            (test, Some(Value::Array(items))) => items.iter().any(|item| test.holds(Some(item))),
            (test, Some(value)) => test.holds_for(value),
        }
    }

    fn holds_for(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Test::Equals(expected) => value == expected,
            Test::EqualsIgnoreCase(expected) => text.is_some_and(|text| text.to_lowercase() == *expected),
            Test::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Test::PrefixIgnoreCase(prefix) => {
                text.is_some_and(|text| text.to_lowercase().starts_with(prefix))
            }
            Test::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Test::SuffixIgnoreCase(suffix) => text.is_some_and(|text| text.to_lowercase().ends_with(suffix)),
            Test::Wildcard(parts) => text.is_some_and(|text| fits(parts, text)),
            Test::Numeric(comparisons) => value.as_f64().is_some_and(|number| {
                comparisons
                    .iter()
                    .all(|(comparison, to)| comparison.holds(number, *to))
            }),
            Test::Exists(exists) => *exists,
            Test::AnythingBut(tests) => !tests.iter().any(|test| test.holds_for(value)),
        }
    }
}

impl Comparison {
    fn holds(self, number: f64, to: f64) -> bool {
        match self {
            Comparison::Less => number < to,
            Comparison::AtMost => number <= to,
            Comparison::Equal => number == to,
            Comparison::AtLeast => number >= to,
            Comparison::More => number > to,
        }
    }
}

fn comparisons(operand: &Value, path: &str) -> Result<Vec<(Comparison, f64)>, PatternError> {
    let invalid = || PatternError::new(path, "numeric needs comparisons such as [\">\", 0, \"<=\", 5]");
    let items = operand.as_array().ok_or_else(invalid)?;
    let mut comparisons = Vec::new();
    for pair in items.chunks(2) {
        let [comparison, number] = pair else {
            return Err(invalid());
        };
        let comparison = match comparison.as_str() {
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::AtMost,
            Some("=") => Comparison::Equal,
            Some(">=") => Comparison::AtLeast,
            Some(">") => Comparison::More,
            _ => return Err(invalid()),
        };
        comparisons.push((comparison, number.as_f64().ok_or_else(invalid)?));
    }
    let is_lower = |comparison| matches!(comparison, Comparison::More | Comparison::AtLeast);
    let is_upper = |comparison| matches!(comparison, Comparison::Less | Comparison::AtMost);
    match comparisons[..] {
        [_] => Ok(comparisons),
        [(first, _), (second, _)] if is_lower(first) && is_upper(second) => Ok(comparisons),
        _ => Err(invalid()),
    }
}

/// What a value must not be.
fn anything_but(operand: &Value, path: &str) -> Result<Vec<Test>, PatternError> {
    let invalid = |what: &str| PatternError::new(path, format!("inside anything-but, {what}"));
    let several = |operand: &Value| match operand {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let Value::Object(fields) = operand else {
        let values = several(operand);
        let are_plain = values.iter().all(|value| value.is_string() || value.is_number());
        return match are_plain && !values.is_empty() {
            true => Ok(values.into_iter().map(Test::Equals).collect()),
            false => Err(invalid("only texts and numbers are allowed")),
        };
    };
    let mut fields = fields.iter();
    let (Some((operator, operand)), None) = (fields.next(), fields.next()) else {
        return Err(invalid("a test has exactly one operator"));
    };
    let test = |value: Value| {
        let text = match value {
            Value::String(text) => text,
            _ => return Err(invalid(&format!("{operator} needs a text"))),
        };
        match operator.as_str() {
            "prefix" | "suffix" if text.is_empty() => Err(invalid("an empty text excludes everything")),
            "prefix" => Ok(Test::Prefix(text)),
            "suffix" => Ok(Test::Suffix(text)),
            "equals-ignore-case" => Ok(Test::EqualsIgnoreCase(text.to_lowercase())),
            "wildcard" => wildcard(&text, path).map(Test::Wildcard),
            _ => Err(invalid(&format!("{operator} is not an operator"))),
        }
    };
    several(operand).into_iter().map(test).collect()
}

/// The texts between the stars.
fn wildcard(text: &str, path: &str) -> Result<Vec<String>, PatternError> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let part = parts.last_mut().expect("there is always a part");
        match (character, characters.peek()) {
            ('*', Some('*')) => return Err(PatternError::new(path, "a wildcard has two stars in a row")),
            ('*', _) => parts.push(String::new()),
            ('\\', Some('*' | '\\')) => part.extend(characters.next()),
            ('\\', _) => return Err(PatternError::new(path, "a wildcard escapes only * and \\")),
            (character, _) => part.push(character),
        }
    }
    Ok(parts)
}

fn fits(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}
