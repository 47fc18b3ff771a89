//! Payload format 1.0, of REST APIs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::PayloadFormat;
use super::body;
use super::request::{HttpRequest, grouped, header_pairs};

pub(super) fn event(request: &HttpRequest) -> Value {
    let headers = request.headers();
    let (text, encoded) = body::encode(&headers, &request.body, PayloadFormat::Rest);
    let path = request.parts.uri.path();
    let headers = grouped(header_pairs(&headers));
    let parameters = Some(grouped(request.parameters())).filter(|parameters| !parameters.is_empty());
    let proxy = path.trim_start_matches('/');
    let proxy = (!proxy.is_empty()).then(|| json!({"proxy": proxy}));
    json!({
        "resource": if proxy.is_some() { "/{proxy+}" } else { "/" },
        "path": path,
        "httpMethod": request.parts.method.as_str(),
        "headers": last(&headers),
        "multiValueHeaders": headers,
        "queryStringParameters": parameters.as_ref().map(last),
        "multiValueQueryStringParameters": parameters,
        "pathParameters": proxy,
        "stageVariables": null,
        "requestContext": context(request),
        "body": text,
        "isBase64Encoded": encoded,
    })
}

fn context(request: &HttpRequest) -> Value {
    let (time, epoch) = request.time();
    let domain_name = request.domain_name();
    let path = request.parts.uri.path();
    json!({
        "accountId": PayloadFormat::Rest.account_id(),
        "apiId": "local",
        "domainName": domain_name,
        "domainPrefix": domain_name.split('.').next(),
        "extendedRequestId": request.request_id,
        "httpMethod": request.parts.method.as_str(),
        "identity": {
            "sourceIp": request.source_ip.to_string(),
            "userAgent": request.user_agent(),
        },
        "path": path,
        "protocol": request.protocol(),
        "requestId": request.request_id,
        "requestTime": time,
        "requestTimeEpoch": epoch,
        "resourceId": "local",
        "resourcePath": if path == "/" { "/" } else { "/{proxy+}" },
        // No REST API has such a stage, but any other stage would prefix the paths that users type here.
        "stage": "$default",
    })
}

/// The last value of each name, for the single-value maps.
fn last(groups: &BTreeMap<String, Vec<String>>) -> BTreeMap<&str, &str> {
    let value = |values: &'_ Vec<String>| values.len() - 1;
    groups
        .iter()
        .map(|(name, values)| (name.as_str(), values[value(values)].as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::tests::request;

    #[test]
    fn the_multi_value_maps_have_every_value() {
        let headers = [("x-a", "1"), ("x-a", "2"), ("cookie", "s=1")];
        let event = event(&request("/events/x?q=1&q=a%26b", &headers, b""));
        assert_eq!(event["headers"]["x-a"], "2");
        assert_eq!(event["multiValueHeaders"]["x-a"], json!(["1", "2"]));
        assert_eq!(event["headers"]["cookie"], "s=1");
        assert_eq!(event["queryStringParameters"], json!({"q": "a&b"}));
        assert_eq!(
            event["multiValueQueryStringParameters"],
            json!({"q": ["1", "a&b"]})
        );
        assert_eq!(event["pathParameters"], json!({"proxy": "events/x"}));
        assert_eq!(event["body"], Value::Null);
    }

    #[test]
    fn what_is_absent_is_null() {
        let event = event(&request("/", &[], b""));
        assert_eq!(event["queryStringParameters"], Value::Null);
        assert_eq!(event["multiValueQueryStringParameters"], Value::Null);
        assert_eq!(
            (&event["resource"], &event["pathParameters"]),
            (&json!("/"), &Value::Null)
        );
    }
}
