//! Responses that are sent while they are produced, by the example, through the Runtime API.

use lambda_sandbox::{Builder, Chunks, Function, FunctionError, Outcome, Reply};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use switchboard::testing::Http;
use switchboard_test_support::example;

fn streaming(fronts: &str) -> Builder {
    Function::builder(example("streaming"))
        .env("SWITCHBOARD_RESPONSE_STREAM", fronts)
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .env("RUST_BACKTRACE", "0")
}

async fn started(builder: Builder) -> Arc<Function> {
    Arc::new(builder.start().await.unwrap())
}

/// What a response begins with, and the stream of its body.
async fn begun(function: &Arc<Function>, request: String) -> (Value, Vec<u8>, Chunks) {
    let reply = Arc::clone(function).invoke_streaming(request).await.unwrap();
    let Reply::Streamed {
        content_type,
        mut chunks,
    } = reply
    else {
        panic!("not streamed: {reply:?}");
    };
    assert_eq!(
        content_type,
        "application/vnd.awslambda.http-integration-response"
    );
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(8).position(|window| window == [0; 8]) {
            let prelude = serde_json::from_slice(&read[..end]).unwrap();
            return (prelude, read.split_off(end + 8), chunks);
        }
        read.extend_from_slice(&chunks.next().await.unwrap().unwrap());
    }
}

/// The rest of a body, and why it has no end if it has none.
async fn rest(mut body: Vec<u8>, mut chunks: Chunks) -> (Vec<u8>, Option<FunctionError>, Outcome) {
    let mut error = None;
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(failed) => error = Some(failed),
        }
    }
    (body, error, chunks.outcome().await.unwrap())
}

#[tokio::test]
async fn events_are_sent_one_by_one_with_status_and_headers_first() {
    let function = started(streaming("function_url")).await;
    let (prelude, body, mut chunks) = begun(&function, Http::get("/ticks").function_url().to_json()).await;
    assert_eq!(prelude["statusCode"], 200);
    assert_eq!(prelude["headers"]["content-type"], "text/event-stream");
    assert_eq!(prelude["cookies"], serde_json::json!([]));
    let mut events = vec![body];
    while let Some(chunk) = chunks.next().await {
        events.push(chunk.unwrap().to_vec());
    }
    events.retain(|event| !event.is_empty());
    assert_eq!(
        events,
        [b"data: 1\n\n", b"data: 2\n\n", b"data: 3\n\n"].map(Vec::from)
    );
    let outcome = chunks.outcome().await.unwrap();
    // What the body logs belongs to the invocation.
    let ticks = outcome.logs.iter().filter(|line| line.contains("\"tick\""));
    let of_invocation = ticks.filter(|line| line.contains(&outcome.request_id));
    assert_eq!(of_invocation.count(), 3, "{:?}", outcome.logs);
}

#[tokio::test]
async fn a_rest_api_gets_lists_of_values_and_a_front_that_is_not_declared_the_whole_response() {
    let function = started(streaming("rest_api")).await;
    let (prelude, body, chunks) = begun(&function, Http::get("/ticks").rest().to_json()).await;
    let types = &prelude["multiValueHeaders"]["content-type"];
    assert_eq!(types, &serde_json::json!(["text/event-stream"]));
    let whole = rest(body, chunks).await.0;
    assert_eq!(whole, b"data: 1\n\ndata: 2\n\ndata: 3\n\n");
    for request in [
        Http::get("/ticks").function_url(),
        Http::get("/ticks"),
        Http::get("/ticks").alb(),
    ] {
        let outcome = function.invoke(request.to_json()).await.unwrap();
        let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
        assert_eq!(reply["body"], "data: 1\n\ndata: 2\n\ndata: 3\n\n");
    }
}

#[tokio::test]
async fn what_goes_wrong_before_the_response_is_a_problem_document_as_elsewhere() {
    let function = started(streaming("function_url")).await;
    let (prelude, body, chunks) = begun(&function, Http::get("/none").function_url().to_json()).await;
    assert_eq!(prelude["statusCode"], 404);
    assert_eq!(rest(body, chunks).await.0, b"");
    let (prelude, body, chunks) =
        begun(&function, Http::get(&"/".repeat(70_000)).function_url().to_json()).await;
    assert_eq!(prelude["statusCode"], 414);
    assert_eq!(prelude["headers"]["content-type"], "application/problem+json");
    let problem: Value = serde_json::from_slice(&rest(body, chunks).await.0).unwrap();
    assert_eq!(problem["status"], 414);
}

#[tokio::test]
async fn what_goes_wrong_midway_fails_the_invocation_with_the_reason_and_one_line() {
    let builder = streaming("function_url").timeout(Duration::from_secs(2));
    for builder in [builder.clone(), builder.max_concurrency(2)] {
        let function = started(builder).await;
        for (then, reason) in [
            ("fail", "the database is gone"),
            ("panic", "the HTTP service panicked: as told"),
            ("hang", "time ran out"),
        ] {
            let request = Http::get("/half").query("then", then).function_url().to_json();
            let (prelude, body, chunks) = begun(&function, request).await;
            assert_eq!(prelude["statusCode"], 200);
            let (body, error, outcome) = rest(body, chunks).await;
            assert_eq!(body, b"first half\n");
            let error = error.unwrap();
            assert_eq!(error.error_type, "StreamFailed");
            assert!(error.message.contains(reason), "{error}");
            let lines = outcome.logs.iter().filter(|line| line.contains("\"ERROR\""));
            let lines: Vec<_> = lines.collect();
            assert!(lines.len() == 1 && lines[0].contains(reason), "{then}: {lines:?}");
        }
        // The process goes on.
        let (_, body, chunks) = begun(
            &function,
            Http::get("/file")
                .query("megabytes", "1")
                .function_url()
                .to_json(),
        )
        .await;
        assert_eq!(rest(body, chunks).await.0.len(), 1 << 20);
    }
}

#[tokio::test]
async fn a_head_request_has_no_body() {
    let function = started(streaming("function_url")).await;
    let request = Http::get("/file")
        .query("megabytes", "1")
        .function_url()
        .to_json();
    let request = request.replace(r#""GET""#, r#""HEAD""#);
    let (prelude, body, chunks) = begun(&function, request).await;
    assert_eq!(prelude["statusCode"], 200);
    assert_eq!(rest(body, chunks).await.0, b"");
}

#[tokio::test]
async fn a_large_file_takes_the_memory_of_a_small_one() {
    let peak = async |megabytes: &str| {
        let function = started(streaming("function_url")).await;
        let request = Http::get("/file")
            .query("megabytes", megabytes)
            .function_url()
            .to_json();
        let (_, body, mut chunks) = begun(&function, request).await;
        let mut size = body.len();
        while let Some(chunk) = chunks.next().await {
            size += chunk.unwrap().len();
        }
        assert_eq!(size, megabytes.parse::<usize>().unwrap() << 20);
        function.peak_memory().unwrap()
    };
    let (small, large) = (peak("1").await, peak("100").await);
    assert!(large * 10 <= small * 13, "{large} bytes, and {small} for 1 MB");
}

/// What comes of a payload of one's own, why it has no end if it has none, and how it went.
async fn report(function: &Arc<Function>, payload: &str) -> (String, String, Option<FunctionError>, Outcome) {
    let reply = Arc::clone(function)
        .invoke_streaming(payload.to_owned())
        .await
        .unwrap();
    let Reply::Streamed { content_type, chunks } = reply else {
        panic!("not streamed: {reply:?}");
    };
    let (body, error, outcome) = rest(Vec::new(), chunks).await;
    (content_type, String::from_utf8(body).unwrap(), error, outcome)
}

#[tokio::test]
async fn a_payload_of_ones_own_is_answered_with_the_bytes_of_a_stream() {
    let function = started(streaming("")).await;
    let (content_type, body, error, outcome) = report(&function, r#"{"rows":3}"#).await;
    assert_eq!(
        (&*content_type, &*body),
        ("application/octet-stream", "row 0\nrow 1\nrow 2\n")
    );
    assert!(error.is_none(), "{error:?}");
    // What the stream logs belongs to the invocation.
    let rows = outcome.logs.iter().filter(|line| line.contains("\"row\""));
    let of_invocation = rows.filter(|line| line.contains(&outcome.request_id));
    assert_eq!(of_invocation.count(), 3, "{:?}", outcome.logs);
    assert_eq!(report(&function, r#"{"rows":0}"#).await.1, "");
    // Who asks for the whole gets it.
    let outcome = function.invoke(r#"{"rows":2}"#).await.unwrap();
    assert_eq!(outcome.result.unwrap(), "row 0\nrow 1\n");
}

#[tokio::test]
async fn what_goes_wrong_before_a_stream_is_an_ordinary_failure() {
    let function = started(streaming("")).await;
    for (payload, error_type, message) in [
        (r#"{"rows":"x"}"#, "HandlerFailed", "unreadable at `rows`"),
        (r#"{"rows":2000000}"#, "TooLong", "at most a million rows"),
    ] {
        let error = function.invoke(payload).await.unwrap().result.unwrap_err();
        assert_eq!(error.error_type, error_type);
        assert!(error.message.contains(message), "{error}");
    }
}

#[tokio::test]
async fn what_goes_wrong_in_a_stream_follows_its_last_piece_with_one_line() {
    let builder = streaming("").timeout(Duration::from_secs(2));
    for builder in [builder.clone(), builder.max_concurrency(2)] {
        let function = started(builder).await;
        for (then, error_type, reason) in [
            ("fail", "StreamFailed", "the database is gone"),
            ("decline", "Declined", "no more for you"),
            ("panic", "StreamFailed", "the stream panicked: as told"),
            ("hang", "StreamFailed", "time ran out"),
        ] {
            let payload = format!(r#"{{"rows":1,"then":"{then}"}}"#);
            let (_, body, error, outcome) = report(&function, &payload).await;
            let error = error.unwrap();
            assert_eq!((&*body, &*error.error_type), ("row 0\n", error_type));
            assert!(error.message.contains(reason), "{error}");
            let lines = outcome.logs.iter().filter(|line| line.contains("\"ERROR\""));
            let lines: Vec<_> = lines.collect();
            assert!(lines.len() == 1 && lines[0].contains(reason), "{then}: {lines:?}");
        }
    }
}

/// What the function says of its routes.
fn described(example_name: &str, fronts: &str) -> Value {
    let output = std::process::Command::new(example(example_name))
        .env("SWITCHBOARD_DESCRIBE", "1")
        .env("SWITCHBOARD_RESPONSE_STREAM", fronts)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_function_says_which_of_its_routes_stream() {
    for (fronts, streams) in [
        ("", &["unknown"][..]),
        ("function_url", &["function_url", "unknown"]),
        ("rest_api", &["api_gateway_rest", "unknown"]),
    ] {
        let described = described("streaming", fronts);
        let routes = described["routes"].as_array().unwrap();
        let streaming = routes.iter().filter(|route| route["streams"] == true);
        let mut sources: Vec<_> = streaming.map(|route| route["source"].as_str().unwrap()).collect();
        sources.sort_unstable();
        assert_eq!(sources, streams, "{fronts}");
        assert!(routes.iter().all(|route| route["streams"] != false), "{routes:?}");
    }
}

#[tokio::test]
async fn a_variable_that_names_no_front_is_an_error_at_start() {
    let error = streaming("everywhere").start().await.unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("SWITCHBOARD_RESPONSE_STREAM") && message.contains("function_url"),
        "{message}"
    );
}
