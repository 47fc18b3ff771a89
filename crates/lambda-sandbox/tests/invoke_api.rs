//! Lambda's Invoke API as boto3 and the AWS CLI use it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_sandbox::http::PayloadFormat;
use lambda_sandbox::{AsyncInvocations, Builder, Function, Gateway};
use serde_json::json;
use switchboard_test_support::client::{Mark, Reply, builder, send, start};
use tokio::net::TcpListener;

async fn serve(function: Function) -> SocketAddr {
    serve_with(function, |gateway| gateway).await
}

async fn serve_with(function: Function, configure: impl FnOnce(Gateway) -> Gateway) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = configure(Gateway::new(Arc::new(function), PayloadFormat::Http));
    tokio::spawn(gateway.serve(listener));
    address
}

async fn invoke(address: SocketAddr, headers: &[(&str, &str)], payload: &str) -> Reply {
    send(
        address,
        "POST /2015-03-31/functions/any/invocations",
        headers,
        payload.as_bytes(),
    )
    .await
}

#[tokio::test]
async fn any_name_invokes_the_function() {
    let address = serve(start().await).await;
    let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Af";
    let line = format!("POST /2015-03-31/functions/{arn}/invocations?Qualifier=live");
    let reply = send(address, &line, &[], br#"{"a":1}"#).await;
    assert_eq!((reply.status, reply.json()), (200, json!({"a": 1})));
    assert_eq!(reply.header("x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(reply.header("x-amzn-requestid").unwrap().len(), 36);
    assert_eq!(reply.header("x-amz-function-error"), None);
    assert_eq!(reply.header("x-amz-log-result"), None);
}

#[tokio::test]
async fn a_function_error_is_a_200_with_a_header() {
    let address = serve(start().await).await;
    let reply = invoke(address, &[], r#"{"do":"error","type":"Mine","message":"no"}"#).await;
    assert_eq!(
        (reply.status, reply.header("x-amz-function-error")),
        (200, Some("Unhandled"))
    );
    assert_eq!(reply.json(), json!({"errorType": "Mine", "errorMessage": "no"}));
}

#[tokio::test]
async fn the_log_comes_with_the_reply_and_ends_with_its_last_4_kb() {
    let address = serve(start().await).await;
    let log = |reply: &Reply| {
        String::from_utf8(
            STANDARD
                .decode(reply.header("x-amz-log-result").unwrap())
                .unwrap(),
        )
        .unwrap()
    };
    let tail = [("x-amz-log-type", "Tail")];
    let reply = invoke(address, &tail, r#"{"do":"log","name":"x"}"#).await;
    let text = log(&reply);
    let id = reply.header("x-amzn-requestid").unwrap();
    assert!(text.starts_with(&format!(
        "START RequestId: {id} Version: $LATEST\nline 0 of x\nEND RequestId: {id}\n"
    )));
    assert!(
        text.contains(&format!("REPORT RequestId: {id}\tDuration: ")),
        "{text}"
    );
    let reply = invoke(address, &tail, r#"{"do":"log","name":"x","lines":1000}"#).await;
    assert_eq!(log(&reply).len(), 4096);
    assert!(log(&reply).contains("line 999 of x\n"));
}

#[tokio::test]
async fn the_client_context_and_the_trace_reach_the_function() {
    let address = serve(start().await).await;
    let context = STANDARD.encode(r#"{"custom":{"a":"b"}}"#);
    let trace = "Root=1-5759e988-bd862e3fe1be46a994272793";
    let headers = [("x-amz-client-context", &*context), ("x-amzn-trace-id", trace)];
    let reply = invoke(address, &headers, r#"{"do":"context"}"#).await.json();
    assert_eq!(
        (&reply["client_context"]["custom"], &reply["trace_id"]),
        (&json!({"a": "b"}), &json!(trace))
    );
    let reply = invoke(address, &[("x-amz-client-context", "%")], "{}").await;
    assert_eq!(
        reply.header("x-amzn-errortype"),
        Some("InvalidRequestContentException")
    );
}

#[tokio::test]
async fn an_asynchronous_invocation_is_accepted_and_runs() {
    let address = serve(start().await).await;
    let mark = Mark::new().await;
    let reply = invoke(address, &[("x-amz-invocation-type", "Event")], &mark.hang()).await;
    assert_eq!((reply.status, reply.body.len()), (202, 0));
    mark.reached().await;
}

#[tokio::test]
async fn an_asynchronous_invocation_has_the_request_id_of_its_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (lines, mut reported) = tokio::sync::mpsc::unbounded_channel();
    let gateway = Gateway::new(Arc::new(start().await), PayloadFormat::Http)
        .on_request(move |line| lines.send(line.to_owned()).unwrap_or_default());
    tokio::spawn(gateway.serve(listener));
    let asynchronously = [("x-amz-invocation-type", "Event")];
    let reply = invoke(address, &asynchronously, r#"{"do":"exit"}"#).await;
    let error = loop {
        let line = reported.recv().await.unwrap();
        if line.starts_with("error: ") {
            break line;
        }
    };
    let id = reply.header("x-amzn-requestid").unwrap();
    assert!(error.contains(&format!("RequestId: {id} ")), "{error}");
}

#[tokio::test]
async fn a_dry_run_invokes_nothing() {
    let address = serve(start().await).await;
    assert_eq!(
        invoke(address, &[("x-amz-invocation-type", "DryRun")], "{}")
            .await
            .status,
        204
    );
    assert_eq!(
        invoke(address, &[], r#"{"do":"context"}"#).await.json()["count"],
        1
    );
    let reply = invoke(address, &[("x-amz-invocation-type", "Maybe")], "{}").await;
    assert_eq!(
        (reply.status, reply.header("x-amzn-errortype")),
        (400, Some("InvalidParameterValueException"))
    );
}

#[tokio::test]
async fn invalid_calls_are_refused_as_by_lambda() {
    let address = serve(start().await).await;
    let reply = invoke(address, &[], "{").await;
    assert_eq!(
        (reply.status, reply.header("x-amzn-errortype")),
        (400, Some("InvalidRequestContentException"))
    );
    assert!(
        reply.json()["message"]
            .as_str()
            .unwrap()
            .starts_with("Could not parse request body into json")
    );
    let large = format!("\"{}\"", "x".repeat(7 << 20));
    let reply = invoke(address, &[], &large).await;
    assert_eq!(
        (reply.status, reply.header("x-amzn-errortype")),
        (413, Some("RequestTooLargeException"))
    );
    let reply = invoke(address, &[("x-amz-invocation-type", "Event")], &large[..2 << 20]).await;
    assert_eq!(reply.status, 413);
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(invoke(address, &[], &deep).await.status, 200);
    assert_eq!(invoke(address, &[], "").await.json(), json!({}));
}

#[tokio::test]
async fn the_function_is_listed() {
    let address = serve(start().await).await;
    let list = send(address, "GET /2015-03-31/functions/", &[], b"").await;
    assert_eq!(list.json()["Functions"][0]["FunctionName"], "echo");
    assert!(list.header("server").unwrap().starts_with("lambda-sandbox/"));
}

#[tokio::test]
async fn operations_that_are_not_served_never_reach_the_function() {
    let address = serve(start().await).await;
    for line in [
        "GET /2015-03-31/functions/echo/policy",
        "GET /2015-03-31/functions/echo",
        "GET /2021-10-31/functions/echo/url",
        "POST /2014-11-13/functions/echo/invoke-async/",
        "GET /2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu-west-1%3A000000000000%3Afunction%3Aecho",
        "GET /2025-12-01/durable-executions/a/state",
    ] {
        let reply = send(address, line, &[], b"{}").await;
        assert_eq!(reply.status, 404, "{line}");
        assert_eq!(
            reply.header("x-amzn-errortype"),
            Some("UnknownOperationException")
        );
        assert!(reply.json()["message"].as_str().unwrap().contains("not served"));
        assert!(reply.header("x-amzn-requestid").is_some());
    }
    let reply = send(address, "GET /2015-03-31-report", &[], b"").await;
    assert_eq!(
        (reply.status, &reply.json()["rawPath"]),
        (200, &json!("/2015-03-31-report"))
    );
}

#[tokio::test]
async fn a_failed_event_is_tried_twice_more_and_its_record_is_reported() {
    let (records, mut given_up) = tokio::sync::mpsc::unbounded_channel();
    let settings = AsyncInvocations::new()
        .first_delay(Duration::ZERO)
        .on_failure(move |record| records.send(record.clone()).unwrap());
    let (function, attempts) = counted(builder()).await;
    let arn = function.arn();
    let address = serve_with(function, |gateway| gateway.asynchronous(settings)).await;
    let event = [("x-amz-invocation-type", "Event")];
    let reply = invoke(address, &event, r#"{"do":"error","type":"Mine","message":"no"}"#).await;
    assert_eq!(reply.status, 202);
    let record = given_up.recv().await.unwrap();
    let context = &record["requestContext"];
    assert_eq!(context["requestId"].as_str(), reply.header("x-amzn-requestid"));
    assert_eq!(context["functionArn"], format!("{arn}:$LATEST"));
    assert_eq!(
        (&context["condition"], &context["approximateInvokeCount"]),
        (&json!("RetriesExhausted"), &json!(3))
    );
    assert_eq!(record["requestPayload"]["type"], "Mine");
    assert_eq!(record["responsePayload"]["errorMessage"], "no");
    assert_eq!(record["responseContext"]["functionError"], "Unhandled");
    assert_eq!(attempts.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn an_event_that_succeeds_is_not_tried_again() {
    let (function, attempts) = counted(builder()).await;
    let settings = AsyncInvocations::new().first_delay(Duration::ZERO);
    let address = serve_with(function, |gateway| gateway.asynchronous(settings)).await;
    assert_eq!(
        invoke(address, &[("x-amz-invocation-type", "Event")], "1")
            .await
            .status,
        202
    );
    // Behind the event in the queue of the one environment.
    assert_eq!(invoke(address, &[], "2").await.json(), 2);
    assert_eq!(attempts.load(Ordering::Relaxed), 2);
}

/// A function, and how many invocations have ended.
async fn counted(builder: Builder) -> (Function, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&count);
    let builder = builder.on_end(move |_| {
        counting.fetch_add(1, Ordering::Relaxed);
    });
    (builder.start().await.unwrap(), count)
}

#[tokio::test]
async fn a_tenant_gets_an_environment_of_its_own() {
    let function = builder().tenant_isolation().max_environments(2);
    let address = serve(function.start().await.unwrap()).await;
    let context = |tenant: &'static str| async move {
        let reply = invoke(address, &[("x-amz-tenant-id", tenant)], r#"{"do":"context"}"#).await;
        assert_eq!(reply.status, 200, "{:?}", reply.body);
        let context = reply.json();
        assert_eq!(context["tenant"], tenant);
        (
            context["pid"].as_u64().unwrap(),
            context["count"].as_u64().unwrap(),
        )
    };
    let (north, south) = (context("north").await, context("south").await);
    assert_ne!(north.0, south.0);
    assert_eq!(context("north").await, (north.0, 2));
    // Both environments serve others: one is replaced, and no process has served two tenants.
    let west = context("west").await;
    assert!(west.0 != north.0 && west.0 != south.0);
    assert_eq!(west.1, 1);
}

#[tokio::test]
async fn tenants_that_lambda_refuses_are_refused() {
    let isolated = serve(builder().tenant_isolation().start().await.unwrap()).await;
    let plain = serve(start().await).await;
    let event = ("x-amz-invocation-type", "Event");
    for (address, headers, message) in [
        (isolated, vec![], "Add a valid tenant ID"),
        (isolated, vec![event], "Add a valid tenant ID"),
        (plain, vec![("x-amz-tenant-id", "a")], "Remove the tenant ID"),
    ] {
        let reply = invoke(address, &headers, "{}").await;
        assert_eq!(reply.status, 400);
        assert_eq!(
            reply.header("x-amzn-errortype"),
            Some("InvalidParameterValueException")
        );
        assert!(reply.json()["message"].as_str().unwrap().contains(message));
    }
    let wrong = invoke(isolated, &[("x-amz-tenant-id", "a#b")], "{}").await;
    assert_eq!(wrong.header("x-amzn-errortype"), Some("ValidationException"));
}

#[tokio::test]
async fn a_rest_api_maps_a_header_to_the_tenant() {
    let function = builder().tenant_isolation().start().await.unwrap();
    let address = serve_with(function, |gateway| gateway.tenant_header("x-tenant").unwrap()).await;
    let headers = [("x-tenant", "north"), ("x-echo-do", "context")];
    assert_eq!(
        send(address, "GET /orders", &headers, b"").await.json()["tenant"],
        "north"
    );
    assert_eq!(send(address, "GET /orders", &[], b"").await.status, 500);
}

#[tokio::test]
async fn tenants_are_isolated_on_demand_only() {
    for builder in [builder().snap_start(), builder().max_concurrency(2)] {
        let error = builder.tenant_isolation().start().await.unwrap_err();
        assert!(error.to_string().contains("tenant isolation"), "{error}");
    }
}

const STREAM: &str = "POST /2021-11-15/functions/f/response-streaming-invocations";

/// The messages of an event stream: type and payload.
fn messages(stream: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (mut decoder, mut rest) = (MessageFrameDecoder::new(), stream);
    let mut messages = Vec::new();
    while let DecodedFrame::Complete(message) = decoder.decode_frame(&mut rest).unwrap() {
        let mut headers = message.headers().iter();
        let kind = headers
            .find(|header| header.name().as_str() == ":event-type")
            .unwrap();
        let kind = kind.value().as_string().unwrap().as_str().to_owned();
        messages.push((kind, message.payload().to_vec()));
    }
    assert!(rest.is_empty());
    messages
}

#[tokio::test]
async fn a_streamed_reply_comes_in_messages_with_the_log_after_them() {
    let address = serve(start().await).await;
    let tail = [("x-amz-log-type", "Tail")];
    let reply = send(address, STREAM, &tail, br#"{"do":"stream"}"#).await;
    assert_eq!(reply.status, 200);
    let kind = reply.header("content-type").unwrap();
    assert_eq!(kind, "application/vnd.amazon.eventstream");
    let messages = messages(&reply.body);
    let (end, chunks) = messages.split_last().unwrap();
    assert!(
        chunks.iter().all(|(kind, _)| kind == "PayloadChunk"),
        "{chunks:?}"
    );
    let body: Vec<u8> = chunks.iter().flat_map(|(_, payload)| payload.clone()).collect();
    assert!(body.ends_with(b"\0\0\0\0\0\0\0\0one,two"), "{body:?}");
    assert_eq!(end.0, "InvokeComplete");
    let end: serde_json::Value = serde_json::from_slice(&end.1).unwrap();
    let log = STANDARD.decode(end["LogResult"].as_str().unwrap()).unwrap();
    let id = reply.header("x-amzn-requestid").unwrap();
    assert!(
        String::from_utf8(log)
            .unwrap()
            .contains(&format!("END RequestId: {id}"))
    );
}

#[tokio::test]
async fn a_buffered_reply_and_an_error_come_in_messages_too() {
    let address = serve(start().await).await;
    let reply = send(address, STREAM, &[], br#"{"a":1}"#).await;
    let expected = [
        ("PayloadChunk".to_owned(), br#"{"a":1}"#.to_vec()),
        ("InvokeComplete".to_owned(), b"{}".to_vec()),
    ];
    assert_eq!(messages(&reply.body), expected);
    // Of {"errorType":"Mine","errorMessage":"broken midway"}
    let error_body = "eyJlcnJvclR5cGUiOiJNaW5lIiwiZXJyb3JNZXNzYWdlIjoiYnJva2VuIG1pZHdheSJ9";
    let chunks = format!(
        "3\r\none\r\n0\r\nLambda-Runtime-Function-Error-Type: Mine\r\n\
         Lambda-Runtime-Function-Error-Body: {error_body}\r\n\r\n"
    );
    let path = "/2018-06-01/runtime/invocation/{id}/response";
    let midway = json!({"do": "post", "path": path, "body": chunks, "chunked": true}).to_string();
    for payload in [
        r#"{"do":"error","type":"Mine","message":"no"}"#,
        r#"{"do":"stream","then":"exit"}"#,
        &midway,
    ] {
        let reply = send(address, STREAM, &[], payload.as_bytes()).await;
        let messages = messages(&reply.body);
        let end: serde_json::Value = serde_json::from_slice(&messages.last().unwrap().1).unwrap();
        assert_eq!(end["ErrorCode"], "Unhandled");
        assert!(
            end["ErrorDetails"].as_str().unwrap().contains("errorMessage"),
            "{end}"
        );
    }
}

#[tokio::test]
async fn an_event_cannot_be_invoked_with_a_response_stream() {
    let address = serve(start().await).await;
    let reply = send(address, STREAM, &[("x-amz-invocation-type", "Event")], b"{}").await;
    assert_eq!(
        (reply.status, reply.header("x-amzn-errortype")),
        (400, Some("InvalidParameterValueException"))
    );
    let dry = send(address, STREAM, &[("x-amz-invocation-type", "DryRun")], b"{}").await;
    assert_eq!(dry.status, 204);
}
