//! The attributes of an HTTP request's span. OpenTelemetry Semantic Conventions, “HTTP server semantic conventions”.
//! The query is not read, nor any header but `traceparent`.

use super::convention::text;
use crate::source::{self, parts};
use opentelemetry::KeyValue;
use opentelemetry_semantic_conventions::attribute as name;

/// The parts of a request that its span needs.
#[derive(Default)]
pub(super) struct Request {
    method: Option<String>,
    path: Option<String>,
    pub(super) route: Option<String>,
    host: Option<String>,
    pub(super) traceparent: Option<String>,
}

impl Request {
    pub(super) fn read(paths: source::RequestPaths, payload: &[u8]) -> Self {
        let [one, several] = paths.traceparent;
        let paths = [paths.method, paths.path, paths.route, paths.host, one, several];
        let [method, path, route, host, one, several] = parts(payload, paths);
        let path = path.and_then(text);
        let first = |values: &[u8]| {
            serde_json::from_slice::<Vec<String>>(values)
                .ok()?
                .into_iter()
                .next()
        };
        Self {
            method: method.and_then(text),
            // The path of VPC Lattice includes the query.
            path: path.and_then(|path| Some(path.split('?').next()?.to_owned())),
            route: route.and_then(text).and_then(|route| template(&route)),
            host: host.and_then(text),
            traceparent: one.and_then(text).or_else(|| several.and_then(first)),
        }
    }

    pub(super) fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes = Vec::new();
        let known = self
            .method
            .as_deref()
            .map(|method| match KNOWN.contains(&method) {
                true => KeyValue::new(name::HTTP_REQUEST_METHOD, method.to_owned()),
                false => KeyValue::new(name::HTTP_REQUEST_METHOD, "_OTHER"),
            });
        attributes.extend(known);
        for (name, value) in [
            (name::URL_PATH, &self.path),
            (name::HTTP_ROUTE, &self.route),
            (name::SERVER_ADDRESS, &self.host),
        ] {
            attributes.extend(value.clone().map(|value| KeyValue::new(name, value)));
        }
        attributes
    }
}

/// The methods that the conventions allow: a request may have any, and a different one each time.
const KNOWN: [&str; 10] = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE",
];

/// The route of an HTTP API begins with its method. A catch-all route has no information.
fn template(route: &str) -> Option<String> {
    let template = route.split_once(' ').map_or(route, |(_, template)| template);
    (template != "$default").then(|| template.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Trigger};
    use serde_json::{Value, json};

    fn read(source: Source, payload: &Value) -> Request {
        let Trigger::Http(http) = source.trigger() else {
            panic!("{source} sends no requests")
        };
        Request::read(http.request, payload.to_string().as_bytes())
    }

    #[test]
    fn a_span_of_a_request_has_nothing_confidential() {
        let payload = json!({"rawPath": "/orders/7", "rawQueryString": "token=hush", "routeKey": "GET /orders/{id}",
            "headers": {"authorization": "hush", "traceparent": "00-a-b-01"},
            "requestContext": {"domainName": "api.example", "http": {"method": "GET"}}});
        let request = read(Source::ApiGatewayHttp, &payload);
        let told: Vec<_> = request
            .attributes()
            .into_iter()
            .map(|attribute| format!("{}={}", attribute.key, attribute.value))
            .collect();
        let expected = [
            "http.request.method=GET",
            "url.path=/orders/7",
            "http.route=/orders/{id}",
            "server.address=api.example",
        ];
        assert_eq!(told, expected);
        assert_eq!(request.traceparent.as_deref(), Some("00-a-b-01"));
    }

    #[test]
    fn an_unknown_method_is_other_and_a_query_is_not_part_of_the_path() {
        let payload = json!({"method": "X7", "raw_path": "/a?b=hush", "headers": {}});
        let request = read(Source::VpcLatticeV1, &payload);
        let told: Vec<_> = request
            .attributes()
            .into_iter()
            .map(|attribute| attribute.value.to_string())
            .collect();
        assert_eq!(told, ["_OTHER", "/a"]);
        assert_eq!(template("$default"), None);
        assert_eq!(template("ANY /{proxy+}").as_deref(), Some("/{proxy+}"));
    }

    #[test]
    fn of_several_values_the_first_counts() {
        let payload = json!({"multiValueHeaders": {"traceparent": ["one", "two"]}});
        let request = read(Source::Alb, &payload);
        assert_eq!(request.traceparent.as_deref(), Some("one"));
    }
}
