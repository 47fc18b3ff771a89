//! Lambda's Invoke API as boto3 and the AWS CLI use it.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_sandbox::http::PayloadFormat;
use lambda_sandbox::{Function, Gateway};
use serde_json::json;
use switchboard_test_support::client::{Mark, Reply, send, start};
use tokio::net::TcpListener;

async fn serve(function: Function) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Gateway::new(Arc::new(function), PayloadFormat::Http).serve(listener));
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
        "POST /2021-11-15/functions/echo/response-streaming-invocations",
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
