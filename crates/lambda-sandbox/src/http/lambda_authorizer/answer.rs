//! What API Gateway makes of an authorizer's answer.

use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use super::super::{Authorizer, PayloadFormat};
use super::policy::{Verdict, judge};
use super::{AuthorizerPayload, IdentitySource};
use crate::FunctionError;

/// Why a request does not reach the function.
#[derive(Debug)]
pub(crate) enum Denial {
    /// The request lacks this.
    NoIdentity(IdentitySource),
    /// The authorizer's error says that the caller is not known.
    Unauthorized,
    /// The authorizer lets nobody through.
    Forbidden { explicit: bool },
    /// The authorizer failed, or did not answer in time.
    Failed(String),
    /// The authorizer's answer is not one.
    Invalid(String),
}

/// Reads the answer.
///
/// # Errors
/// If it does not let the request through.
pub(super) fn read(
    reply: &[u8],
    payload: AuthorizerPayload,
    format: PayloadFormat,
    arn: &str,
) -> Result<Authorizer, Denial> {
    let reply: Value =
        serde_json::from_slice(reply).map_err(|_| Denial::Invalid("it is not JSON".to_owned()))?;
    let members = reply
        .as_object()
        .ok_or_else(|| Denial::Invalid("it is not an object".to_owned()))?;
    match (members.get("isAuthorized"), payload) {
        (Some(Value::Bool(true)), AuthorizerPayload::Version2) => {}
        (Some(Value::Bool(false)), AuthorizerPayload::Version2) => {
            return Err(Denial::Forbidden { explicit: false });
        }
        (Some(_), AuthorizerPayload::Version2) => {
            return Err(Denial::Invalid("isAuthorized is not a boolean".to_owned()));
        }
        _ => by_policy(members, arn)?,
    }
    let context = members.get("context").unwrap_or(&Value::Null);
    match format {
        PayloadFormat::Rest => rest(members, context),
        PayloadFormat::Http | PayloadFormat::FunctionUrl => match context {
            Value::Null | Value::Object(_) => Ok(Authorizer::returned(json!({"lambda": context}))),
            _ => Err(Denial::Invalid("context is not an object".to_owned())),
        },
    }
}

fn by_policy(members: &Map<String, Value>, arn: &str) -> Result<(), Denial> {
    let Some(document) = members.get("policyDocument") else {
        return Err(Denial::Invalid("it has no policyDocument".to_owned()));
    };
    match judge(document, arn).map_err(Denial::Invalid)? {
        Verdict::Allowed => Ok(()),
        Verdict::NotAllowed => Err(Denial::Forbidden { explicit: false }),
        Verdict::Denied => Err(Denial::Forbidden { explicit: true }),
    }
}

/// A REST API passes on the principal and the context, whose values become texts.
fn rest(members: &Map<String, Value>, context: &Value) -> Result<Authorizer, Denial> {
    let principal = members.get("principalId").and_then(Value::as_str);
    let principal =
        principal.ok_or_else(|| Denial::Invalid("it has no principalId, which is a text".to_owned()))?;
    let mut passed = Map::from_iter([("principalId".to_owned(), principal.into())]);
    let context = match context {
        Value::Null => return Ok(Authorizer::returned(passed.into())),
        Value::Object(context) => context,
        _ => return Err(Denial::Invalid("context is not an object".to_owned())),
    };
    for (name, value) in context {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => {
                return Err(Denial::Invalid(format!(
                    "context.{name} is not a text, a number or a boolean, which is all that a REST API passes on"
                )));
            }
        };
        passed.insert(name.clone(), text.into());
    }
    Ok(Authorizer::returned(passed.into()))
}

impl Denial {
    /// A REST API tells callers whom an authorizer's error calls unauthorized from other failures.
    pub(super) fn of_error(error: &FunctionError, format: PayloadFormat) -> Self {
        match error.message == "Unauthorized" && format == PayloadFormat::Rest {
            true => Denial::Unauthorized,
            false => Denial::Failed(error.to_string()),
        }
    }

    /// What the caller gets.
    pub(crate) fn response(&self, format: PayloadFormat) -> Response<Bytes> {
        let is_rest = format == PayloadFormat::Rest;
        let (status, error_type, body) = match self {
            Denial::NoIdentity(_) | Denial::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "UnauthorizedException",
                json!({"message": "Unauthorized"}),
            ),
            Denial::Forbidden { explicit } if is_rest => {
                let text = "User is not authorized to access this resource";
                let explicit = if *explicit { " with an explicit deny" } else { "" };
                let body = json!({"Message": format!("{text}{explicit}")});
                (StatusCode::FORBIDDEN, "AccessDeniedException", body)
            }
            Denial::Forbidden { .. } => (StatusCode::FORBIDDEN, "", json!({"message": "Forbidden"})),
            Denial::Failed(_) | Denial::Invalid(_) if is_rest => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "AuthorizerConfigurationException",
                json!({"message": null}),
            ),
            Denial::Failed(_) | Denial::Invalid(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "",
                json!({"message": "Internal Server Error"}),
            ),
        };
        let mut response = Response::new(Bytes::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if is_rest {
            headers.insert("x-amzn-errortype", HeaderValue::from_static(error_type));
        }
        response
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Denial::NoIdentity(source) => {
                write!(f, "the authorizer was not called: the request lacks {source}")
            }
            Denial::Unauthorized => f.write_str("the authorizer does not know the caller"),
            Denial::Forbidden { explicit: true } => f.write_str("the authorizer's policy denies the call"),
            Denial::Forbidden { explicit: false } => f.write_str("the authorizer does not allow the call"),
            Denial::Failed(why) => write!(f, "the authorizer failed: {why}"),
            Denial::Invalid(why) => write!(f, "the authorizer's answer is invalid: {why}"),
        }
    }
}

impl std::error::Error for Denial {}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:eu-central-1:000000000000:local/$default/GET/";

    fn answered(reply: &Value, payload: AuthorizerPayload, format: PayloadFormat) -> (u16, Value) {
        match read(reply.to_string().as_bytes(), payload, format, ARN) {
            Ok(authorizer) => {
                let mut event = json!({});
                authorizer.add_to(&mut event);
                (200, event["requestContext"]["authorizer"].take())
            }
            Err(denial) => {
                let response = denial.response(format);
                let body = serde_json::from_slice(response.body()).unwrap();
                (response.status().as_u16(), body)
            }
        }
    }

    fn policy(effect: &str) -> Value {
        json!({"Version": "2012-10-17", "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": ARN}]})
    }

    #[test]
    fn an_http_api_takes_simple_answers_and_policies() {
        let answered = |reply| answered(&reply, AuthorizerPayload::Version2, PayloadFormat::Http);
        let allowed =
            json!({"isAuthorized": true, "context": {"tenant": "north", "tier": 2, "roles": ["a"]}});
        let context = json!({"lambda": {"tenant": "north", "tier": 2, "roles": ["a"]}});
        assert_eq!(answered(allowed), (200, context));
        assert_eq!(
            answered(json!({"isAuthorized": true})),
            (200, json!({"lambda": null}))
        );
        let forbidden = (403, json!({"message": "Forbidden"}));
        assert_eq!(answered(json!({"isAuthorized": false})), forbidden);
        assert_eq!(answered(json!({"policyDocument": policy("Deny")})), forbidden);
        let by_policy =
            json!({"principalId": "ada", "policyDocument": policy("Allow"), "context": {"tenant": "north"}});
        assert_eq!(answered(by_policy), (200, json!({"lambda": {"tenant": "north"}})));
        for invalid in [
            json!(null),
            json!({}),
            json!({"isAuthorized": "true"}),
            json!({"isAuthorized": true, "context": 1}),
        ] {
            assert_eq!(
                answered(invalid),
                (500, json!({"message": "Internal Server Error"}))
            );
        }
    }

    #[test]
    fn format_1_has_no_simple_answers() {
        let simple = json!({"isAuthorized": true});
        let (status, _) = answered(&simple, AuthorizerPayload::Version1, PayloadFormat::Http);
        assert_eq!(status, 500);
    }

    #[test]
    fn a_rest_api_passes_texts_on() {
        let answered = |reply| answered(&reply, AuthorizerPayload::Request, PayloadFormat::Rest);
        let with = |context: Value| json!({"principalId": "ada", "policyDocument": policy("Allow"), "context": context});
        let passed = json!({"principalId": "ada", "tenant": "north", "tier": "2", "admin": "false"});
        assert_eq!(
            answered(with(json!({"tenant": "north", "tier": 2, "admin": false}))),
            (200, passed)
        );
        let denied = json!({"principalId": "ada", "policyDocument": policy("Deny")});
        let text = "User is not authorized to access this resource with an explicit deny";
        assert_eq!(answered(denied), (403, json!({"Message": text})));
        let nobody = json!({"principalId": "ada", "policyDocument": {"Statement": []}});
        let text = "User is not authorized to access this resource";
        assert_eq!(answered(nobody), (403, json!({"Message": text})));
        for invalid in [
            with(json!({"roles": ["a"]})),
            json!({"policyDocument": policy("Allow")}),
            json!({"isAuthorized": true}),
        ] {
            assert_eq!(answered(invalid), (500, json!({"message": null})));
        }
    }
}
