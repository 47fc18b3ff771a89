//! From a proxy event to an `http::Request`, by `lambda_http`'s conversions.

use crate::event::{Object, Unreadable, read_as};
use crate::source::Source;
use aws_lambda_events::alb::AlbTargetGroupRequest;
use aws_lambda_events::apigw::{
    ApiGatewayProxyRequest, ApiGatewayV2httpRequest, ApiGatewayWebsocketProxyRequest,
};
use http::header::{HOST, HeaderName};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue};
use lambda_http::Body;
use lambda_http::request::{LambdaRequest, RequestContext};
use serde_json::value::{RawValue, to_raw_value};

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Who speaks HTTP to Lambda.
pub(crate) const SOURCES: &[Source] = &[
    Source::ApiGatewayRest,
    Source::ApiGatewayHttp,
    Source::ApiGatewayWebsocket,
    Source::FunctionUrl,
    Source::Alb,
];

/// A request as read.
pub(crate) struct HttpRequest {
    pub(crate) request: http::Request<Body>,
    /// ALB: the target group has multi-value headers switched on, and wants them in the reply.
    pub(crate) multi_value: bool,
}

/// Reads the event of one of [`SOURCES`]. The path is the application's own: without the stage; a WebSocket
/// API's is its route key (`/$connect`).
///
/// `lambda_http` puts the stage before every path, where no application has its routes. So the stage is taken out
/// for the conversion, and put back into the request context after it.
pub(crate) fn read(source: Source, payload: &[u8]) -> Result<HttpRequest, Unreadable> {
    let Read {
        mut request,
        stage,
        multi_value,
    } = match source {
        Source::ApiGatewayRest => rest(payload)?,
        Source::ApiGatewayWebsocket => websocket(payload)?,
        Source::Alb => alb(payload)?,
        _ => http_api(payload)?,
    };
    restore_stage(&mut request, stage);
    Ok(HttpRequest { request, multi_value })
}

struct Read {
    request: http::Request<Body>,
    stage: Option<String>,
    multi_value: bool,
}

fn rest(payload: &[u8]) -> Result<Read, Unreadable> {
    let mut event = read_as::<Box<ApiGatewayProxyRequest>>(payload, mend)?.item;
    event.headers = merge(std::mem::take(&mut event.multi_value_headers), &event.headers);
    event.path = event.path.as_deref().map(escape);
    let stage = event.request_context.stage.take();
    let unfit = take_unfit(&mut event.headers);
    Ok(Read {
        request: convert(LambdaRequest::ApiGatewayV1(*event), unfit),
        stage,
        multi_value: false,
    })
}

fn http_api(payload: &[u8]) -> Result<Read, Unreadable> {
    let mut event = read_as::<Box<ApiGatewayV2httpRequest>>(payload, mend)?.item;
    let stage = event.request_context.stage.take();
    event.raw_path = event
        .raw_path
        .as_deref()
        .map(|path| escape(without_stage(path, stage.as_deref())));
    let unfit = take_unfit(&mut event.headers);
    Ok(Read {
        request: convert(LambdaRequest::ApiGatewayV2(*event), unfit),
        stage,
        multi_value: false,
    })
}

fn websocket(payload: &[u8]) -> Result<Read, Unreadable> {
    let mut event = read_as::<Box<ApiGatewayWebsocketProxyRequest>>(payload, mend)?.item;
    event.headers = merge(std::mem::take(&mut event.multi_value_headers), &event.headers);
    event.path = event
        .request_context
        .route_key
        .as_deref()
        .map(|key| escape(&format!("/{key}")));
    let stage = event.request_context.stage.take();
    let unfit = take_unfit(&mut event.headers);
    Ok(Read {
        request: convert(LambdaRequest::WebSocket(*event), unfit),
        stage,
        multi_value: false,
    })
}

fn alb(payload: &[u8]) -> Result<Read, Unreadable> {
    let mut event = read_as::<Box<AlbTargetGroupRequest>>(payload, mend)?.item;
    let multi_value = !event.multi_value_headers.is_empty();
    event.headers = merge(std::mem::take(&mut event.multi_value_headers), &event.headers);
    event.path = event.path.as_deref().map(escape);
    let unfit = take_unfit(&mut event.headers);
    Ok(Read {
        request: convert(LambdaRequest::Alb(*event), unfit),
        stage: None,
        multi_value,
    })
}

/// Whether a request that cannot be read wants multi-value headers in the reply.
pub(crate) fn wants_multi_value(payload: &[u8]) -> bool {
    let text = String::from_utf8_lossy(payload);
    let headers = Object::parse(text.as_bytes()).and_then(|object| object.get("multiValueHeaders"));
    headers.is_some_and(|headers| !["null", "{}"].contains(&headers.get()))
}

/// What API Gateway and its emulators send though `aws_lambda_events` refuses it.
fn mend(object: &mut Object) {
    object.drop_nulls(&[
        "requestContext",
        "requestContext.identity",
        "requestContext.authentication",
    ]);
    object.repair("requestContext.timeEpoch", number);
    object.repair("requestContext.requestTimeEpoch", number);
    object.fill("requestContext.authentication.clientCert.validity", Empty {});
    object.fill("requestContext.identity.clientCert.validity", Empty {});
    object.fill("requestContext.connectedAt", 0);
    object.fill("requestContext.requestTimeEpoch", 0);
    if let Some(method) = object.get("httpMethod") {
        object.fill("requestContext.httpMethod", method);
    }
}

/// Stands in for an object that is not there.
#[derive(serde::Serialize)]
struct Empty {}

/// A number that was sent as a string.
fn number(value: &RawValue) -> Option<Box<RawValue>> {
    let text: String = serde_json::from_str(value.get()).ok()?;
    to_raw_value(&text.parse::<i64>().ok()?).ok()
}

/// `lambda_http` lets the single-value form overwrite the multi-value one, which loses all values but the last.
fn merge(mut multi: HeaderMap, single: &HeaderMap) -> HeaderMap {
    for (name, value) in single {
        if !multi.contains_key(name) {
            multi.insert(name.clone(), value.clone());
        }
    }
    multi
}

fn convert(request: LambdaRequest, unfit: Headers) -> http::Request<Body> {
    let mut request = http::Request::from(request);
    for (name, value) in unfit {
        request.headers_mut().append(name, value);
    }
    request
}

/// Headers of which there are none, as a rule.
type Headers = Vec<(HeaderName, HeaderValue)>;

/// Takes out the scheme and the host if they are none. `lambda_http` joins them with the path and reads the whole as
/// a URL: others would make it panic, and a host with a slash in it would move the path.
fn take_unfit(headers: &mut HeaderMap) -> Headers {
    let mut unfit = Headers::new();
    take_unless(headers, &HOST, is_host, &mut unfit);
    take_unless(headers, &X_FORWARDED_PROTO, is_scheme, &mut unfit);
    unfit
}

fn take_unless(headers: &mut HeaderMap, name: &HeaderName, fits: fn(&str) -> bool, unfit: &mut Headers) {
    let values = headers.get_all(name);
    if !values.iter().all(|value| value.to_str().is_ok_and(fits)) {
        unfit.extend(values.iter().map(|value| (name.clone(), value.clone())));
        headers.remove(name);
    }
}

fn is_host(text: &str) -> bool {
    // Nearly every host is a name of such characters, and no name of such characters is anything else.
    let plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'A'..=b'Z');
    if !text.is_empty() && text.bytes().all(plain) {
        return true;
    }
    let authority = text.parse::<Authority>();
    authority.is_ok_and(|authority| authority.host() == text || authority.port_u16().is_some())
}

fn is_scheme(text: &str) -> bool {
    ["http", "https"].contains(&text)
}

/// API Gateway HTTP APIs put the stage before the path, unless it is `$default`.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    let Some(stage) = stage.filter(|stage| *stage != "$default") else {
        return path;
    };
    match path.strip_prefix('/').and_then(|path| path.strip_prefix(stage)) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Paths may arrive decoded; these two would end the path in a URL.
fn escape(path: &str) -> String {
    match path.contains(['?', '#']) {
        true => path.replace('?', "%3F").replace('#', "%23"),
        false => path.to_owned(),
    }
}

fn restore_stage(request: &mut http::Request<Body>, taken: Option<String>) {
    match request.extensions_mut().get_mut::<RequestContext>() {
        Some(RequestContext::ApiGatewayV1(context)) => context.stage = taken,
        Some(RequestContext::ApiGatewayV2(context)) => context.stage = taken,
        Some(RequestContext::WebSocket(context)) => context.stage = taken,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::RequestExt;

    fn request(source: Source, json: &str) -> http::Request<Body> {
        read(source, json.as_bytes()).unwrap().request
    }

    #[test]
    fn the_stage_is_not_part_of_the_path_but_of_the_context() {
        let rest = request(
            Source::ApiGatewayRest,
            r#"{"httpMethod":"GET","path":"/prod/x","headers":{"Host":"a.example"},"requestContext":{"stage":"prod"}}"#,
        );
        assert_eq!(rest.uri(), "https://a.example/prod/x");
        let Some(RequestContext::ApiGatewayV1(context)) = rest.request_context_ref() else {
            panic!()
        };
        assert_eq!(context.stage.as_deref(), Some("prod"));
        for (stage, raw, path) in [
            ("dev", "/dev/x", "/x"),
            ("dev", "/dev", "/"),
            ("$default", "/dev/x", "/dev/x"),
            ("de", "/dev", "/dev"),
        ] {
            let json = format!(
                r#"{{"version":"2.0","rawPath":"{raw}","rawQueryString":"a=1&a=2","requestContext":{{"stage":"{stage}","http":{{"method":"GET"}}}}}}"#
            );
            let http = request(Source::ApiGatewayHttp, &json);
            assert_eq!(http.uri().path(), path);
            assert_eq!(http.uri().query(), Some("a=1&a=2"));
        }
    }

    #[test]
    fn multi_value_headers_keep_all_their_values() {
        let json = r#"{"httpMethod":"GET","path":"/","headers":{"X-A":"2","x-b":"3"},"multiValueHeaders":{"X-A":["1","2"]},"requestContext":{"elb":{}}}"#;
        let HttpRequest { request, multi_value } = read(Source::Alb, json.as_bytes()).unwrap();
        assert!(multi_value);
        assert_eq!(
            request.headers().get_all("x-a").iter().collect::<Vec<_>>(),
            ["1", "2"]
        );
        assert_eq!(request.headers()["x-b"], "3");
    }

    #[test]
    fn what_the_struct_refuses_is_read_all_the_same() {
        let json = r#"{"version":"2.0","rawPath":"/a b?c","headers":null,"cookies":["a=1","b=2"],"isBase64Encoded":null,
            "requestContext":{"stage":"$default","timeEpoch":"1583348638390","http":{"method":"POST"},
            "authentication":{"clientCert":{"clientCertPem":"x"}}}}"#;
        let http = request(Source::FunctionUrl, json);
        assert_eq!(http.uri().path(), "/a%20b%3Fc");
        assert_eq!(http.headers()["cookie"], "a=1; b=2");
    }

    #[test]
    fn a_host_that_is_none_does_not_move_the_path() {
        for host in ["x/events?a=", "x#", "a b", "[", "", "a:b", "a\\b", "ü"] {
            for scheme in ["https", "https,http", ""] {
                let json = serde_json::json!({"httpMethod": "GET", "path": "/health", "requestContext": {"elb": {}},
                    "headers": {"host": host, "x-forwarded-proto": scheme}});
                let request = request(Source::Alb, &json.to_string());
                assert_eq!(
                    (request.uri().path(), request.uri().query()),
                    ("/health", None),
                    "{host}"
                );
                assert_eq!(request.headers()["host"].as_bytes(), host.as_bytes());
                assert_eq!(request.headers()["x-forwarded-proto"], scheme);
            }
        }
    }

    #[test]
    fn a_websocket_route_is_a_path() {
        let json = r#"{"requestContext":{"routeKey":"$connect","eventType":"CONNECT","stage":"prod","connectionId":"c"}}"#;
        assert_eq!(
            request(Source::ApiGatewayWebsocket, json).uri().path(),
            "/$connect"
        );
    }
}
