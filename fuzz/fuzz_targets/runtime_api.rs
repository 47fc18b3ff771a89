//! The Runtime API: whatever headers an event comes with, it reaches its handler as it was sent, and its answer has an address; and
//! whatever error a function reports, it is one.

#![no_main]

use bytes::Bytes;
use http::HeaderMap;
use lambda_sandbox::FunctionError;
use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use switchboard::fuzzing::{polled, written};
use switchboard_fuzz::Message;

fuzz_target!(|data: &[u8]| {
    let Some(Message { line, headers, body }) = Message::read(data) else {
        return;
    };
    poll(&headers, body);
    let error = FunctionError::reported(Bytes::copy_from_slice(body), Some(line));
    assert!(!error.to_string().is_empty(), "an error says something");
});

fn poll(headers: &HeaderMap, body: &[u8]) {
    let bytes = |name: &str| headers.get(name).map(|value| value.as_bytes().to_vec());
    let text = |name: &str| bytes(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let (to, event) = polled(headers.clone(), Bytes::copy_from_slice(body));
    let context = &event.context;

    let id = bytes("lambda-runtime-aws-request-id").filter(|id| !id.is_empty());
    let decoded = to.as_ref().map(|to| percent_decode_str(to).collect::<Vec<u8>>());
    assert_eq!(decoded, id, "the id is read back");
    if let Some(to) = to {
        let path = format!("/2018-06-01/runtime/invocation/{to}/response");
        let uri: http::Uri = path.parse().expect("it is a path");
        assert_eq!(
            (uri.path().split('/').count(), uri.query()),
            (6, None),
            "one segment"
        );
    }

    assert_eq!(
        context.request_id,
        text("lambda-runtime-aws-request-id").unwrap_or_default()
    );
    assert_eq!(
        context.invoked_function_arn,
        text("lambda-runtime-invoked-function-arn").unwrap_or_default()
    );
    assert_eq!(context.xray_trace_id, text("lambda-runtime-trace-id"));
    assert_eq!(context.tenant_id, text("lambda-runtime-aws-tenant-id"));
    let deadline = text("lambda-runtime-deadline-ms").and_then(|text| text.trim().parse().ok());
    assert_eq!(context.deadline, deadline.unwrap_or(0));
    // The moment of any deadline can be reckoned.
    let _ = context.deadline();
    sent(headers, context);

    let lines = written(context, true, || tracing::info!("here"));
    for line in String::from_utf8(lines).expect("lines are UTF-8").lines() {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        assert_eq!(line["function_request_id"], *context.request_id);
    }
    let payload = event.payload.into_bytes();
    assert_eq!(payload, body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body));
}

/// What the caller sent beside the event: texts of an object stay what they are.
fn sent(headers: &HeaderMap, context: &lambda_runtime::Context) {
    let json = |name: &str| -> Option<Value> { serde_json::from_slice(headers.get(name)?.as_bytes()).ok() };
    let Some(client) = json("lambda-runtime-client-context") else {
        return;
    };
    if !client.is_object() {
        assert!(context.client_context.is_none());
        return;
    }
    let read = context.client_context.as_ref().expect("it is an object");
    let Some(custom) = client["custom"].as_object() else {
        return;
    };
    assert_eq!(custom.len(), read.custom.len());
    for (name, value) in custom {
        match value.as_str() {
            Some(text) => assert_eq!(read.custom[name], text),
            None => assert!(serde_json::from_str::<Value>(&read.custom[name]).is_ok()),
        }
    }
}
