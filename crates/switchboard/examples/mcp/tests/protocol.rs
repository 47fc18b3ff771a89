//! The protocol, as a client speaks it to a function URL: through the Runtime API, without sessions.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

use lambda_sandbox::{Function, Reply};
use serde_json::{Value, json};
use std::sync::Arc;
use switchboard::testing::Http;

async fn server(fronts: &str) -> Arc<Function> {
    let builder = Function::builder(env!("CARGO_BIN_EXE_switchboard-mcp"));
    let started = builder.env("SWITCHBOARD_RESPONSE_STREAM", fronts).start().await;
    Arc::new(started.unwrap())
}

fn request(message: &Value) -> String {
    let request = Http::post("/mcp").json(message).function_url();
    let request = request.header("accept", "application/json, text/event-stream");
    request.header("mcp-protocol-version", "2025-06-18").to_json()
}

fn call(tool: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": tool, "arguments": arguments,
        "_meta": {"progressToken": "p"}}})
}

/// The answer of a function whose replies are sent whole.
async fn answered(function: &Function, message: &Value) -> Value {
    let outcome = function.invoke(request(message)).await.unwrap();
    let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
    assert_eq!(reply["statusCode"], 200, "{reply}");
    assert!(reply["headers"].get("mcp-session-id").is_none(), "{reply}");
    serde_json::from_str(reply["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn an_agent_finds_the_tools_and_calls_them() {
    let function = server("").await;
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18",
        "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}});
    let welcome = answered(&function, &hello).await;
    assert_eq!(welcome["result"]["protocolVersion"], "2025-06-18", "{welcome}");
    // No process has seen this client before.
    function.restart().await.unwrap();
    let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
    let listed = answered(&function, &list).await;
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["lookup_payment", "settle_payments"]);
    let payment = &tools[0]["inputSchema"]["properties"]["payment"];
    assert_eq!(payment["description"], "The payment's id, such as `p-17`.");
    let state = answered(&function, &call("lookup_payment", &json!({"payment": "p-17"}))).await;
    let expected = json!({"payment": "p-17", "state": "settled"});
    assert_eq!(state["result"]["structuredContent"], expected, "{state}");
    let refused = answered(&function, &call("lookup_payment", &json!({"payment": "x"}))).await;
    assert_eq!(refused["result"]["isError"], true, "{refused}");
    assert_eq!(
        refused["result"]["content"][0]["text"],
        "ids of payments begin with p-"
    );
}

#[tokio::test]
async fn progress_is_streamed_before_the_result() {
    let function = server("function_url").await;
    let call = call("settle_payments", &json!({"payments": ["p-1", "p-2"]}));
    let reply = Arc::clone(&function)
        .invoke_streaming(request(&call))
        .await
        .unwrap();
    let Reply::Streamed { mut chunks, .. } = reply else {
        panic!("not streamed: {reply:?}");
    };
    let mut whole = Vec::new();
    while let Some(chunk) = chunks.next().await {
        whole.extend_from_slice(&chunk.unwrap());
    }
    let text = String::from_utf8_lossy(&whole);
    let places = [r#""progress":1"#, r#""progress":2"#, r#""settled":2"#].map(|said| text.find(said));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
}
