//! Requests: what a client sends arrives at the service, whichever gateway stands between: method, path, query, headers, cookies and
//! every byte of the body.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, Uri};
use lambda_http::Request;
use lambda_sandbox::http::{HttpRequest, PayloadFormat, event};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{LazyLock, Mutex};
use std::time::SystemTime;
use switchboard::Router;
use switchboard_fuzz::{Message, invoke, lossy};

fuzz_target!(|data: &[u8]| {
    let Some(request) = Message::read(data).and_then(sent) else {
        return;
    };
    for gateway in Gateway::ALL {
        let event = gateway.event(&request).to_string();
        let answer = invoke(&ROUTER, event.clone()).expect("a request is never a function error");
        let seen = SEEN.lock().expect("nothing panics with it").take();
        let seen = seen.unwrap_or_else(|| panic!("{gateway:?} answers {answer} to {event}"));
        gateway.compare(&request, &seen, &event);
    }
});

/// The request of a client, if it is one: `GET /path?query`, headers, a body.
fn sent(message: Message<'_>) -> Option<HttpRequest> {
    let (method, target) = message.line.split_once(' ')?;
    let uri: Uri = target
        .parse()
        .ok()
        .filter(|uri: &Uri| uri.path().starts_with('/'))?;
    let (mut parts, ()) = http::Request::builder()
        .method(method)
        .uri(uri)
        .body(())
        .ok()?
        .into_parts();
    parts.headers = message.headers;
    Some(HttpRequest {
        parts,
        body: Bytes::copy_from_slice(message.body),
        source_ip: [127, 0, 0, 1].into(),
        request_id: "id".to_owned(),
        time: SystemTime::UNIX_EPOCH,
    })
}

static SEEN: Mutex<Option<Request>> = Mutex::new(None);

static ROUTER: LazyLock<Router<()>> = LazyLock::new(|| {
    Router::new(()).http(tower::service_fn(async |request: Request| {
        *SEEN.lock().expect("nothing panics with it") = Some(request);
        Ok::<_, Infallible>("")
    }))
});

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Gateway {
    Rest,
    Http1,
    Http2,
    FunctionUrl,
    Alb,
    AlbMultiValue,
}

impl Gateway {
    const ALL: [Self; 6] = [
        Self::Rest,
        Self::Http1,
        Self::Http2,
        Self::FunctionUrl,
        Self::Alb,
        Self::AlbMultiValue,
    ];

    /// The event that it makes of the request.
    fn event(self, request: &HttpRequest) -> Value {
        match self {
            Self::Rest => event(request, PayloadFormat::Rest),
            Self::Http2 => event(request, PayloadFormat::Http),
            Self::FunctionUrl => event(request, PayloadFormat::FunctionUrl),
            Self::Http1 => {
                let mut event = event(request, PayloadFormat::Rest);
                event["version"] = json!("1.0");
                event["path"] = json!(decoded(request.parts.uri.path()));
                event
            }
            Self::Alb => alb(request, false),
            Self::AlbMultiValue => alb(request, true),
        }
    }

    fn compare(self, request: &HttpRequest, seen: &Request, event: &str) {
        assert_eq!(request.parts.method, *seen.method(), "{event}");
        let (sent, path) = (request.parts.uri.path(), seen.uri().path());
        match self {
            // These decode the path.
            Self::Http1 | Self::Http2 => assert_eq!(decoded(sent), decoded(path), "{event}"),
            _ => assert_eq!(utf8_percent_encode(sent, PATH).to_string(), path, "{event}"),
        }
        self.compare_queries(query(&request.parts.uri), query(seen.uri()), event);
        for name in request.parts.headers.keys().filter(|name| is_passed_on(name)) {
            let expected = self.values(&request.parts.headers, name);
            assert_eq!(expected, lossy(seen.headers(), name), "{name} in {event}");
        }
        assert_eq!(
            self.cookies(&request.parts.headers),
            self.cookies(seen.headers()),
            "{event}"
        );
        assert_eq!(&request.body[..], &seen.body()[..], "{event}");
    }

    fn compare_queries(self, sent: &str, seen: &str, event: &str) {
        match self {
            Self::Http2 | Self::FunctionUrl => {
                assert_eq!(utf8_percent_encode(sent, NEVER).to_string(), seen, "{event}");
            }
            // Of names and values nothing is decoded; without multi-value headers the last value of a name counts.
            Self::AlbMultiValue => assert_eq!(escaped(sent), escaped(seen), "{event}"),
            Self::Alb => assert_eq!(last(escaped(sent)), escaped(seen), "{event}"),
            Self::Rest | Self::Http1 => assert_eq!(pairs(sent), pairs(seen), "{event}"),
        }
    }

    /// The values of a header that the client sent, as the service has to see them.
    fn values(self, headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
        let mut values: Vec<String> = lossy(headers, name)
            .into_iter()
            .map(|value| value.into_owned())
            .collect();
        match self {
            Self::Rest | Self::Http1 | Self::AlbMultiValue => values,
            Self::Alb => values.split_off(values.len() - 1),
            Self::Http2 | Self::FunctionUrl => vec![values.join(",")],
        }
    }

    fn cookies(self, headers: &HeaderMap) -> Vec<String> {
        let values = lossy(headers, &COOKIE);
        let from = if self == Self::Alb {
            values.len().saturating_sub(1)
        } else {
            0
        };
        let text = values[from..].join(";");
        let cookies = text.split(';').map(str::trim).filter(|cookie| !cookie.is_empty());
        cookies.map(str::to_owned).collect()
    }
}

/// What stands neither in a path nor in a query: a client that sends it is seen to have it escaped.
const NEVER: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'#');
const PATH: &AsciiSet = &NEVER.add(b'?').add(b'`').add(b'{').add(b'}');

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn query(uri: &Uri) -> &str {
    uri.query().unwrap_or_default()
}

/// The parameters of a query: each name with its values in their order.
type Parameters = BTreeMap<String, Vec<String>>;

fn pairs(query: &str) -> Parameters {
    let decoded = |text: &str| decoded(&text.replace('+', " "));
    let mut pairs = Parameters::new();
    for (name, value) in raw_pairs(query) {
        pairs.entry(decoded(name)).or_default().push(decoded(value));
    }
    pairs
}

/// The same as they were sent, as far as they can be in a URI.
fn escaped(query: &str) -> Parameters {
    let escaped = |text: &str| utf8_percent_encode(text, NEVER).to_string();
    let mut pairs = Parameters::new();
    for (name, value) in raw_pairs(query) {
        pairs.entry(escaped(name)).or_default().push(escaped(value));
    }
    pairs
}

fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn last(pairs: Parameters) -> Parameters {
    pairs
        .into_iter()
        .map(|(name, mut values)| (name, values.split_off(values.len() - 1)))
        .collect()
}

/// What is about the connection to the gateway, or what the gateway says itself, is not; cookies are looked at by themselves.
fn is_passed_on(name: &HeaderName) -> bool {
    let own = [CONNECTION, CONTENT_LENGTH, COOKIE, TE, TRANSFER_ENCODING, UPGRADE];
    !own.contains(name) && !name.as_str().starts_with("x-forwarded-")
}

/// The event of a load balancer, which hands on names and values of the query as they were sent. (Elastic Load Balancing User Guide,
/// “Lambda functions as targets for Application Load Balancers”.)
fn alb(request: &HttpRequest, multi_value: bool) -> Value {
    let headers = &request.parts.headers;
    let headers = headers
        .keys()
        .map(|name| (name.as_str().to_owned(), json!(lossy(headers, name))));
    let mut parameters: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in raw_pairs(query(&request.parts.uri)) {
        parameters.entry(name).or_default().push(value);
    }
    let parameters = parameters
        .into_iter()
        .map(|(name, values)| (name.to_owned(), json!(values)));
    let text = std::str::from_utf8(&request.body);
    let mut event = json!({
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/1"}},
        "httpMethod": request.parts.method.as_str(),
        "path": request.parts.uri.path(),
        "body": text.map_or_else(|_| STANDARD.encode(&request.body), str::to_owned),
        "isBase64Encoded": text.is_err(),
    });
    let (headers, parameters): (Map<_, _>, Map<_, _>) = (headers.collect(), parameters.collect());
    if multi_value {
        event["multiValueHeaders"] = headers.into();
        event["multiValueQueryStringParameters"] = parameters.into();
    } else {
        let last = |values: Map<String, Value>| -> Map<String, Value> {
            let last = |values: Value| values.as_array().and_then(|values| values.last().cloned());
            values
                .into_iter()
                .map(|(name, values)| (name, json!(last(values))))
                .collect()
        };
        event["headers"] = last(headers).into();
        event["queryStringParameters"] = last(parameters).into();
    }
    event
}
