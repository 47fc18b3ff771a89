//! HTTP requests to a function and back, through each gateway.

use std::net::SocketAddr;
use std::sync::Arc;

use lambda_sandbox::http::{AuthorizerPayload, AuthorizerSettings, LambdaAuthorizer, PayloadFormat};
use lambda_sandbox::{Function, Gateway};
use serde_json::{Value, json};
use switchboard_test_support::client::{Mark, Reply, builder, send, start};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

async fn serve(format: PayloadFormat) -> SocketAddr {
    serve_function(start().await, format).await
}

async fn serve_function(function: Function, format: PayloadFormat) -> SocketAddr {
    let function = Arc::new(function);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Gateway::new(function, format).serve(listener));
    address
}

/// The reply of a function that echoes its event: the event as the JSON body of a 200.
async fn event(address: SocketAddr, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let reply = send(address, line, headers, body).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    reply.json()
}

/// Makes the function answer with `reply`.
async fn answer(format: PayloadFormat, reply: Value) -> Reply {
    let payload = json!({"do": "reply", "reply": reply}).to_string();
    let address = serve(format).await;
    // Over the Invoke API the event is the payload itself; HTTP sees a reply only to an event.
    let invoked = send(
        address,
        "POST /2015-03-31/functions/f/invocations",
        &[],
        payload.as_bytes(),
    )
    .await;
    assert_eq!(invoked.json(), reply);
    send(
        address,
        "GET /reply",
        &[("x-echo-reply", &reply.to_string())],
        b"",
    )
    .await
}

#[tokio::test]
async fn a_request_becomes_an_http_api_event() {
    let address = serve(PayloadFormat::Http).await;
    let headers = [
        ("x-a", "1"),
        ("X-A", "2"),
        ("cookie", "s=1; t=2"),
        ("content-type", "application/json"),
    ];
    let event = event(
        address,
        "POST /a/b%20c?x=1&x=2&q=%26+%C3%A4",
        &headers,
        br#"{"n":1}"#,
    )
    .await;
    assert_eq!(
        (&event["version"], &event["routeKey"]),
        (&json!("2.0"), &json!("$default"))
    );
    assert_eq!(event["rawPath"], "/a/b c");
    assert_eq!(event["rawQueryString"], "x=1&x=2&q=%26+%C3%A4");
    assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "q": "& ä"}));
    assert_eq!(event["headers"]["x-a"], "1,2");
    assert_eq!(event["cookies"], json!(["s=1", "t=2"]));
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!(r#"{"n":1}"#), &json!(false))
    );
    let context = &event["requestContext"];
    assert_eq!(
        (&context["stage"], &context["http"]["method"]),
        (&json!("$default"), &json!("POST"))
    );
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert!(context["timeEpoch"].as_u64().unwrap() > 1_700_000_000_000);
    assert!(
        event["headers"]["x-amzn-trace-id"]
            .as_str()
            .unwrap()
            .starts_with("Root=1-")
    );
}

#[tokio::test]
async fn a_request_becomes_a_rest_api_event() {
    let address = serve(PayloadFormat::Rest).await;
    let payload = br#"{"do":"reply"}"#;
    let reply = send(
        address,
        "PUT /a/b?x=1&x=2",
        &[("x-a", "1"), ("x-a", "2")],
        payload,
    )
    .await;
    // An event is not a valid reply of a REST API.
    assert_eq!(
        (reply.status, reply.json()),
        (502, json!({"message": "Internal server error"}))
    );
    let headers = [("x-a", "1"), ("x-a", "2"), ("x-echo-event", "rest")];
    let reply = send(address, "PUT /a/b?x=1&x=2", &headers, b"\x00\xff").await;
    let event = reply.json();
    assert_eq!(
        (&event["httpMethod"], &event["path"]),
        (&json!("PUT"), &json!("/a/b"))
    );
    assert_eq!(event["multiValueQueryStringParameters"], json!({"x": ["1", "2"]}));
    assert_eq!(event["multiValueHeaders"]["x-a"], json!(["1", "2"]));
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("AP8="), &json!(true))
    );
}

#[tokio::test]
async fn a_reply_becomes_a_response() {
    let reply = json!({
        "statusCode": 418,
        "headers": {"x-a": "1", "content-type": "image/png"},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "iVBORw==",
        "isBase64Encoded": true,
    });
    let response = answer(PayloadFormat::Http, reply).await;
    assert_eq!(response.status, 418);
    assert_eq!(
        (response.header("x-a"), response.header("content-type")),
        (Some("1"), Some("image/png"))
    );
    assert_eq!(response.all("set-cookie"), ["a=1; Path=/", "b=2"]);
    assert_eq!(response.body, b"\x89PNG");
}

#[tokio::test]
async fn several_values_of_a_header_stay_several() {
    let reply = json!({"statusCode": 200, "multiValueHeaders": {"set-cookie": ["a=1", "b=2"]}, "body": "hi"});
    let response = answer(PayloadFormat::Rest, reply).await;
    assert_eq!((response.status, &*response.body), (200, &b"hi"[..]));
    assert_eq!(response.all("set-cookie"), ["a=1", "b=2"]);
}

#[tokio::test]
async fn invalid_replies_are_gateway_errors() {
    let response = answer(PayloadFormat::Http, json!({"statusCode": "many"})).await;
    assert_eq!(
        (response.status, response.json()),
        (500, json!({"message": "Internal Server Error"}))
    );
    assert!(response.header("apigw-requestid").is_some());
    let cookies = json!({"statusCode": 200, "cookies": ["a=1"]});
    let response = answer(PayloadFormat::Rest, cookies.clone()).await;
    assert_eq!((response.status, response.header("set-cookie")), (502, None));
    let response = answer(PayloadFormat::FunctionUrl, cookies).await;
    assert_eq!(
        (response.status, response.header("set-cookie")),
        (200, Some("a=1"))
    );
    let response = answer(PayloadFormat::FunctionUrl, json!({"statusCode": "many"})).await;
    assert_eq!(
        (response.status, &*response.body),
        (502, &b"Internal Server Error"[..])
    );
}

#[tokio::test]
async fn a_request_becomes_an_event_of_a_function_url() {
    let address = serve(PayloadFormat::FunctionUrl).await;
    let event = event(address, "POST /a/b%20c?x=%20", &[], b"hi").await;
    assert_eq!(event["rawPath"], "/a/b%20c");
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("aGk="), &json!(true))
    );
    let payload = event.to_string();
    let detected = switchboard::source::detect(payload.as_bytes());
    assert_eq!(detected.source, switchboard::source::Source::FunctionUrl);
}

#[tokio::test]
async fn a_function_error_is_a_500_and_its_reason_is_reported() {
    let (lines, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = Gateway::new(Arc::new(start().await), PayloadFormat::Http);
    tokio::spawn(
        gateway
            .on_request(move |line| lines.send(line.to_owned()).unwrap())
            .serve(listener),
    );
    let response = send(address, "GET /", &[("x-echo-do", "exit")], b"").await;
    assert_eq!(response.status, 500);
    assert!(heard.recv().await.unwrap().contains("Runtime.ExitError"));
    assert!(heard.recv().await.unwrap().starts_with("GET /  500"));
    assert_eq!(send(address, "GET /", &[], b"").await.status, 200);
}

/// Sends a request for a stream that waits after its first chunk, and reads until that has come.
async fn first_chunk(address: SocketAddr, mark: &Mark, more: &str) -> (TcpStream, TcpStream, String) {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let connect = mark.address();
    let request = format!(
        "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nx-echo-do: stream\r\n\
         x-echo-connect: {connect}\r\n{more}\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut read = String::new();
    while !read.contains("one,") {
        let mut buffer = [0; 1024];
        let length = connection.read(&mut buffer).await.unwrap();
        assert_ne!(length, 0, "{read}");
        read.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    let met = mark.met().await;
    (connection, met, read)
}

async fn rest(mut connection: TcpStream) -> String {
    let mut rest = String::new();
    connection.read_to_string(&mut rest).await.unwrap();
    rest
}

#[tokio::test]
async fn a_stream_is_passed_on_as_the_function_writes_it() {
    let address = serve(PayloadFormat::FunctionUrl).await;
    let mark = Mark::new().await;
    let (connection, met, read) = first_chunk(address, &mark, "").await;
    // The function has not gone on, and the client has the head and the first chunk.
    assert!(read.starts_with("HTTP/1.1 201 "), "{read}");
    assert!(read.contains("transfer-encoding: chunked"), "{read}");
    assert!(!read.contains("two"), "{read}");
    drop(met);
    let rest = rest(connection).await;
    assert!(rest.contains("two") && rest.ends_with("\r\n0\r\n\r\n"), "{rest}");
}

#[tokio::test]
async fn a_stream_that_fails_midway_is_broken_off_and_its_reason_is_reported() {
    let (lines, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let gateway = Gateway::new(Arc::new(start().await), PayloadFormat::FunctionUrl)
        .on_request(move |line| lines.send(line.to_owned()).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(gateway.serve(listener));
    let mark = Mark::new().await;
    let (connection, met, _) = first_chunk(address, &mark, "x-echo-then: exit\r\n").await;
    drop(met);
    let rest = rest(connection).await;
    assert!(!rest.contains("0\r\n\r\n"), "{rest}");
    while !heard.recv().await.unwrap().contains("Runtime exited") {}
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_end_the_stream() {
    let (ends, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let function = builder().on_end(move |finished| ends.send(finished.outcome.clone()).unwrap());
    let address = serve_function(function.start().await.unwrap(), PayloadFormat::FunctionUrl).await;
    let mark = Mark::new().await;
    let (connection, met, _) = first_chunk(address, &mark, "").await;
    drop(connection);
    drop(met);
    let outcome = ended.recv().await.unwrap();
    assert!(outcome.result.is_ok(), "{outcome:?}");
    assert_eq!(outcome.init_duration, None);
}

#[tokio::test]
async fn a_stream_has_status_cookies_and_body() {
    let address = serve(PayloadFormat::Http).await;
    let response = send(address, "GET /", &[("x-echo-do", "stream")], b"").await;
    assert_eq!((response.status, &*response.body), (201, &b"one,two"[..]));
    assert_eq!(response.all("set-cookie"), ["a=1"]);
}

#[tokio::test]
async fn a_body_over_the_limit_is_a_413() {
    let address = serve(PayloadFormat::Http).await;
    assert_eq!(
        send(address, "POST /", &[], &vec![b'x'; 7 << 20]).await.status,
        413
    );
    // It fits by itself, but not as base64 in an event.
    assert_eq!(
        send(
            address,
            "POST /",
            &[("content-type", "image/png")],
            &vec![0; 5 << 20]
        )
        .await
        .status,
        413
    );
    assert_eq!(
        send(
            address,
            "POST /",
            &[("content-type", "text/plain")],
            &vec![b'x'; 5 << 20]
        )
        .await
        .status,
        200
    );
}

/// Serves a function that is its own authorizer.
async fn authorized(format: PayloadFormat, payload: AuthorizerPayload) -> SocketAddr {
    let function = Arc::new(start().await);
    let settings = AuthorizerSettings::new(format).unwrap().payload(payload).unwrap();
    let authorizer = LambdaAuthorizer::new(Arc::clone(&function), settings);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = Gateway::new(function, format).authorized_by_function(authorizer);
    tokio::spawn(gateway.serve(listener));
    address
}

/// Asks with what the authorizer does.
async fn ask(address: SocketAddr, what: &Value) -> Reply {
    let what = what.to_string();
    let headers = [
        ("authorization", &*what),
        ("x-echo-authorizer", &*what),
        ("x-echo-event", "yes"),
    ];
    send(address, "GET /orders/7?full=1", &headers, b"").await
}

fn policy(effect: &str) -> Value {
    let resource = "arn:aws:execute-api:*:*:*/*/GET/orders/*";
    json!({"Version": "2012-10-17", "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}]})
}

#[tokio::test]
async fn an_http_api_asks_its_authorizer() {
    let address = authorized(PayloadFormat::Http, AuthorizerPayload::Version2).await;
    let yes =
        json!({"do": "reply", "reply": {"isAuthorized": true, "context": {"tenant": "north", "tier": 2}}});
    let event = ask(address, &yes).await.json();
    let told = json!({"lambda": {"tenant": "north", "tier": 2}});
    assert_eq!(event["requestContext"]["authorizer"], told);

    let no = ask(address, &json!({"do": "reply", "reply": {"isAuthorized": false}})).await;
    assert_eq!((no.status, no.json()), (403, json!({"message": "Forbidden"})));
    assert!(no.header("apigw-requestid").is_some());
    for failing in [
        json!({"do": "error", "type": "E", "message": "Unauthorized"}),
        json!({"do": "exit"}),
    ] {
        assert_eq!(ask(address, &failing).await.status, 500);
    }

    // Without an identity the authorizer is not asked: it would fail.
    let nobody = send(
        address,
        "GET /",
        &[("x-echo-authorizer", r#"{"do":"panic"}"#)],
        b"",
    )
    .await;
    assert_eq!(
        (nobody.status, nobody.json()),
        (401, json!({"message": "Unauthorized"}))
    );
}

#[tokio::test]
async fn what_an_authorizer_is_asked_is_what_api_gateway_asks() {
    let asked = async |format, payload| {
        let address = authorized(format, payload).await;
        // The authorizer's answer is its question, which is not an answer that lets anybody through.
        let context = json!({"do": "question"});
        let event = ask(address, &context).await.json();
        let told = &event["requestContext"]["authorizer"];
        let question = told["question"]
            .as_str()
            .or(told["lambda"]["question"].as_str())
            .unwrap();
        serde_json::from_str::<Value>(question).unwrap()
    };
    let question = asked(PayloadFormat::Http, AuthorizerPayload::Version2).await;
    assert_eq!(
        (&question["version"], &question["type"]),
        (&json!("2.0"), &json!("REQUEST"))
    );
    assert_eq!(question["identitySource"], json!([r#"{"do":"question"}"#]));
    assert_eq!(question["rawPath"], "/orders/7");
    assert!(
        question["routeArn"].as_str().unwrap().ends_with("/GET/orders/7"),
        "{question}"
    );
    assert_eq!(question.get("body"), None);

    let question = asked(PayloadFormat::Http, AuthorizerPayload::Version1).await;
    assert_eq!(
        (&question["version"], &question["httpMethod"]),
        (&json!("1.0"), &json!("GET"))
    );
    assert_eq!(question["identitySource"], r#"{"do":"question"}"#);

    let question = asked(PayloadFormat::Rest, AuthorizerPayload::Request).await;
    assert_eq!(
        (&question["type"], question.get("version")),
        (&json!("REQUEST"), None)
    );
    assert_eq!(question["queryStringParameters"], json!({"full": "1"}));

    let question = asked(PayloadFormat::Rest, AuthorizerPayload::Token).await;
    assert_eq!(question.as_object().unwrap().len(), 3, "{question}");
    assert_eq!(question["authorizationToken"], r#"{"do":"question"}"#);
}

#[tokio::test]
async fn a_rest_api_asks_its_authorizer() {
    let address = authorized(PayloadFormat::Rest, AuthorizerPayload::Token).await;
    let answer = |effect| json!({"do": "reply", "reply": {"principalId": "ada", "policyDocument": policy(effect), "context": {"tier": 2}}});
    let event = ask(address, &answer("Allow")).await.json();
    assert_eq!(
        event["requestContext"]["authorizer"],
        json!({"principalId": "ada", "tier": "2"})
    );
    let denied = ask(address, &answer("Deny")).await;
    assert_eq!(denied.status, 403);
    assert_eq!(
        denied.json()["Message"],
        "User is not authorized to access this resource with an explicit deny"
    );
    for (error, status) in [("Unauthorized", 401), ("no table", 500)] {
        let failed = ask(address, &json!({"do": "error", "type": "E", "message": error})).await;
        assert_eq!(failed.status, status, "{error}");
    }
}
