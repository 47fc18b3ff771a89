//! The Runtime API's side of an invocation: headers, errors, limits, ids.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_sandbox::{Function, InvokeEvent, MAX_REQUEST, ResponseMode};
use serde_json::{Value, json};
use switchboard_test_support::client::{builder, error, reply, start};
use switchboard_test_support::example;

#[tokio::test]
async fn payloads_are_passed_on_unchanged() {
    let function = start().await;
    let payload = r#"{"text":"ä\u0000","number":12345678901234567890,"nested":[[[{}]]],"null":null}"#;
    let outcome = function.invoke(payload).await.unwrap();
    assert_eq!(reply(&outcome), serde_json::from_str::<Value>(payload).unwrap());
    assert_eq!(outcome.mode, ResponseMode::Buffered);
    assert!(outcome.duration > Duration::ZERO);
}

#[tokio::test]
async fn the_context_says_what_lambda_says() {
    let function = builder()
        .name("hello")
        .timeout(Duration::from_secs(7))
        .start()
        .await
        .unwrap();
    let event = InvokeEvent::from(r#"{"do":"context"}"#)
        .client_context(r#"{"custom":{"a":"b"}}"#)
        .trace_id("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let outcome = function.invoke(event).await.unwrap();
    let after = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let context = reply(&outcome);
    assert_eq!(context["request_id"], *outcome.request_id);
    let deadline = u128::from(context["deadline"].as_u64().unwrap());
    assert!((before + 7000..=after + 7000).contains(&deadline), "{deadline}");
    assert_eq!(context["arn"], *function.arn());
    assert!(function.arn().ends_with(":function:hello"));
    assert!(
        context["trace_id"]
            .as_str()
            .unwrap()
            .starts_with("Root=1-5759e988-")
    );
    assert_eq!(context["client_context"]["custom"], json!({"a": "b"}));
}

#[tokio::test]
async fn every_invocation_has_an_id_and_a_trace_of_its_own() {
    let function = start().await;
    let first = reply(&function.invoke(r#"{"do":"context"}"#).await.unwrap());
    let second = reply(&function.invoke(r#"{"do":"context"}"#).await.unwrap());
    assert_ne!(first["request_id"], second["request_id"]);
    assert_ne!(first["trace_id"], second["trace_id"]);
    assert_eq!(first["request_id"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn an_error_is_the_functions_own() {
    let function = start().await;
    let outcome = function
        .invoke(r#"{"do":"error","type":"UnroutedEvent","message":"sqs"}"#)
        .await
        .unwrap();
    assert_eq!(error(&outcome), ("UnroutedEvent", "sqs"));
    let payload: Value = serde_json::from_slice(&outcome.result.unwrap_err().payload).unwrap();
    assert_eq!(payload["errorMessage"], "sqs");
}

#[tokio::test]
async fn a_panic_does_not_end_the_process() {
    let function = start().await;
    let pid = function.pid();
    let outcome = function.invoke(r#"{"do":"panic"}"#).await.unwrap();
    assert!(error(&outcome).1.contains("as told"), "{outcome:?}");
    assert!(
        outcome.logs.iter().any(|line| line.contains("panicked")),
        "{:?}",
        outcome.logs
    );
    assert_eq!(function.pid(), pid);
}

#[tokio::test]
async fn payloads_that_are_not_json_reach_the_function() {
    let function = start().await;
    for payload in ["", "{", "\u{feff}{}", "nonsense"] {
        let outcome = function.invoke(payload).await.unwrap();
        assert!(outcome.result.is_err(), "{payload}");
    }
    assert_eq!(reply(&function.invoke("1").await.unwrap()), 1);
}

#[tokio::test]
async fn a_reply_over_the_limit_is_an_error_and_the_function_goes_on() {
    let function = start().await;
    let pid = function.pid();
    let outcome = function
        .invoke(r#"{"do":"large","bytes":7000000}"#)
        .await
        .unwrap();
    assert_eq!(error(&outcome).0, "Function.ResponseSizeTooLarge");
    assert!(error(&outcome).1.contains("(6291556 bytes)"), "{outcome:?}");
    let outcome = function
        .invoke(r#"{"do":"large","bytes":6291000}"#)
        .await
        .unwrap();
    assert_eq!(outcome.result.unwrap().len(), 6_291_002);
    assert_eq!(function.pid(), pid);
}

#[tokio::test]
async fn a_payload_over_the_limit_is_refused_and_one_at_it_is_not() {
    let function = start().await;
    let text = |size: usize| format!("\"{}\"", "x".repeat(size - 2));
    assert!(
        function
            .invoke(text(MAX_REQUEST + 1))
            .await
            .unwrap_err()
            .is_payload_too_large()
    );
    let outcome = function.invoke(text(MAX_REQUEST)).await.unwrap();
    assert_eq!(outcome.result.unwrap().len(), MAX_REQUEST);
}

#[tokio::test]
async fn a_wrong_id_is_refused() {
    let function = start().await;
    for end in ["response", "error"] {
        let path = format!("/2018-06-01/runtime/invocation/b1a4d2f0-0000-4000-8000-000000000000/{end}");
        let outcome = function
            .invoke(json!({"do": "post", "path": path, "body": "{}"}).to_string())
            .await
            .unwrap();
        let answer = reply(&outcome);
        assert_eq!(answer["status"], 400);
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["errorType"], "InvalidRequestID");
    }
}

#[tokio::test]
async fn a_second_answer_is_refused_and_the_first_one_counts() {
    let (lines, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let function = builder()
        .on_log(move |line| lines.send(line.to_owned()).unwrap())
        .start()
        .await
        .unwrap();
    let path = "/2018-06-01/runtime/invocation/{id}/response";
    let payload = json!({"do": "post", "path": path, "body": "\"first\""}).to_string();
    assert_eq!(reply(&function.invoke(payload).await.unwrap()), "first");
    // The runtime's own answer comes second, and its log says that it was refused.
    while !heard.recv().await.unwrap().contains("410") {}
    assert_eq!(reply(&function.invoke("2").await.unwrap()), 2);
}

#[tokio::test]
async fn a_late_answer_of_the_id_before_is_refused() {
    let function = start().await;
    let first = function.invoke("1").await.unwrap();
    let path = format!("/2018-06-01/runtime/invocation/{}/response", first.request_id);
    let payload = json!({"do": "post", "path": path, "body": "{}"}).to_string();
    assert_eq!(reply(&function.invoke(payload).await.unwrap())["status"], 410);
}

#[tokio::test]
async fn an_answer_with_the_id_of_another_attempt_is_refused() {
    let function = start().await;
    let path = "/2018-06-01/runtime/invocation/{id}/response";
    let stale = json!({"Lambda-Runtime-Invocation-Id": "b1a4d2f0-0000-4000-8000-000000000000"});
    let payload = json!({"do": "post", "path": path, "body": "1", "headers": stale});
    // The runtime's own answer has the right one and counts.
    let answer = reply(&function.invoke(payload.to_string()).await.unwrap());
    assert_eq!(answer["status"], 410);
    assert!(
        answer["body"].as_str().unwrap().contains("InvokeTimeout"),
        "{answer}"
    );
}

#[tokio::test]
async fn the_metadata_endpoint_names_the_zone_to_who_has_the_token() {
    let function = start().await;
    let path = "/2026-01-15/metadata/execution-environment";
    let get = |headers: Value| json!({"do": "post", "method": "GET", "path": path, "headers": headers});
    let with = json!({"Authorization": "Bearer $AWS_LAMBDA_METADATA_TOKEN"});
    let answer = reply(&function.invoke(get(with).to_string()).await.unwrap());
    assert_eq!(answer["status"], 200);
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert!(
        body["AvailabilityZoneID"].as_str().unwrap().ends_with("-az1"),
        "{body}"
    );
    let without = reply(&function.invoke(get(json!({})).to_string()).await.unwrap());
    assert_eq!(without["status"], 401);
}

#[tokio::test]
async fn an_invocation_ends_when_the_extension_that_flushes_has_flushed() {
    let function = Function::builder(example("flushing")).start().await.unwrap();
    for number in ["1", "2", "3"] {
        let outcome = function.invoke(number).await.unwrap();
        assert_eq!(outcome.result.unwrap(), number);
        assert_eq!(outcome.logs, [format!("flushed {}", outcome.request_id)]);
    }
}

#[tokio::test]
async fn an_extension_inside_the_process_receives_no_shutdown_event_and_registers_before_the_first_poll() {
    let answers = |events: Value| async move {
        let function = builder().env("ECHO_REGISTER", json!({"events": events}).to_string());
        let function = function.start().await.unwrap();
        let headers = json!({"Lambda-Extension-Name": "late"});
        let path = "/2020-01-01/extension/register";
        let late = json!({"do": "post", "path": path, "headers": headers, "body": r#"{"events":[]}"#});
        let late = reply(&function.invoke(late.to_string()).await.unwrap());
        let registered = function.invoke(r#"{"do":"registered"}"#).await.unwrap();
        (reply(&registered), late)
    };
    for (events, status) in [
        (json!(["SHUTDOWN"]), 403),
        (json!(["INVOKE", "SHUTDOWN"]), 403),
        (json!([]), 200),
    ] {
        let (registered, late) = answers(events).await;
        assert_eq!(registered["status"], status, "{registered}");
        assert!(
            late["status"] == 403
                && late["body"]
                    .as_str()
                    .unwrap()
                    .contains("Extension.RegistrationClosed"),
            "{late}"
        );
    }
}

#[tokio::test]
async fn other_paths_and_methods_do_not_exist() {
    let function = start().await;
    for (path, status) in [
        ("/", 404),
        ("/2018-06-01/runtime/invocation/next", 405),
        ("/2018-06-01/runtime/x", 404),
    ] {
        let payload = json!({"do": "post", "path": path, "body": ""}).to_string();
        assert_eq!(
            reply(&function.invoke(payload).await.unwrap())["status"],
            status,
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_extension_has_a_name_and_other_paths_and_methods_of_extensions_do_not_exist() {
    let function = start().await;
    for (path, body, status) in [
        ("/2020-01-01/extension/register", r#"{"events":[]}"#, 403),
        ("/2020-01-01/extension/event/next", "", 405),
        ("/2020-01-01/extension/x", "", 404),
        ("/2018-06-01/runtime/restore/next", "", 405),
    ] {
        let payload = json!({"do": "post", "path": path, "body": body}).to_string();
        let answer = reply(&function.invoke(payload).await.unwrap());
        assert_eq!(answer["status"], status, "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_stream_arrives_whole_with_its_prelude() {
    let function = start().await;
    let outcome = function.invoke(r#"{"do":"stream"}"#).await.unwrap();
    let stream = outcome.result.unwrap();
    assert!(stream.ends_with(b"\0\0\0\0\0\0\0\0one,two"), "{stream:?}");
    let ResponseMode::Streaming { content_type } = outcome.mode else {
        panic!("not a stream");
    };
    assert_eq!(
        content_type,
        "application/vnd.awslambda.http-integration-response"
    );
}

#[tokio::test]
async fn a_stream_that_fails_midway_carries_its_error_in_trailers() {
    let function = start().await;
    // base64 of {"errorType":"Mine","errorMessage":"broken midway"}
    let error_body = "eyJlcnJvclR5cGUiOiJNaW5lIiwiZXJyb3JNZXNzYWdlIjoiYnJva2VuIG1pZHdheSJ9";
    let chunks = format!(
        "3\r\none\r\n0\r\nLambda-Runtime-Function-Error-Type: Runtime.StreamError\r\n\
         Lambda-Runtime-Function-Error-Body: {error_body}\r\n\r\n"
    );
    let path = "/2018-06-01/runtime/invocation/{id}/response";
    let payload = json!({"do": "post", "path": path, "body": chunks, "chunked": true}).to_string();
    let outcome = function.invoke(payload).await.unwrap();
    assert_eq!(error(&outcome), ("Mine", "broken midway"));
}
