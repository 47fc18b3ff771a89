//! What an authorizer's policy says about a call. API Gateway Developer Guide, “Output from an API Gateway Lambda authorizer”.

use serde_json::{Map, Value};

/// The only action of a caller of an API.
const INVOKE: &str = "execute-api:Invoke";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

/// Applies the policy to a call.
///
/// # Errors
/// What is wrong with the policy.
pub(super) fn judge(document: &Value, arn: &str) -> Result<Verdict, String> {
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        one @ Value::Object(_) => std::slice::from_ref(one),
        _ => return Err("policyDocument.Statement is missing".to_owned()),
    };
    let mut verdict = Verdict::NotAllowed;
    for (index, statement) in statements.iter().enumerate() {
        let at = |problem: &str| format!("policyDocument.Statement[{index}]: {problem}");
        let members = statement.as_object().ok_or_else(|| at("not an object"))?;
        if members.contains_key("Condition") {
            return Err(at("conditions are not evaluated on this machine"));
        }
        let concerns = member(members, "Action", INVOKE, true).map_err(|problem| at(&problem))?
            && member(members, "Resource", arn, false).map_err(|problem| at(&problem))?;
        match (members.get("Effect").and_then(Value::as_str), concerns) {
            (Some("Deny"), true) => verdict = Verdict::Denied,
            (Some("Allow"), true) if verdict == Verdict::NotAllowed => verdict = Verdict::Allowed,
            (Some("Allow" | "Deny"), _) => {}
            _ => return Err(at("Effect is neither Allow nor Deny")),
        }
    }
    Ok(verdict)
}

/// Whether `Action` or `Resource`, or their negations, match.
fn member(statement: &Map<String, Value>, name: &str, value: &str, any_case: bool) -> Result<bool, String> {
    let negated = format!("Not{name}");
    let (patterns, expected) = match (statement.get(name), statement.get(&negated)) {
        (Some(patterns), None) => (patterns, true),
        (None, Some(patterns)) => (patterns, false),
        _ => return Err(format!("expected either {name} or {negated}")),
    };
    let fold = |text: &str| match any_case {
        true => text.to_ascii_lowercase(),
        false => text.to_owned(),
    };
    let is_match = |pattern: &Value| {
        let pattern = pattern.as_str().ok_or_else(|| format!("{name} is not a text"))?;
        Ok::<_, String>(matches(fold(pattern).as_bytes(), fold(value).as_bytes()))
    };
    let found = match patterns {
        Value::Array(patterns) => patterns.iter().try_fold(false, |found, pattern| {
            Ok::<_, String>(is_match(pattern)? || found)
        })?,
        pattern => is_match(pattern)?,
    };
    Ok(found == expected)
}

/// Whether a text fits a pattern with `*` and `?`.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    // Where the last star is, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, place));
                at += 1;
            }
            (Some(byte), _) if *byte == b'?' || *byte == text[place] => {
                at += 1;
                place += 1;
            }
            (_, Some((star_at, reached))) => {
                star = Some((star_at, reached + 1));
                at = star_at + 1;
                place = reached + 1;
            }
            _ => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:execute-api:eu-central-1:000000000000:local/$default/GET/orders/7";

    #[test]
    fn patterns_match_as_in_policies() {
        for (pattern, fits) in [
            ("*", true),
            (ARN, true),
            ("arn:aws:execute-api:*:*:local/*/GET/*", true),
            ("arn:aws:execute-api:*:*:local/*/GET/orders/?", true),
            ("*/GET/*", true),
            ("*/POST/*", false),
            ("arn:aws:execute-api:*:*:local/*/get/*", false),
            ("arn:aws:execute-api:*:*:local/*/GET/orders", false),
            ("", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), ARN.as_bytes()), fits, "{pattern}");
        }
    }

    #[test]
    fn a_denial_outweighs_what_is_allowed() {
        let statement = |effect: &str, resource: &str| json!({"Effect": effect, "Action": "execute-api:invoke", "Resource": resource});
        let judged = |statements: Value| judge(&json!({"Statement": statements}), ARN);
        assert_eq!(judged(statement("Allow", "*")), Ok(Verdict::Allowed));
        assert_eq!(judged(json!([])), Ok(Verdict::NotAllowed));
        assert_eq!(judged(statement("Allow", "*/POST/*")), Ok(Verdict::NotAllowed));
        let both = json!([statement("Deny", "*/orders/*"), statement("Allow", "*")]);
        assert_eq!(judged(both), Ok(Verdict::Denied));
        let other = json!({"Effect": "Allow", "NotAction": "s3:*", "NotResource": ["*/POST/*"]});
        assert_eq!(judged(other), Ok(Verdict::Allowed));
    }

    #[test]
    fn what_is_not_a_policy_is_reported() {
        for (statement, part) in [
            (json!(null), "Statement is missing"),
            (json!([1]), "[0]: not an object"),
            (
                json!({"Effect": "allow", "Action": "*", "Resource": "*"}),
                "Effect",
            ),
            (
                json!({"Effect": "Allow", "Resource": "*"}),
                "either Action or NotAction",
            ),
            (
                json!({"Effect": "Allow", "Action": "*", "Resource": [1]}),
                "Resource is not a text",
            ),
            (
                json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}),
                "conditions",
            ),
        ] {
            let error = judge(&json!({"Statement": statement}), ARN).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
