//! Requests of every source, whole and with something missing or odd.

use super::request::{HttpRequest, read};
use crate::source::Source;
use lambda_http::request::RequestContext as Rc;
use lambda_http::{Body, RequestExt};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::{Value, json};

fn parsed(event: &str) -> Value {
    serde_json::from_str(event).unwrap()
}

fn request(source: Source, event: &Value) -> http::Request<Body> {
    let read = read(source, event.to_string().as_bytes());
    read.unwrap_or_else(|refused| panic!("{refused}: {event}"))
        .request
}

const REST: &str = r#"{"resource": "/{proxy+}", "path": "/a%20b/c", "httpMethod": "PUT",
        "headers": {"Host": "api.example.com", "X-A": "2", "X-B": "3"},
        "multiValueHeaders": {"Host": ["api.example.com"], "X-A": ["1", "2"]},
        "queryStringParameters": {"z": "3", "a": "ü&=", "q": "r"},
        "multiValueQueryStringParameters": {"z": ["1", "3"], "a": ["ü&="]},
        "pathParameters": {"proxy": "a b/c"}, "stageVariables": {"alias": "live"},
        "requestContext": {"accountId": "123456789012", "resourceId": "r1", "operationName": "Put", "stage": "prod",
            "domainName": "api.example.com", "domainPrefix": "api", "requestId": "r-1", "extendedRequestId": "x=",
            "protocol": "HTTP/1.1", "resourcePath": "/{proxy+}", "path": "/prod/a%20b/c", "httpMethod": "PUT",
            "requestTime": "30/Nov/2026:00:00:00 +0000", "requestTimeEpoch": 1796000000000, "apiId": "a1",
            "identity": {"cognitoIdentityPoolId": "p", "accountId": "1", "cognitoIdentityId": "c", "caller": "c",
                "apiKey": "k", "apiKeyId": "k1", "accessKey": "a", "sourceIp": "192.0.2.1", "userArn": "arn",
                "cognitoAuthenticationType": "t", "cognitoAuthenticationProvider": "p", "userAgent": "probe",
                "user": "u", "principalOrgId": "o", "clientCert": {"clientCertPem": "x", "subjectDN": "CN=a",
                    "issuerDN": "CN=b", "serialNumber": "1", "validity": {"notBefore": "x", "notAfter": "y"}}},
            "authorizer": {"principalId": "p", "claims": {"sub": "1"}, "integrationLatency": 7}},
        "body": "aGVsbG8=", "isBase64Encoded": true}"#;

const HTTP: &str = r#"{"version": "2.0", "routeKey": "PUT /{proxy+}", "rawPath": "/live/a b/c", "rawQueryString": "z=1&z=3&a=%C3%BC%26%3D",
        "cookies": ["a=1", "b=2"], "headers": {"host": "a1.execute-api.eu-west-1.amazonaws.com", "x-a": "1,2"},
        "queryStringParameters": {"z": "1,3", "a": "ü&="}, "pathParameters": {"proxy": "a b/c"},
        "stageVariables": {"alias": "live"},
        "requestContext": {"accountId": "123456789012", "apiId": "a1", "routeKey": "PUT /{proxy+}", "stage": "live",
            "domainName": "a1.execute-api.eu-west-1.amazonaws.com", "domainPrefix": "a1", "requestId": "r-1",
            "time": "30/Nov/2026:00:00:00 +0000", "timeEpoch": 1796000000000,
            "http": {"method": "PUT", "path": "/live/a b/c", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "probe"},
            "authentication": {"clientCert": {"clientCertPem": "x", "subjectDN": "CN=a", "issuerDN": "CN=b",
                "serialNumber": "1", "validity": {"notBefore": "x", "notAfter": "y"}}},
            "authorizer": {"jwt": {"claims": {"sub": "1", "exp": "1796000000"}, "scopes": ["a", "b"]},
                "lambda": {"tenant": "t"},
                "iam": {"accessKey": "a", "accountId": "1", "callerId": "c", "principalOrgId": "o", "userArn": "arn",
                    "userId": "u", "cognitoIdentity": {"amr": ["x"], "identityId": "i", "identityPoolId": "p"}}}},
        "body": "aGVsbG8=", "isBase64Encoded": true}"#;

const WEBSOCKET: &str = r#"{"headers": {"Host": "ws.example.com", "X-A": "1"}, "multiValueHeaders": {"Host": ["ws.example.com"], "X-A": ["1"]},
        "queryStringParameters": {"z": "1"}, "multiValueQueryStringParameters": {"z": ["1"]}, "stageVariables": {"a": "b"},
        "requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "stage": "prod", "accountId": "1",
            "resourceId": "r", "connectionId": "c=", "connectedAt": 1796000000000, "apiId": "a", "requestId": "r-1",
            "extendedRequestId": "x=", "domainName": "ws.example.com", "messageDirection": "IN", "messageId": "m",
            "requestTime": "30/Nov/2026:00:00:00 +0000", "requestTimeEpoch": 1796000000000, "status": "200",
            "error": "e", "integrationLatency": "5", "disconnectStatusCode": 1000, "disconnectReason": "d",
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "probe"}, "authorizer": {"principalId": "p"}},
        "body": "aGVsbG8=", "isBase64Encoded": true}"#;

const ALB: &str = r#"{"requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1"}},
        "httpMethod": "PUT", "path": "/a%20b/c",
        "multiValueQueryStringParameters": {"z": ["1", "3"], "a": ["%C3%BC%26%3D"]},
        "multiValueHeaders": {"host": ["lb.example.com"], "x-a": ["1", "2"], "x-forwarded-proto": ["http"]},
        "body": "aGVsbG8=", "isBase64Encoded": true}"#;

/// What a service sees of a request.
fn seen(request: &http::Request<Body>) -> (String, Vec<String>, Vec<u8>) {
    let mut headers: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    (
        format!("{} {}", request.method(), request.uri()),
        headers,
        request.body().to_vec(),
    )
}

#[test]
fn a_request_is_what_the_client_asked_for() {
    let query = "z=1&z=3&a=%C3%BC%26%3D";
    let rest = read(Source::ApiGatewayRest, REST.as_bytes()).unwrap().request;
    let headers = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        seen(&rest),
        (
            format!("PUT https://api.example.com/a%20b/c?{query}&q=r"),
            headers(&["host: api.example.com", "x-a: 1", "x-a: 2", "x-b: 3"]),
            b"hello".to_vec()
        )
    );
    assert_eq!(rest.query_string_parameters().all("z"), Some(vec!["1", "3"]));
    assert_eq!(rest.query_string_parameters().first("a"), Some("ü&="));
    assert_eq!(rest.path_parameters().first("proxy"), Some("a b/c"));
    assert_eq!(rest.stage_variables().first("alias"), Some("live"));
    assert_eq!(rest.raw_http_path(), "/a%20b/c");
    let Rc::ApiGatewayV1(context) = rest.request_context() else {
        panic!()
    };
    assert_eq!(
        (context.stage.as_deref(), context.identity.source_ip.as_deref()),
        (Some("prod"), Some("192.0.2.1"))
    );

    let http = read(Source::ApiGatewayHttp, HTTP.as_bytes()).unwrap().request;
    assert_eq!(
        seen(&http),
        (
            format!("PUT https://a1.execute-api.eu-west-1.amazonaws.com/a%20b/c?{query}"),
            headers(&[
                "cookie: a=1; b=2",
                "host: a1.execute-api.eu-west-1.amazonaws.com",
                "x-a: 1,2"
            ]),
            b"hello".to_vec()
        )
    );
    assert_eq!(http.query_string_parameters().all("z"), Some(vec!["1", "3"]));
    let Rc::ApiGatewayV2(context) = http.request_context() else {
        panic!()
    };
    assert_eq!(context.stage.as_deref(), Some("live"));

    let websocket = read(Source::ApiGatewayWebsocket, WEBSOCKET.as_bytes())
        .unwrap()
        .request;
    assert_eq!(seen(&websocket).0, "GET https://ws.example.com/$connect?z=1");

    let HttpRequest {
        request: alb,
        multi_value,
    } = read(Source::Alb, ALB.as_bytes()).unwrap();
    assert!(multi_value);
    assert_eq!(seen(&alb).0, format!("PUT http://lb.example.com/a%20b/c?{query}"));
    assert_eq!(alb.query_string_parameters().first("a"), Some("ü&="));
}

/// The pointers of all members of an event.
fn pointers(value: &Value, at: &str, into: &mut Vec<String>) {
    if let Value::Object(members) = value {
        for (key, value) in members {
            let pointer = format!("{at}/{key}");
            pointers(value, &pointer, into);
            into.push(pointer);
        }
    }
}

/// A member left out, `null`, and of the other types it may come in.
fn variants(event: &Value, pointer: &str) -> Vec<Value> {
    let value = event.pointer(pointer).unwrap();
    let mut others = vec![Value::Null];
    if !value.is_object() {
        others.push(json!([value]));
    }
    match value {
        Value::Array(values) => others.extend(values.first().cloned()),
        Value::Object(_) => others.push(json!({})),
        Value::String(text) => others.extend(text.parse::<i64>().ok().map(Value::from).or(Some(json!(7)))),
        other => others.push(json!(other.to_string())),
    }
    let replaced = |other: Value| {
        let mut event = event.clone();
        *event.pointer_mut(pointer).unwrap() = other;
        event
    };
    let mut events: Vec<Value> = others.into_iter().map(replaced).collect();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let mut without = event.clone();
    without
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove(key);
    events.push(without);
    events
}

fn request_id(request: &http::Request<Body>) -> Option<String> {
    match request.request_context() {
        Rc::ApiGatewayV1(context) => context.request_id,
        Rc::ApiGatewayV2(context) => context.request_id,
        Rc::WebSocket(context) => context.request_id,
        Rc::Alb(context) => context.elb.target_group_arn,
        _ => None,
    }
}

#[test]
fn a_missing_or_mistyped_member_affects_only_itself() {
    // What makes the request, and how each of them may come, is tested apart.
    let request_of = [
        "/httpMethod",
        "/path",
        "/rawPath",
        "/rawQueryString",
        "/cookies",
        "/body",
        "/isBase64Encoded",
        "/headers",
        "/multiValueHeaders",
        "/queryStringParameters",
        "/multiValueQueryStringParameters",
        "/requestContext/http",
        "/requestContext/routeKey",
        "/requestContext/stage",
        "/requestContext/domainName",
    ];
    let makes_it = |pointer: &str| {
        request_of
            .iter()
            .any(|part| pointer == *part || pointer.starts_with(&format!("{part}/")))
            && !["protocol", "sourceIp", "userAgent"]
                .iter()
                .any(|part| pointer.ends_with(&format!("http/{part}")))
    };
    for (source, event, id) in [
        (Source::ApiGatewayRest, parsed(REST), "requestId"),
        (Source::ApiGatewayHttp, parsed(HTTP), "requestId"),
        (Source::FunctionUrl, parsed(HTTP), "requestId"),
        (Source::ApiGatewayWebsocket, parsed(WEBSOCKET), "requestId"),
        (Source::Alb, parsed(ALB), "targetGroupArn"),
    ] {
        let (plain, mut all) = (request(source, &event), Vec::new());
        pointers(&event, "", &mut all);
        let rest = all.into_iter().filter(|pointer| !makes_it(pointer));
        for pointer in rest {
            for variant in variants(&event, &pointer) {
                // The context tells a route and a stage as well.
                if pointer == "/requestContext" && source != Source::ApiGatewayRest && source != Source::Alb {
                    let _ = request(source, &variant);
                    continue;
                }
                let read = request(source, &variant);
                assert_eq!(seen(&read), seen(&plain), "{pointer}: {variant}");
                let told_there =
                    pointer.ends_with(id) || ["/requestContext", "/requestContext/elb"].contains(&&*pointer);
                assert!(
                    told_there || request_id(&read) == request_id(&plain),
                    "{pointer}: {variant}"
                );
            }
        }
    }
}

#[test]
fn the_parts_of_a_request_may_be_in_any_order() {
    let first_line = |source, event: &Value| seen(&request(source, event)).0;
    let with = |mut event: Value, pointer: &str, value: Value| {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        event.pointer_mut(parent).unwrap()[key] = value;
        event
    };
    let rest = with(parsed(REST), "/multiValueQueryStringParameters", json!(null));
    let rest = with(rest, "/queryStringParameters", json!([]));
    let context = rest["requestContext"].clone();
    for (pointer, value, expected) in [
        ("/httpMethod", json!(null), "PUT https://api.example.com/a%20b/c"),
        ("/path", json!(null), "PUT https://api.example.com/a%20b/c"),
        (
            "/requestContext",
            json!(null),
            "PUT https://api.example.com/a%20b/c",
        ),
        (
            "/requestContext/httpMethod",
            json!(""),
            "PUT https://api.example.com/a%20b/c",
        ),
        (
            "/multiValueHeaders",
            json!({}),
            "PUT https://api.example.com/a%20b/c",
        ),
        ("/headers", json!(null), "PUT https://api.example.com/a%20b/c"),
        (
            "/queryStringParameters",
            json!({"n": 5, "b": true, "l": ["x", "y"], "o": null}),
            "PUT https://api.example.com/a%20b/c?b=true&l=x&l=y&n=5",
        ),
    ] {
        assert_eq!(
            first_line(Source::ApiGatewayRest, &with(rest.clone(), pointer, value)),
            expected,
            "{pointer}"
        );
    }
    assert_eq!(context["stage"], "prod");
    let bare = json!({"path": "/x", "body": "b"});
    assert_eq!(first_line(Source::ApiGatewayRest, &bare), "GET /x");
    assert_eq!(first_line(Source::Alb, &bare), "GET /x");

    let http = parsed(HTTP);
    let place = "a1.execute-api.eu-west-1.amazonaws.com/a%20b/c";
    let query = "z=1&z=3&a=%C3%BC%26%3D";
    for (pointer, value, expected) in [
        ("/rawPath", json!(null), format!("PUT https://{place}?{query}")),
        (
            "/requestContext/http",
            json!(null),
            format!("PUT https://{place}?{query}"),
        ),
        (
            "/requestContext/http/method",
            json!(null),
            format!("PUT https://{place}?{query}"),
        ),
        ("/headers", json!(null), format!("PUT https://{place}?{query}")),
        (
            "/rawQueryString",
            json!(null),
            format!("PUT https://{place}?z=1%2C3&a=%C3%BC%26%3D"),
        ),
        (
            "/rawQueryString",
            json!(""),
            format!("PUT https://{place}?z=1%2C3&a=%C3%BC%26%3D"),
        ),
    ] {
        let changed = if pointer == "/rawQueryString" && value.is_null() {
            with(
                with(http.clone(), pointer, value),
                "/queryStringParameters",
                json!({"z": "1,3", "a": "ü&="}),
            )
        } else {
            with(http.clone(), pointer, value)
        };
        let (mut seen, mut expected) = (first_line(Source::ApiGatewayHttp, &changed), expected);
        // A JSON value of serde_json's keeps no order of its own.
        if pointer == "/rawQueryString" {
            (seen, expected) = (sorted(&seen), sorted(&expected));
        }
        assert_eq!(seen, expected, "{pointer}");
    }
    for (cookies, expected) in [
        (json!([]), None),
        (json!(null), None),
        (json!("a=1"), Some("a=1")),
        (json!([""]), None),
        (json!([null, "", "a=1", "b=2"]), Some("a=1; b=2")),
        (json!(""), None),
    ] {
        let read = request(Source::ApiGatewayHttp, &with(http.clone(), "/cookies", cookies));
        assert_eq!(
            read.headers()
                .get("cookie")
                .map(|cookie| cookie.to_str().unwrap()),
            expected
        );
    }
    for (flag, body, expected) in [
        (json!("true"), json!("aGk"), "hi"),
        (json!(null), json!("hi"), "hi"),
        (json!("false"), json!(17), "17"),
        (json!(1), json!(null), ""),
        (
            json!(false),
            json!({"b": 1, "a": [1.50, null]}),
            r#"{"a":[1.5,null],"b":1}"#,
        ),
    ] {
        let changed = with(with(http.clone(), "/isBase64Encoded", flag), "/body", body);
        assert_eq!(
            &**request(Source::ApiGatewayHttp, &changed).body(),
            expected.as_bytes()
        );
    }
}

fn sorted(line: &str) -> String {
    let mut parts: Vec<&str> = line.split(['?', '&']).collect();
    parts.sort_unstable();
    parts.join(" ")
}

#[test]
fn the_stage_is_not_part_of_the_path() {
    for (stage, raw, path) in [
        ("dev", "/dev/x", "/x"),
        ("dev", "/dev", "/"),
        ("dev", "/dev//x", "//x"),
        ("$default", "/dev/x", "/dev/x"),
        ("de", "/dev", "/dev"),
    ] {
        let event = json!({"version": "2.0", "rawPath": raw, "requestContext": {"stage": stage, "http": {"method": "GET"}}});
        assert_eq!(request(Source::ApiGatewayHttp, &event).uri().path(), path);
        // Payload format 1.0 of HTTP APIs has the stage in its path as well; a REST API's path is without.
        for (version, path) in [("1.0", path), ("", raw)] {
            let event = json!({"version": version, "path": raw, "httpMethod": "GET", "requestContext": {"stage": stage}});
            assert_eq!(request(Source::ApiGatewayRest, &event).uri().path(), path);
        }
    }
}

#[test]
fn a_path_is_escaped_again_where_its_source_decoded_it() {
    for (source, version, decoded) in [
        (Source::ApiGatewayHttp, "2.0", true),
        (Source::FunctionUrl, "2.0", false),
        (Source::ApiGatewayRest, "1.0", true),
        (Source::ApiGatewayRest, "", false),
        (Source::Alb, "", false),
    ] {
        let event = json!({"version": version, "rawPath": "/50%25%zz%", "path": "/50%25%zz%", "httpMethod": "GET",
            "requestContext": {"http": {"method": "GET"}, "stage": "$default"}});
        let expected = if decoded { "/50%2525%25zz%25" } else { "/50%25%zz%" };
        assert_eq!(
            request(source, &event).uri().path(),
            expected,
            "{source} {version}"
        );
    }
    let event = json!({"requestContext": {"routeKey": "50%25", "eventType": "MESSAGE"}});
    assert_eq!(
        request(Source::ApiGatewayWebsocket, &event).uri().path(),
        "/50%2525"
    );
}

#[test]
fn parameters_are_in_the_events_order() {
    let event = r#"{"httpMethod":"GET","path":"/","multiValueQueryStringParameters":{"z":["1"],"a":["2","3"],"m":["4"]},
        "queryStringParameters":{"b":"5","a":"3","z":"1","y":"6"}}"#;
    for source in [Source::ApiGatewayRest, Source::Alb] {
        let read = read(source, event.as_bytes()).unwrap().request;
        assert_eq!(read.uri().query(), Some("z=1&a=2&a=3&m=4&b=5&y=6"));
    }
    // A load balancer hands them on as they were sent, so a `%` stays; an emulator of one may have decoded them.
    let sent =
        r#"{"httpMethod":"GET","path":"/","queryStringParameters":{"a%20b":"c+d%26=","x":"<y&z #>","e":""}}"#;
    let read = read(Source::Alb, sent.as_bytes()).unwrap().request;
    assert_eq!(read.uri().query(), Some("a%20b=c+d%26=&x=%3Cy%26z%20%23%3E&e="));
}

#[test]
fn a_header_that_http_refuses_costs_itself_only() {
    let event = json!({"httpMethod": "GET", "path": "/", "requestContext": {"elb": {}},
        "headers": {"x-kundennrümmer": "1", "x ": "1", "": "1", "x-control": "a\u{1}b", "x-lines": "a\r\nb",
            "x-object": {"a": 1}, "x-latin": "ü", "x-a": "1", "X-A": "2", "x-number": 5}});
    let read = request(Source::Alb, &event);
    let mut names: Vec<_> = read.headers().keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["x-a", "x-latin", "x-number"]);
    assert_eq!(read.headers().get_all("x-a").iter().count(), 2);
    let many: serde_json::Map<String, Value> =
        (0..40_000).map(|at| (format!("x-{at}"), json!("1"))).collect();
    let event = json!({"httpMethod": "GET", "path": "/", "headers": many});
    assert!(request(Source::Alb, &event).headers().len() > 20_000);
}

#[test]
fn a_clients_own_fault_differs_from_an_event_that_is_not_one() {
    let status = |source, event: Value| {
        read(source, event.to_string().as_bytes())
            .err()
            .map(|refused| refused.status().as_u16())
    };
    assert_eq!(
        status(Source::Alb, json!({"httpMethod": "G T", "path": "/"})),
        Some(400)
    );
    let http = json!({"rawPath": "/", "requestContext": {"http": {"method": "G T"}}});
    assert_eq!(status(Source::ApiGatewayHttp, http), Some(400));
    let long = "/".repeat(70_000);
    assert_eq!(
        status(Source::Alb, json!({"httpMethod": "GET", "path": long})),
        Some(414)
    );
    for (key, value) in [
        ("headers", json!(5)),
        ("multiValueHeaders", json!("x")),
        ("queryStringParameters", json!("a=1")),
        ("pathParameters", json!(true)),
        ("body", json!([1, 2])),
        ("isBase64Encoded", json!("no")),
    ] {
        let mut event = json!({"httpMethod": "GET", "path": "/"});
        event[key] = value;
        assert_eq!(status(Source::ApiGatewayRest, event), Some(500), "{key}");
    }
    let bad = json!({"httpMethod": "GET", "path": "/", "isBase64Encoded": true, "body": "no base64!"});
    let error = read(Source::Alb, bad.to_string().as_bytes())
        .err()
        .unwrap()
        .to_string();
    assert_eq!(
        error,
        "unreadable at `body`: not base64, although `isBase64Encoded` is true"
    );
}

#[test]
fn variables_that_are_not_unicode_do_not_fail() {
    let sent = b"{\"httpMethod\":\"GET\",\"path\":\"/caf\xe9\",\"headers\":{\"x-a\":\"\\udce9\",\"x-b\":\"b\"},\"body\":\"\\ud83d\\ude00\"}";
    let read = read(Source::Alb, sent).unwrap().request;
    assert_eq!(read.uri().path(), "/caf%EF%BF%BD");
    assert_eq!(read.headers()["x-a"].as_bytes(), "\u{fffd}".as_bytes());
    assert_eq!(
        (&read.headers()["x-b"], &**read.body()),
        (&"b".parse().unwrap(), "😀".as_bytes())
    );
    // A body is what was sent, or nothing.
    for body in ["caf\u{e9}", "\\ud800"] {
        let sent = format!(r#"{{"httpMethod":"POST","path":"/","body":"{body}"}}"#);
        let sent: Vec<u8> = sent.chars().map(|char| u8::try_from(char).unwrap()).collect();
        assert!(super::request::read(Source::Alb, &sent).is_err());
    }
}

/// The path a client asks for, of segments as an encoder writes them.
fn asked() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(any::<String>(), 1..4)
}

proptest! {
    /// Whatever a client asks for, by whichever way: the service decodes what the client encoded.
    #[test]
    fn a_path_arrives_as_it_was_asked_for(segments in asked()) {
        let sent: String = segments.iter().map(|segment| format!("/{}", utf8_percent_encode(segment, NON_ALPHANUMERIC))).collect();
        let decoded = percent_decode_str(&sent).decode_utf8().unwrap().into_owned();
        for (source, version, path) in [
            (Source::ApiGatewayHttp, "2.0", &decoded),
            (Source::ApiGatewayRest, "1.0", &decoded),
            (Source::FunctionUrl, "2.0", &sent),
            (Source::ApiGatewayRest, "", &sent),
            (Source::Alb, "", &sent),
        ] {
            let event = json!({"version": version, "rawPath": path, "path": path, "httpMethod": "GET",
                "requestContext": {"http": {"method": "GET"}, "stage": "$default"}});
            let read = request(source, &event);
            let seen = percent_decode_str(read.uri().path()).decode_utf8().unwrap();
            prop_assert_eq!(&*seen, &*decoded);
        }
    }

    #[test]
    fn whatever_an_outsider_sends_to_a_load_balancer_is_a_request(
        path in any::<String>(),
        headers in prop::collection::hash_map(any::<String>(), any::<String>(), 0..6),
        host in any::<String>(),
        proto in any::<String>(),
        query in prop::collection::hash_map(any::<String>(), any::<String>(), 0..4),
        several in any::<bool>(),
    ) {
        let (mut headers, lists) = (json!(headers), several);
        headers["host"] = json!(host);
        headers["x-forwarded-proto"] = json!(proto);
        let listed = |map: &Value| map.as_object().unwrap().iter().map(|(name, value)| (name.clone(), json!([value]))).collect::<Value>();
        let event = match lists {
            true => json!({"httpMethod": "GET", "path": path, "requestContext": {"elb": {}},
                "multiValueHeaders": listed(&headers), "multiValueQueryStringParameters": listed(&json!(query))}),
            false => json!({"httpMethod": "GET", "path": path, "requestContext": {"elb": {}},
                "headers": headers, "queryStringParameters": query}),
        };
        let read = read(Source::Alb, event.to_string().as_bytes());
        prop_assert!(read.is_ok());
        let read = read.unwrap();
        prop_assert_eq!(read.request.query_string_parameters().iter().count(), query.len());
    }
}
