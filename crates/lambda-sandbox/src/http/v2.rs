//! Payload format 2.0, of HTTP APIs and function URLs.

use std::collections::BTreeMap;

use http::HeaderValue;
use http::header::CONTENT_LENGTH;
use serde_json::{Value, json};

use super::PayloadFormat;
use super::body;
use super::request::{HttpRequest, grouped, header_pairs, joined};

pub(super) fn event(request: &HttpRequest, format: PayloadFormat) -> Value {
    let mut headers = request.headers();
    let cookies = joined(&headers, "cookie", ";");
    // Cookies are passed on in a separate list only.
    headers.remove("cookie");
    if request.body.is_empty() && format.counts_no_body() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let (text, encoded) = body::encode(&headers, &request.body, format);
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": format.path(request.parts.uri.path()),
        "rawQueryString": request.query(),
        "headers": commas(grouped(header_pairs(&headers))),
        "requestContext": context(request, format),
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

fn context(request: &HttpRequest, format: PayloadFormat) -> Value {
    let (time, epoch) = request.time();
    let domain_name = format.domain_name(request.domain_name());
    json!({
        "accountId": format.account_id(),
        "apiId": "local",
        "domainName": domain_name,
        "domainPrefix": domain_name.split('.').next(),
        "http": {
            "method": request.parts.method.as_str(),
            "path": format.path(request.parts.uri.path()),
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
    fn repeated_headers_and_parameters_are_joined_but_not_cookies() {
        let headers = [
            ("x-a", "1"),
            ("x-a", "2"),
            ("cookie", "s=1; t=2"),
            ("cookie", "u=3"),
        ];
        let request = request("/a%20b?x=1&x=2&y=%2C", &headers, b"");
        let event = event(&request, PayloadFormat::FunctionUrl);
        assert_eq!(event["headers"]["x-a"], "1,2");
        assert_eq!(event["headers"]["cookie"], Value::Null);
        assert_eq!(event["cookies"], json!(["s=1", "t=2", "u=3"]));
        assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": ","}));
        assert_eq!(event["rawPath"], "/a%20b");
        assert_eq!(event["rawQueryString"], "x=1&x=2&y=%2C");
        assert_eq!(event.get("body"), None);
    }

    #[test]
    fn http_apis_decode_a_path_once() {
        for (asked, raw_path) in [
            ("/w/50%25ab", "/w/50%ab"),
            ("/w/%2525", "/w/%25"),
            ("/a%2Fb//c/../%2e%2e/", "/a/b//c/../../"),
            ("/%E2%98%95%20x", "/☕ x"),
            ("/100%", "/100%"),
            ("/%FF", "/\u{fffd}"),
            ("/a+b", "/a+b"),
        ] {
            let event = event(&request(asked, &[], b""), PayloadFormat::Http);
            assert_eq!(event["rawPath"], raw_path, "{asked}");
            assert_eq!(event["requestContext"]["http"]["path"], raw_path, "{asked}");
        }
    }

    #[test]
    fn binary_bodies_are_base64() {
        let request = request("/", &[("content-type", "image/png")], b"\x89PNG");
        let event = event(&request, PayloadFormat::Http);
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("iVBORw=="), &json!(true))
        );
    }
}
