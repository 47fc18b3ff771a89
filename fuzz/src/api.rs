//! The journal's HTTP API, asked as an HTTP API of API Gateway asks it.

use crate::invoke;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use switchboard::Router;
use switchboard_function::handlers::{App, api_gateway};
use switchboard_function::journal::Store;

/// The API of a journal.
pub struct Api(Router<()>);

/// What it answers.
pub struct Answer {
    pub status: u64,
    pub headers: HeaderMap,
    pub body: String,
}

impl Api {
    pub fn new(journal: impl Store + 'static) -> Self {
        Self(Router::new(()).http(api_gateway::router(App::new(journal))))
    }

    pub fn get(&self, path: &str, query: &str) -> Answer {
        self.ask("GET", path, query, &HeaderMap::new(), b"")
    }

    pub fn post(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
        self.ask("POST", path, "", headers, body)
    }

    fn ask(&self, method: &str, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), json!(text(value))));
        let event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers.collect::<Map<_, _>>(),
            "requestContext": {
                "domainName": "id.execute-api.eu-west-1.amazonaws.com",
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": ""},
                "routeKey": "$default",
                "stage": "$default",
            },
            "body": STANDARD.encode(body),
            "isBase64Encoded": true,
        });
        let reply = invoke(&self.0, event.to_string()).expect("a request is never a function error");
        answer(&reply)
    }
}

fn answer(reply: &Value) -> Answer {
    let header = |(name, value): (&String, &Value)| -> Option<(HeaderName, HeaderValue)> {
        Some((name.parse().ok()?, value.as_str()?.parse().ok()?))
    };
    let headers = reply["headers"].as_object().expect("headers are an object");
    assert_eq!(reply["isBase64Encoded"], false, "all that it answers is text");
    Answer {
        status: reply["statusCode"].as_u64().expect("a status is a number"),
        headers: headers.iter().filter_map(header).collect(),
        body: reply["body"].as_str().unwrap_or_default().to_owned(),
    }
}
