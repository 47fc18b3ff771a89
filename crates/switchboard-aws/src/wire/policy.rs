//! Policies of functions and queues, as IAM's document "Grammar of the IAM JSON policy language" describes them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Failure;

/// The parts of a statement that say who may do what for whom.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Statement {
    pub sid: String,
    /// The principal: a service (`s3.amazonaws.com`), an ARN, an account, or `*`.
    pub principal: String,
    pub action: String,
    pub resource: String,
    /// The values of the conditions, by their lowercase keys: `aws:sourcearn`, `aws:sourceaccount` …
    pub conditions: BTreeMap<String, String>,
}

impl Statement {
    pub(super) fn condition(&self, key: &str) -> Option<&str> {
        self.conditions.get(key).map(String::as_str)
    }
}

/// Reads the statements of a policy.
///
/// # Errors
/// If the text is not a policy.
pub(super) fn statements(policy: &str) -> Result<Vec<Statement>, Failure> {
    let policy = parsed(policy)?;
    Ok(list(&policy["Statement"]).iter().map(statement).collect())
}

/// Adds a statement to the policy, or replaces the one with the same `Sid`.
///
/// # Errors
/// If the text is not a policy.
pub(super) fn with_statement(policy: Option<&str>, statement: &Value) -> Result<String, Failure> {
    let mut policy = match policy.filter(|text| !text.is_empty()) {
        Some(text) => parsed(text)?,
        None => json!({"Version": "2012-10-17"}),
    };
    let mut statements = list(&policy["Statement"]);
    match statements
        .iter_mut()
        .find(|there| there["Sid"] == statement["Sid"])
    {
        Some(there) => *there = statement.clone(),
        None => statements.push(statement.clone()),
    }
    policy["Statement"] = Value::Array(statements);
    Ok(policy.to_string())
}

/// Removes the statement with this `Sid` from the policy. Returns `None` if no other statement is left.
///
/// # Errors
/// If the text is not a policy.
pub(super) fn without_statement(policy: &str, sid: &str) -> Result<Option<String>, Failure> {
    let mut policy = parsed(policy)?;
    let mut statements = list(&policy["Statement"]);
    statements.retain(|there| there["Sid"] != sid);
    let left = !statements.is_empty();
    policy["Statement"] = Value::Array(statements);
    Ok(left.then(|| policy.to_string()))
}

/// Returns the statement with this `Sid` as the policy has it.
///
/// # Errors
/// If the text is not a policy.
pub(super) fn raw_statement(policy: &str, sid: &str) -> Result<Option<Value>, Failure> {
    let statements = list(&parsed(policy)?["Statement"]);
    Ok(statements.into_iter().find(|there| there["Sid"] == sid))
}

fn parsed(policy: &str) -> Result<Value, Failure> {
    serde_json::from_str(policy)
        .map_err(|error| Failure::new(format!("the policy is not valid JSON: {error}")))
}

/// IAM accepts a single statement without an array.
fn list(statements: &Value) -> Vec<Value> {
    match statements {
        Value::Array(statements) => statements.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn statement(value: &Value) -> Statement {
    let principal = match &value["Principal"] {
        Value::Object(kinds) => kinds.values().map(text).collect::<Vec<_>>().join(", "),
        other => text(other),
    };
    let mut conditions = BTreeMap::new();
    for tests in value["Condition"]
        .as_object()
        .into_iter()
        .flat_map(|operators| operators.values())
    {
        for (key, wanted) in tests.as_object().into_iter().flatten() {
            conditions.insert(key.to_lowercase(), text(wanted));
        }
    }
    Statement {
        sid: text(&value["Sid"]),
        principal,
        action: text(&value["Action"]),
        resource: text(&value["Resource"]),
        conditions,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(texts) => texts.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SID: &str = "switchboard-s3-0a1b2c3d4e";

    fn ours() -> Value {
        json!({"Sid": SID, "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": "q", "Condition": {"ArnEquals": {"aws:SourceArn": "rule"}}})
    }

    #[test]
    fn a_statement_is_read_in_every_notation() {
        let policy = json!({"Statement": {"Sid": "a", "Principal": {"AWS": ["1", "2"]}, "Action": ["x", "y"],
            "Condition": {"StringEquals": {"AWS:SourceAccount": "3"}, "Bool": {"lambda:InvokedViaFunctionUrl": true}}}});
        let read = statements(&policy.to_string()).unwrap();
        assert_eq!(
            (read[0].principal.as_str(), read[0].action.as_str()),
            ("1, 2", "x, y")
        );
        assert_eq!(read[0].condition("aws:sourceaccount"), Some("3"));
        assert_eq!(read[0].condition("lambda:invokedviafunctionurl"), Some("true"));
    }

    #[test]
    fn removing_the_last_statement_removes_the_policy() {
        let policy = with_statement(None, &ours()).unwrap();
        assert_eq!(raw_statement(&policy, SID).unwrap(), Some(ours()));
        assert_eq!(without_statement(&policy, SID).unwrap(), None);
        assert!(statements("nonsense").is_err());
    }

    proptest! {
        #[test]
        fn adding_and_removing_keep_the_order_of_the_others(sids in prop::collection::vec("[a-z]{1,8}", 1..6)) {
            let others: Vec<Value> = sids.iter().map(|sid| json!({"Sid": sid, "Effect": "Deny"})).collect();
            let before = json!({"Version": "2012-10-17", "Id": "kept", "Statement": others}).to_string();
            let once = with_statement(Some(&before), &ours()).unwrap();
            prop_assert_eq!(&with_statement(Some(&once), &ours()).unwrap(), &once);
            prop_assert_eq!(without_statement(&once, SID).unwrap(), Some(before));
        }
    }
}
