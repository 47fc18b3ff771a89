//! What an authorizer has said about the caller: `requestContext.authorizer` of an event.

use serde_json::{Map, Value};

use super::PayloadFormat;
use crate::Error;

/// The members of an IAM identity, in payload format 2.0.
const IAM: [&str; 7] = [
    "accessKey",
    "accountId",
    "callerId",
    "cognitoIdentity",
    "principalOrgId",
    "userArn",
    "userId",
];

/// What an authorizer has said about the caller of every request: `requestContext.authorizer` of its event.
///
/// An HTTP API has `{"jwt": {"claims": …, "scopes": …}}`, `{"iam": …}` or `{"lambda": …}`, a function URL `{"iam": …}`. A REST API
/// has what its Lambda authorizer returns, `{"principalId": …, …}`, or the claims of a user pool's token, `{"claims": …}`.
///
/// ```
/// use lambda_sandbox::http::{Authorizer, PayloadFormat};
///
/// let jwt = br#"{"jwt": {"claims": {"sub": "ada"}, "scopes": ["orders/read"]}}"#;
/// assert!(Authorizer::read(jwt, PayloadFormat::Http).is_ok());
/// assert!(Authorizer::read(jwt, PayloadFormat::Rest).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Authorizer(Value);

impl Authorizer {
    /// Reads it from JSON, in the shape of a gateway.
    ///
    /// # Errors
    /// If this gateway does not send such an authorizer. The message has the JSON path, and no value.
    pub fn read(json: &[u8], format: PayloadFormat) -> Result<Self, Error> {
        let value: Value = serde_json::from_slice(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Error::other(format!("not JSON (line {line}, column {column})"))
        })?;
        let Some(members) = value.as_object() else {
            return Err(wrong("$", "an object"));
        };
        match format {
            PayloadFormat::Rest => rest(members),
            PayloadFormat::Http => version_2(members, &["jwt", "iam", "lambda"]),
            PayloadFormat::FunctionUrl => version_2(members, &["iam"]),
        }?;
        Ok(Self(value))
    }

    /// What an authorizer of this gateway has returned.
    pub(crate) fn returned(value: Value) -> Self {
        Self(value)
    }

    /// Adds it to an event.
    pub(crate) fn add_to(&self, event: &mut Value) {
        event["requestContext"]["authorizer"] = self.0.clone();
    }
}

/// One authorizer, under its kind.
fn version_2(members: &Map<String, Value>, kinds: &[&str]) -> Result<(), Error> {
    let mut entries = members.iter();
    let (Some((kind, value)), None) = (entries.next(), entries.next()) else {
        return Err(wrong("$", &format!("exactly one of {}", kinds.join(", "))));
    };
    match kind.as_str() {
        kind if !kinds.contains(&kind) => {
            let known = kinds.join(", ");
            Err(wrong(
                "$",
                &format!("exactly one of {known}, which is all that this gateway sends"),
            ))
        }
        "jwt" => jwt(value),
        "iam" => iam(value),
        _ if value.is_object() || value.is_null() => Ok(()),
        _ => Err(wrong(
            "$.lambda",
            "the object that the authorizer returned as its context",
        )),
    }
}

fn jwt(value: &Value) -> Result<(), Error> {
    texts(&value["claims"], "$.jwt.claims")?;
    let are_texts = |scopes: &Vec<Value>| scopes.iter().all(Value::is_string);
    match &value["scopes"] {
        Value::Null => Ok(()),
        Value::Array(scopes) if are_texts(scopes) => Ok(()),
        _ => Err(wrong("$.jwt.scopes", "null, or a list of texts")),
    }
}

fn iam(value: &Value) -> Result<(), Error> {
    let Some(members) = value.as_object() else {
        return Err(wrong("$.iam", "an object"));
    };
    for (name, value) in members {
        let path = format!("$.iam.{name}");
        let fits = match name.as_str() {
            "cognitoIdentity" => value.is_object() || value.is_null(),
            _ => value.is_string() || value.is_null(),
        };
        match (IAM.contains(&name.as_str()), fits) {
            (true, true) => {}
            (false, _) => return Err(wrong("$.iam", &format!("the members {}", IAM.join(", ")))),
            (true, false) if name == "cognitoIdentity" => return Err(wrong(&path, "null, or an object")),
            (true, false) => return Err(wrong(&path, "null, or a text")),
        }
    }
    Ok(())
}

/// A REST API passes on what its authorizer returned, as texts.
fn rest(members: &Map<String, Value>) -> Result<(), Error> {
    for (name, value) in members {
        match name.as_str() {
            "jwt" | "iam" | "lambda" => {
                let expected = "principalId and texts (a Lambda authorizer) or claims (a user pool); an IAM identity is in \
                    requestContext.identity";
                return Err(wrong(&format!("$.{name}"), expected));
            }
            "claims" => texts(value, "$.claims")?,
            "integrationLatency" if value.is_number() => {}
            _ if value.is_string() => {}
            name => {
                return Err(wrong(
                    &format!("$.{name}"),
                    "a text: a REST API passes every value on as one",
                ));
            }
        }
    }
    Ok(())
}

fn texts(value: &Value, path: &str) -> Result<(), Error> {
    let members = value.as_object().ok_or_else(|| wrong(path, "an object"))?;
    match members.iter().find(|(_, value)| !value.is_string()) {
        Some((name, _)) => Err(wrong(
            &format!("{path}.{name}"),
            "a text, as the gateway passes claims on",
        )),
        None => Ok(()),
    }
}

fn wrong(path: &str, expected: &str) -> Error {
    Error::other(format!("{path}: expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value, format: PayloadFormat) -> Result<(), String> {
        let read = Authorizer::read(value.to_string().as_bytes(), format);
        read.map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn each_gateway_has_its_shapes() {
        let jwt = json!({"jwt": {"claims": {"sub": "ada", "exp": "1796000000"}, "scopes": null}});
        let iam = json!({"iam": {"accountId": "123456789012", "userArn": "arn:aws:iam::123456789012:user/ada",
            "cognitoIdentity": null}});
        let lambda = json!({"lambda": {"tenant": "north", "limits": [1]}});
        let custom = json!({"principalId": "ada", "tenant": "north", "integrationLatency": 7});
        let pool = json!({"claims": {"sub": "ada"}});
        for (value, http, url, rest) in [
            (jwt, true, false, false),
            (iam, true, true, false),
            (lambda, true, false, false),
            (custom, false, false, true),
            (pool, false, false, true),
            (json!({}), false, false, true),
            (json!([]), false, false, false),
        ] {
            assert_eq!(read(&value, PayloadFormat::Http).is_ok(), http, "{value}");
            assert_eq!(read(&value, PayloadFormat::FunctionUrl).is_ok(), url, "{value}");
            assert_eq!(read(&value, PayloadFormat::Rest).is_ok(), rest, "{value}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_path_without_its_value() {
        use PayloadFormat::{Http, Rest};
        for (value, format, path) in [
            (
                json!({"jwt": {"claims": {"exp": 1796000000}}}),
                Http,
                "$.jwt.claims.exp: ",
            ),
            (
                json!({"jwt": {"claims": {}, "scopes": "1796000000"}}),
                Http,
                "$.jwt.scopes: ",
            ),
            (json!({"jwt": {}}), Http, "$.jwt.claims: "),
            (json!({"iam": {"userId": 1796000000}}), Http, "$.iam.userId: "),
            (json!({"iam": {"1796000000": "x"}}), Http, "$.iam: "),
            (
                json!({"jwt": {}, "iam": {}}),
                Http,
                "$: expected exactly one of jwt, iam, lambda",
            ),
            (json!({"lambda": 1796000000}), Http, "$.lambda: "),
            (json!({"iam": {}}), Rest, "$.iam: "),
            (json!({"tenant": 1796000000}), Rest, "$.tenant: "),
        ] {
            let error = read(&value, format).unwrap_err();
            assert!(
                error.starts_with(path) && !error.contains("1796000000"),
                "{error}"
            );
        }
    }
}
