//! HTTP APIs and function URLs: payload format 2.0. API Gateway Developer Guide, “Create AWS Lambda proxy integrations for HTTP
//! APIs”; Lambda Developer Guide, “Invoking Lambda function URLs”.

use super::super::origin::{ACCOUNT, REGION};
use super::http::{Authorized, Http};
use super::parts::{CLIENT, decoded, joined, single};
use serde_json::{Value, json};

const API: &str = "f6g7h8i9j0";
const URL: &str = "mq7xk2examplewbt5h3nlu4cye0zqrsd";

pub(super) fn event(request: &Http) -> Value {
    let domain = format!("{API}.execute-api.{REGION}.amazonaws.com");
    let stage = request.stage.as_deref().unwrap_or("$default");
    let path = decoded(&request.path);
    let path = match stage {
        "$default" => path,
        stage => format!("/{stage}{path}"),
    };
    let route = match &request.route {
        Some(route) => format!("{} {route}", request.method),
        None => "$default".to_owned(),
    };
    let mut event = composed(request, &path, &route, stage, API, &domain);
    event["requestContext"]["accountId"] = ACCOUNT.into();
    event["requestContext"]["requestId"] = format!("{}=", request.number.hex(15)).into();
    if let Some(authorizer) = &request.authorizer {
        event["requestContext"]["authorizer"] = authorized(authorizer);
    }
    if !request.path_parameters.is_empty() {
        event["pathParameters"] = single(&request.path_parameters);
    }
    event
}

pub(super) fn function_url(request: &Http) -> Value {
    let domain = format!("{URL}.lambda-url.{REGION}.on.aws");
    let mut event = composed(request, &request.path, "$default", "$default", URL, &domain);
    event["requestContext"]["accountId"] = "anonymous".into();
    event["requestContext"]["requestId"] = request.number.uuid().into();
    if let Some(authorizer @ Authorized::Iam(_)) = &request.authorizer {
        event["requestContext"]["accountId"] = ACCOUNT.into();
        event["requestContext"]["authentication"] = Value::Null;
        event["requestContext"]["authorizer"] = authorized(authorizer);
    }
    event
}

/// What both have in common.
fn composed(request: &Http, path: &str, route: &str, stage: &str, api: &str, domain: &str) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": request.raw_query(),
        "headers": joined(&request.all_headers(domain)),
        "requestContext": {
            "apiId": api,
            "domainName": domain,
            "domainPrefix": api,
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": CLIENT,
                "userAgent": request.user_agent(),
            },
            "routeKey": route,
            "stage": stage,
            "time": request.time(),
            "timeEpoch": request.number.millis(),
        },
        "isBase64Encoded": request.is_base64(),
    });
    if !request.query.is_empty() {
        event["queryStringParameters"] = joined(&request.query);
    }
    if !request.cookies.is_empty() {
        event["cookies"] = json!(request.cookies);
    }
    if let Some(body) = request.body_text() {
        event["body"] = body.into();
    }
    event
}

fn authorized(authorizer: &Authorized) -> Value {
    match authorizer {
        Authorized::Jwt(claims) => {
            let scopes = claims["scope"]
                .as_str()
                .map(|scopes| scopes.split(' ').collect::<Vec<_>>());
            json!({"jwt": {"claims": texts(claims), "scopes": scopes}})
        }
        Authorized::Lambda(context) => json!({"lambda": context}),
        Authorized::Iam(arn) => json!({"iam": {
            "accessKey": "ASIAEXAMPLEACCESSKEY",
            "accountId": ACCOUNT,
            "callerId": "AROAEXAMPLECALLER001:session",
            "cognitoIdentity": null,
            "principalOrgId": "o-50dc6c495c",
            "userArn": arn,
            "userId": "AROAEXAMPLECALLER001:session",
        }}),
    }
}

/// Claims as API Gateway passes them on: every value as a text.
pub(super) fn texts(claims: &Value) -> Value {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let texts = list
                .iter()
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            format!("[{}]", texts.collect::<Vec<_>>().join(" "))
        }
        value => value.to_string(),
    };
    match claims {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        claims => claims.clone(),
    }
}
