//! Event patterns: objects whose leaves are lists of tests.

use std::fmt;

use serde_json::{Map, Value};

use super::test::Test;

/// A pattern that a JSON value matches or not.
#[derive(Clone, Debug)]
pub struct Pattern {
    fields: Vec<(String, Rule)>,
    /// Of each of these, at least one must match.
    alternatives: Vec<Vec<Pattern>>,
}

#[derive(Clone, Debug)]
enum Rule {
    /// One of these must hold.
    Tests(Vec<Test>),
    Within(Pattern),
}

/// Why a pattern is not valid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PatternError {
    path: String,
    problem: String,
}

impl PatternError {
    pub(super) fn new(path: &str, problem: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "invalid event pattern: {}", self.problem),
            path => write!(f, "invalid event pattern at {path}: {}", self.problem),
        }
    }
}

impl std::error::Error for PatternError {}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If it is not JSON, or no valid pattern.
    pub fn parse(json: &str) -> Result<Self, PatternError> {
        match serde_json::from_str(json) {
            Ok(Value::Object(fields)) => Self::read(&fields, ""),
            Ok(_) => Err(PatternError::new("", "it must be a JSON object")),
            Err(error) => Err(PatternError::new("", format!("it is not JSON: {error}"))),
        }
    }

    fn read(fields: &Map<String, Value>, path: &str) -> Result<Self, PatternError> {
        let mut pattern = Self {
            fields: Vec::new(),
            alternatives: Vec::new(),
        };
        if fields.is_empty() {
            return Err(PatternError::new(path, "an object must have a field"));
        }
        for (name, value) in fields {
            let path = match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            match value {
                Value::Array(items) if name == "$or" => {
                    pattern.alternatives.push(Self::alternatives(items, &path)?);
                }
                Value::Object(fields) => {
                    let within = Rule::Within(Self::read(fields, &path)?);
                    pattern.fields.push((name.clone(), within));
                }
                Value::Array(tests) => {
                    let tests = Rule::Tests(Test::list(tests, &path)?);
                    pattern.fields.push((name.clone(), tests));
                }
                _ => return Err(PatternError::new(&path, "it must be an object or an array")),
            }
        }
        Ok(pattern)
    }

    fn alternatives(items: &[Value], path: &str) -> Result<Vec<Self>, PatternError> {
        let read = |item: &Value| match item {
            Value::Object(fields) => Self::read(fields, path),
            _ => Err(PatternError::new(path, "each alternative must be an object")),
        };
        match items {
            [] => Err(PatternError::new(path, "an alternative is missing")),
            items => items.iter().map(read).collect(),
        }
    }

    /// Whether the value matches. Of a list, one element has to match.
    #[must_use]
    pub fn matches(&self, value: &Value) -> bool {
        if let Value::Array(items) = value {
            return items.iter().any(|item| self.matches(item));
        }
        let field = |(name, rule): &(String, Rule)| match (rule, value.get(name)) {
            (Rule::Tests(tests), found) => tests.iter().any(|test| test.holds(found)),
            (Rule::Within(pattern), found) => pattern.matches(found.unwrap_or(&Value::Null)),
        };
        let one_of = |patterns: &Vec<Pattern>| patterns.iter().any(|pattern| pattern.matches(value));
        self.fields.iter().all(field) && self.alternatives.iter().all(one_of)
    }
}
