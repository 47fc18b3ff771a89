//! Payload format 2.0, of HTTP APIs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::body;
use super::request::{Incoming, grouped, header_pairs, joined};

pub(super) fn event(request: &Incoming) -> Value {
    let mut headers = request.headers();
    let cookies = joined(&headers, "cookie", ";");
    // A list of their own is the only place where HTTP APIs pass cookies on.
    headers.remove("cookie");
    let (text, encoded) = body::encode(&headers, &request.body);
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.parts.uri.path(),
        "rawQueryString": request.query(),
        "headers": commas(grouped(header_pairs(&headers))),
        "requestContext": context(request),
        "isBase64Encoded": encoded,
    });
    if let Some(cookies) = cookies {
        let cookies = cookies
            .split(';')
            .map(str::trim)
            .filter(|cookie| !cookie.is_empty());
        event["cookies"] = cookies.collect();
    }
    let parameters = request.parameters();
    if !parameters.is_empty() {
        event["queryStringParameters"] = json!(commas(grouped(parameters)));
    }
    if let Some(text) = text {
        event["body"] = text.into();
    }
    event
}

fn context(request: &Incoming) -> Value {
    let (time, epoch) = request.time();
    let domain_name = request.domain_name();
    json!({
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": domain_name,
        "domainPrefix": domain_name.split('.').next(),
        "http": {
            "method": request.parts.method.as_str(),
            "path": request.parts.uri.path(),
            "protocol": request.protocol(),
            "sourceIp": request.source_ip.to_string(),
            "userAgent": request.user_agent(),
        },
        "requestId": request.request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": time,
        "timeEpoch": epoch,
    })
}

fn commas(groups: BTreeMap<String, Vec<String>>) -> BTreeMap<String, String> {
    groups
        .into_iter()
        .map(|(name, values)| (name, values.join(",")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::tests::request;

    #[test]
    fn repeated_headers_and_parameters_are_joined_and_cookies_stand_apart() {
        let headers = [
            ("x-a", "1"),
            ("x-a", "2"),
            ("cookie", "s=1; t=2"),
            ("cookie", "u=3"),
        ];
        let event = event(&request("/a%20b?x=1&x=2&y=%2C", &headers, b""));
        assert_eq!(event["headers"]["x-a"], "1,2");
        assert_eq!(event["headers"]["cookie"], Value::Null);
        assert_eq!(event["cookies"], json!(["s=1", "t=2", "u=3"]));
        assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": ","}));
        assert_eq!(event["rawPath"], "/a%20b");
        assert_eq!(event["rawQueryString"], "x=1&x=2&y=%2C");
        assert_eq!(event.get("body"), None);
    }

    #[test]
    fn binary_bodies_are_base64() {
        let event = event(&request("/", &[("content-type", "image/png")], b"\x89PNG"));
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("iVBORw=="), &json!(true))
        );
    }
}
