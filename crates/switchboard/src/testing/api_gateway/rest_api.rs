//! REST APIs: payload format 1.0. API Gateway Developer Guide, “Set up Lambda proxy integrations in API Gateway”.

use super::super::origin::{ACCOUNT, REGION};
use super::http::{Authorized, Http};
use super::http_api::texts;
use super::parts::{CLIENT, decoded, multiple, or_null, single};
use serde_json::{Value, json};

const API: &str = "a1b2c3d4e5";

pub(super) fn event(request: &Http) -> Value {
    let domain = format!("{API}.execute-api.{REGION}.amazonaws.com");
    let stage = request.stage.as_deref().unwrap_or("v1");
    let resource = request.route.as_deref().unwrap_or("/{proxy+}");
    let headers: Vec<_> = request
        .headers_and_cookies(&domain)
        .into_iter()
        .map(spelled)
        .collect();
    let mut parameters = request.path_parameters.clone();
    if request.route.is_none() {
        parameters.push(("proxy".to_owned(), decoded(request.path.trim_start_matches('/'))));
    }
    json!({
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": single(&headers),
        "multiValueHeaders": multiple(&headers),
        "queryStringParameters": or_null(single(&request.query)),
        "multiValueQueryStringParameters": or_null(multiple(&request.query)),
        "pathParameters": or_null(single(&parameters)),
        "stageVariables": null,
        "requestContext": context(request, resource, stage, &domain),
        "body": request.body_text(),
        "isBase64Encoded": request.is_base64(),
    })
}

fn context(request: &Http, resource: &str, stage: &str, domain: &str) -> Value {
    let number = request.number;
    let mut context = json!({
        "resourceId": "k7x2qp",
        "resourcePath": resource,
        "httpMethod": request.method,
        "extendedRequestId": format!("{}=", number.hex(15)),
        "requestTime": request.time(),
        "path": format!("/{stage}{}", request.path),
        "accountId": ACCOUNT,
        "protocol": "HTTP/1.1",
        "stage": stage,
        "domainPrefix": API,
        "requestTimeEpoch": number.millis(),
        "requestId": number.uuid(),
        "identity": {
            "cognitoIdentityPoolId": null,
            "accountId": null,
            "cognitoIdentityId": null,
            "caller": null,
            "sourceIp": CLIENT,
            "principalOrgId": null,
            "accessKey": null,
            "cognitoAuthenticationType": null,
            "cognitoAuthenticationProvider": null,
            "userArn": null,
            "userAgent": request.user_agent(),
            "user": null,
        },
        "domainName": domain,
        "deploymentId": "w9d4ms",
        "apiId": API,
    });
    match &request.authorizer {
        Some(Authorized::Jwt(claims)) => context["authorizer"] = json!({"claims": texts(claims)}),
        Some(Authorized::Lambda(answer)) => {
            context["authorizer"] = texts(answer);
            if context["authorizer"]["principalId"].is_null() {
                context["authorizer"]["principalId"] = "user".into();
            }
        }
        Some(Authorized::Iam(arn)) => {
            let caller = "AROAEXAMPLECALLER001:session";
            let identity = &mut context["identity"];
            for (key, value) in [
                ("accountId", ACCOUNT),
                ("caller", caller),
                ("user", caller),
                ("accessKey", "ASIAEXAMPLEACCESSKEY"),
                ("principalOrgId", "o-50dc6c495c"),
                ("userArn", arn),
            ] {
                identity[key] = value.into();
            }
        }
        None => {}
    }
    context
}

/// A header's name as REST APIs spell it: `content-type` is `Content-Type`.
pub(super) fn spelled((name, value): (String, String)) -> (String, String) {
    let part = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    let parts: Vec<_> = name.split('-').map(part).collect();
    (parts.join("-"), value)
}
