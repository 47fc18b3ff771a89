//! Durable executions, through a function that speaks their protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lambda_sandbox::http::PayloadFormat;
use lambda_sandbox::{Durable, DurableSettings, Function, Gateway};
use serde_json::{Value, json};
use switchboard_test_support::client::{self, Reply, send};
use switchboard_test_support::example;
use tokio::net::TcpListener;
use tokio::time::timeout;

/// A served service.
struct Served {
    address: SocketAddr,
    durable: Arc<Durable>,
}

/// Serves the workflow with an hour in a hundredth of a second.
async fn serve() -> Served {
    serve_with(|settings| settings.time_scale(360_000.0)).await
}

async fn serve_with(set: impl FnOnce(DurableSettings) -> DurableSettings) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let function = Function::builder(example("workflow"))
        .durable_at(address)
        .max_environments(4)
        .timeout(Duration::from_secs(30))
        .start();
    let function = Arc::new(function.await.unwrap());
    let durable = Arc::new(Durable::new(Arc::clone(&function), set(DurableSettings::new())));
    let gateway = Gateway::new(function, PayloadFormat::Http).durable(Arc::clone(&durable));
    tokio::spawn(gateway.serve(listener));
    Served { address, durable }
}

impl Served {
    async fn invoke(&self, headers: &[(&str, &str)], payload: Value) -> Reply {
        let line = "POST /2015-03-31/functions/any/invocations";
        send(self.address, line, headers, payload.to_string().as_bytes()).await
    }

    async fn get(&self, path: &str) -> Value {
        let reply = send(self.address, &format!("GET /2025-12-01/{path}"), &[], b"").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    async fn post(&self, path: &str, body: &str) -> Reply {
        send(
            self.address,
            &format!("POST /2025-12-01/{path}"),
            &[],
            body.as_bytes(),
        )
        .await
    }

    /// Starts an execution that nobody waits for, and returns its ARN.
    async fn start(&self, payload: Value) -> String {
        let reply = self.invoke(&[("x-amz-invocation-type", "Event")], payload).await;
        assert_eq!(reply.status, 202);
        arn(&reply)
    }

    /// Waits until the history of an execution has an event of this type.
    async fn event(&self, arn: &str, event_type: &str) -> Value {
        let path = format!("durable-executions/{arn}/history?IncludeExecutionData=true&ReverseOrder=true");
        let found = async {
            loop {
                let history = self.get(&path).await;
                let events = history["Events"].as_array().unwrap();
                if let Some(event) = events.iter().find(|event| event["EventType"] == event_type) {
                    return event.clone();
                }
            }
        };
        timeout(Duration::from_secs(20), found).await.unwrap()
    }
}

fn arn(reply: &Reply) -> String {
    reply.header("x-amz-durable-execution-arn").unwrap().to_owned()
}

#[tokio::test]
async fn a_caller_waits_for_the_end_of_the_execution() {
    let served = serve().await;
    let reply = served
        .invoke(
            &[("x-amz-log-type", "Tail")],
            json!({"do": ["step", "wait", "step"]}),
        )
        .await;
    assert_eq!((reply.status, reply.header("x-amz-function-error")), (200, None));
    let operations = reply.json();
    assert_eq!(operations[0]["StepDetails"], json!({"Attempt": 1, "Result": "1"}));
    assert_eq!(operations[1]["Status"], "SUCCEEDED");

    let arn = arn(&reply);
    let described = served.get(&format!("durable-executions/{arn}")).await;
    assert_eq!(described["Status"], "SUCCEEDED");
    assert_eq!(described["InputPayload"], r#"{"do":["step","wait","step"]}"#);
    let list = served
        .get("functions/workflow/durable-executions?Statuses=SUCCEEDED")
        .await;
    assert_eq!(list["DurableExecutions"][0]["DurableExecutionArn"], arn);
    let none = served
        .get("functions/workflow/durable-executions?Statuses=FAILED")
        .await;
    assert_eq!(none, json!({"DurableExecutions": []}));
}

#[tokio::test]
async fn time_jumps_to_the_next_timer() {
    let served = serve_with(|settings| settings).await;
    let arn = served.start(json!({"do": ["wait"], "wait": 86_400})).await;
    served.event(&arn, "InvocationCompleted").await;
    let jumped = served.post("durable-clock/next-timer", "").await.json();
    assert!(jumped["SkippedSeconds"].as_f64().unwrap() > 86_000.0, "{jumped}");
    served.event(&arn, "ExecutionSucceeded").await;
    assert_eq!(
        served.post("durable-clock/next-timer", "").await.json(),
        json!({})
    );
}

#[tokio::test]
async fn a_callback_is_completed_from_outside() {
    let served = serve_with(|settings| settings).await;
    let arn = served.start(json!({"do": ["callback"]})).await;
    let started = served.event(&arn, "CallbackStarted").await;
    let id = started["CallbackStartedDetails"]["CallbackId"].as_str().unwrap();
    let path = format!("durable-execution-callbacks/{id}");
    assert_eq!(served.post(&format!("{path}/heartbeat"), "").await.status, 200);
    assert_eq!(
        served
            .post(&format!("{path}/succeed"), "\"paid \u{e9}\"")
            .await
            .status,
        200
    );
    let ended = served.event(&arn, "CallbackSucceeded").await;
    assert_eq!(
        ended["CallbackSucceededDetails"]["Result"]["Payload"],
        "\"paid \u{e9}\""
    );
    let again = served.post(&format!("{path}/fail"), "{}").await;
    assert_eq!(
        (again.status, again.header("x-amzn-errortype")),
        (404, Some("ResourceNotFoundException"))
    );
    served.event(&arn, "ExecutionSucceeded").await;
}

#[tokio::test]
async fn a_name_starts_one_execution() {
    let served = serve().await;
    let named = [
        ("x-amz-durable-execution-name", "order-7"),
        ("x-amz-invocation-type", "Event"),
    ];
    let first = served.invoke(&named, json!({"do": ["wait"]})).await;
    let again = served.invoke(&named[..1], json!({"do": ["wait"]})).await;
    assert_eq!(arn(&first), arn(&again));
    assert_eq!(again.json()[0]["Status"], "SUCCEEDED");
    let other = served.invoke(&named, json!({"do": []})).await;
    let refused = (other.status, other.header("x-amzn-errortype"));
    assert_eq!(refused, (409, Some("DurableExecutionAlreadyStartedException")));
    let bad = served
        .invoke(&[("x-amz-durable-execution-name", "a b")], json!({}))
        .await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn a_process_that_dies_is_started_again() {
    let served = serve().await;
    let reply = served
        .invoke(&[], json!({"do": ["wait", "step"], "exit": 1}))
        .await;
    assert_eq!(reply.header("x-amz-function-error"), None, "{reply:?}");
    assert_eq!(reply.json()[1]["StepDetails"]["Attempt"], 1);
    let history = served
        .get(&format!(
            "durable-executions/{}/history?IncludeExecutionData=true",
            arn(&reply)
        ))
        .await;
    let events = history["Events"].as_array().unwrap();
    let crashed = |event: &&Value| {
        let error = &event["InvocationCompletedDetails"]["Error"]["Payload"];
        error["ErrorType"] == "Runtime.ExitError"
    };
    assert_eq!(events.iter().filter(crashed).count(), 1);
}

#[tokio::test]
async fn a_function_that_always_dies_fails_the_execution() {
    let served = serve().await;
    let reply = served.invoke(&[], json!({"do": ["wait"], "exit": 0})).await;
    assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(reply.json()["errorType"], "Runtime.ExitError");
    assert_eq!(
        served.get(&format!("durable-executions/{}", arn(&reply))).await["Status"],
        "FAILED"
    );
}

#[tokio::test]
async fn large_inputs_and_results_pass() {
    let served = serve().await;
    let padding = "x".repeat(5 << 20);
    let reply = served
        .invoke(
            &[],
            json!({"do": ["step"], "large": 6_000_000, "padding": padding}),
        )
        .await;
    assert_eq!((reply.status, reply.body.len()), (200, 6_000_000));
}

#[tokio::test]
async fn functions_invoke_each_other() {
    let echo = Arc::new(client::builder().name("echo").start().await.unwrap());
    let served = serve_with(|settings| settings.plain_function(echo)).await;
    let reply = served
        .invoke(&[], json!({"do": ["itself", "echo:$LATEST"]}))
        .await;
    let operations = reply.json();
    let result = |n: usize| -> Value {
        let result = operations[n]["ChainedInvokeDetails"]["Result"].as_str();
        serde_json::from_str(result.unwrap_or_else(|| panic!("{operations}"))).unwrap()
    };
    assert_eq!(result(0)[0]["StepDetails"]["Attempt"], 1);
    assert_eq!(result(1), json!({"do": ["step"]}));
    let plain = send(
        served.address,
        "POST /2015-03-31/functions/echo/invocations",
        &[],
        b"[1]",
    )
    .await;
    assert_eq!(
        (plain.json(), plain.header("x-amz-durable-execution-arn")),
        (json!([1]), None)
    );
    let listed = send(served.address, "GET /2015-03-31/functions/", &[], b"")
        .await
        .json();
    assert!(listed["Functions"][0]["DurableConfig"].is_object(), "{listed}");
    assert_eq!(listed["Functions"][1]["DurableConfig"], Value::Null);
}

#[tokio::test]
async fn an_execution_is_stopped() {
    let served = serve_with(|settings| settings).await;
    let arn = served.start(json!({"do": ["wait"]})).await;
    let stopped = served
        .post(
            &format!("durable-executions/{arn}/stop"),
            r#"{"ErrorMessage":"enough"}"#,
        )
        .await;
    assert!(stopped.json()["StopTimestamp"].is_number());
    let described = served.get(&format!("durable-executions/{arn}")).await;
    assert_eq!(
        (&described["Status"], &described["Error"]),
        (&json!("STOPPED"), &json!({"ErrorMessage": "enough"}))
    );
}

#[tokio::test]
async fn requests_that_the_api_refuses_have_its_errors() {
    let served = serve_with(|settings| settings).await;
    let arn = served.start(json!({"do": ["wait"]})).await;
    served.event(&arn, "InvocationCompleted").await;
    let checkpoint = format!("durable-executions/{arn}/checkpoint");
    let stale = r#"{"CheckpointToken":"b2xk","Updates":[]}"#;
    let long = format!(r#"{{"CheckpointToken":"{}"}}"#, "x".repeat(17 << 20));
    for (path, body, status, error_type) in [
        (&*checkpoint, stale, 400, "InvalidParameterValueException"),
        (&checkpoint, "{", 400, "InvalidParameterValueException"),
        (&checkpoint, &*long, 400, "InvalidParameterValueException"),
        (
            "durable-executions/none/checkpoint",
            stale,
            404,
            "ResourceNotFoundException",
        ),
        (
            "durable-execution-callbacks/none/succeed",
            "1",
            404,
            "ResourceNotFoundException",
        ),
    ] {
        let reply = served.post(path, body).await;
        assert_eq!(
            (reply.status, reply.header("x-amzn-errortype")),
            (status, Some(error_type)),
            "{path}"
        );
    }
    // The SDKs recognize it by its beginning, in different spellings.
    for (agent, text) in [
        ("Boto3/1.44", "Invalid checkpoint token"),
        ("aws-sdk-js/3", "Invalid Checkpoint Token"),
    ] {
        let line = format!("POST /2025-12-01/{checkpoint}");
        let reply = send(served.address, &line, &[("user-agent", agent)], stale.as_bytes()).await;
        assert!(
            reply.json()["message"].as_str().unwrap().starts_with(text),
            "{agent}"
        );
    }
    let line = format!("POST /2025-12-01/{checkpoint}");
    let of_page = [("origin", "https://evil.example")];
    let reply = send(served.address, &line, &of_page, stale.as_bytes()).await;
    assert_eq!(reply.status, 403);
}

#[tokio::test]
async fn http_requests_start_executions_too() {
    let served = serve().await;
    let reply = send(served.address, "GET /orders/7", &[], b"").await;
    assert_eq!((reply.status, reply.json()), (200, json!([])));
    assert!(
        served
            .durable
            .invoke(r#"{"do":["step"]}"#)
            .await
            .unwrap()
            .result
            .is_ok()
    );
}

#[tokio::test]
async fn a_function_without_the_service_has_no_executions() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = Gateway::new(Arc::new(client::start().await), PayloadFormat::Http);
    tokio::spawn(gateway.serve(listener));
    let named = [("x-amz-durable-execution-name", "order-7")];
    let reply = send(address, "POST /2015-03-31/functions/f/invocations", &named, b"{}").await;
    assert_eq!(
        (reply.status, reply.header("x-amzn-errortype")),
        (400, Some("InvalidParameterValueException"))
    );
    let reply = send(address, "GET /2025-12-01/durable-executions/a", &[], b"").await;
    assert_eq!(
        (reply.status, reply.header("x-amzn-errortype")),
        (404, Some("UnknownOperationException"))
    );
}
