//! What an authorizer is asked. API Gateway Developer Guide, “Control access to HTTP APIs with AWS Lambda authorizers” and
//! “Input to an API Gateway Lambda authorizer”.

use serde_json::{Map, Value, json};

use super::super::{HttpRequest, PayloadFormat, event};
use super::AuthorizerPayload;
use crate::function::region;

/// Members of a proxied request that its authorizer does not get.
const BODY: [&str; 2] = ["body", "isBase64Encoded"];

/// The event of this format, with what identifies the caller.
pub(super) fn authorizer_event(
    request: &HttpRequest,
    payload: AuthorizerPayload,
    identity: &[String],
    arn: &str,
) -> Value {
    let token = identity.join(",");
    match payload {
        AuthorizerPayload::Token => {
            json!({"type": "TOKEN", "methodArn": arn, "authorizationToken": token})
        }
        AuthorizerPayload::Request => with(event(request, PayloadFormat::Rest), json!({"methodArn": arn})),
        AuthorizerPayload::Version1 => {
            let own = json!({
                "version": "1.0", "methodArn": arn, "identitySource": token, "authorizationToken": token,
            });
            with(event(request, PayloadFormat::Rest), own)
        }
        AuthorizerPayload::Version2 => {
            let own = json!({"routeArn": arn, "identitySource": identity});
            with(event(request, PayloadFormat::Http), own)
        }
    }
}

fn with(request: Value, own: Value) -> Value {
    let mut event = Map::from_iter([("type".to_owned(), "REQUEST".into())]);
    for part in [request, own] {
        if let Value::Object(members) = part {
            event.extend(members);
        }
    }
    BODY.iter().for_each(|member| {
        event.remove(*member);
    });
    event.into()
}

/// The ARN of what is called.
pub(super) fn arn(request: &HttpRequest) -> String {
    let (method, path) = (&request.parts.method, request.parts.uri.path());
    let account = PayloadFormat::Http.account_id();
    format!(
        "arn:aws:execute-api:{}:{account}:local/$default/{method}{path}",
        region()
    )
}
