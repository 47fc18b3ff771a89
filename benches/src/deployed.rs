//! The build that is deployed: how large it is, and how it calls DynamoDB.

use crate::payloads;
use crate::report::Report;
use crate::start;
use crate::target::Target;
use axum::Router;
use axum::extract::{Json, State};
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

/// How long a call takes, so that calls of the same moment meet.
const CALL: Duration = Duration::from_millis(5);

const MEGABYTE: u64 = 1_000_000;

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    // Nothing listens there: the client is made, and never used.
    start::deployed(report, "http://127.0.0.1:9").await?;
    let binary = std::fs::metadata(Target::Deployed(String::new()).path())?.len();
    report.at_most("deployed build, bytes of the binary", binary, 12 * MEGABYTE);
    calls(report).await
}

/// Calls so far, those under way, and the most there were at once.
#[derive(Default)]
struct Calls {
    all: u64,
    now: u64,
    most: u64,
}

type Shared = Arc<Mutex<Calls>>;

async fn calls(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let (what, overlap) = (
        "500 Kinesis records, calls of DynamoDB",
        "500 Kinesis records, rounds of such calls",
    );
    if !report.wants(what) && !report.wants(overlap) {
        return Ok(());
    }
    let calls = Shared::default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let table = Router::new()
        .route("/", post(answer))
        .with_state(Arc::clone(&calls));
    let table = tokio::spawn(async move { axum::serve(listener, table).await });
    let function = Target::Deployed(endpoint).builder().start().await?;
    let reply = function.invoke(payloads::kinesis(500, 200)).await?.result;
    function.shutdown().await;
    table.abort();
    let reply = reply.map_err(|error| error.to_string())?;
    if reply != r#"{"batchItemFailures":[]}"# {
        return Err(format!("500 Kinesis records were not kept: {reply:?}").into());
    }
    let calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
    report.at_most(what, calls.all, 12);
    // One after the other, there would be as many rounds as calls.
    report.at_most(overlap, calls.all / calls.most.max(1), calls.all / 2);
    Ok(())
}

/// A table that takes everything and holds nothing.
async fn answer(State(calls): State<Shared>, headers: HeaderMap, body: String) -> Json<Value> {
    let under_way = |more: bool| {
        let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.all += u64::from(more);
        calls.now = if more { calls.now + 1 } else { calls.now - 1 };
        calls.most = calls.most.max(calls.now);
    };
    under_way(true);
    tokio::time::sleep(CALL).await;
    under_way(false);
    let operation = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    match operation {
        Some(operation) if operation.ends_with(".BatchGetItem") => Json(json!({ "Responses": {} })),
        Some(operation) if operation.ends_with(".BatchExecuteStatement") => {
            let call: Value = serde_json::from_str(&body).unwrap_or_default();
            let statements = call["Statements"].as_array().map_or(0, Vec::len);
            Json(json!({ "Responses": vec![json!({}); statements] }))
        }
        Some(operation) if operation.ends_with(".UpdateItem") => {
            let call: Value = serde_json::from_str(&body).unwrap_or_default();
            Json(json!({ "Attributes": { "last": call["ExpressionAttributeValues"][":count"] } }))
        }
        _ => Json(json!({})),
    }
}
