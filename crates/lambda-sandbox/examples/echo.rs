//! A function for tests: does what the payload's `do` says, and echoes every other payload.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{Stream, stream};
use lambda_runtime::streaming::Response;
use lambda_runtime::{Diagnostic, Error, FunctionResponse, LambdaEvent, service_fn};
use serde_json::{Value, json};

type Chunks = Pin<Box<dyn Stream<Item = Result<String, Error>> + Send>>;
type Reply = FunctionResponse<Value, Chunks>;

/// How many times this process was invoked.
static COUNT: AtomicU64 = AtomicU64::new(0);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var_os("SWITCHBOARD_DESCRIBE").is_some() {
        let routes = json!({"routes": [{"source": "s3", "handler": "echo::handlers::s3::on_object"}]});
        return Ok(writeln!(std::io::stdout(), "{routes}")?);
    }
    say("starting");
    register();
    match std::env::var("ECHO_INIT").as_deref() {
        Ok("exit") => std::process::exit(3),
        Ok("hang") => std::future::pending().await,
        Ok("error") => {
            let (status, _) = post("/2018-06-01/runtime/init/error", INIT_ERROR);
            say(&format!("reported: {status}"));
            std::process::exit(1);
        }
        _ => lambda_runtime::run(service_fn(handle)).await,
    }
}

/// How the process was answered that registered as an extension at its start.
static REGISTERED: OnceLock<Value> = OnceLock::new();

/// Registers an extension inside this process, if `ECHO_REGISTER` has the body of the request.
fn register() {
    let Ok(body) = std::env::var("ECHO_REGISTER") else {
        return;
    };
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
    let target = "POST /2020-01-01/extension/register";
    let (status, body) = send(&api, target, "lambda-extension-name: echo\r\n", &body);
    let _ = REGISTERED.set(json!({"status": status, "body": body}));
}

const INIT_ERROR: &str =
    r#"{"errorType":"BadConfiguration","errorMessage":"SWITCHBOARD_STORE is odd","stackTrace":[]}"#;

async fn handle(event: LambdaEvent<Value>) -> Result<Reply, Diagnostic> {
    let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    let payload = from_headers(event.payload);
    let text = |key: &str| payload[key].as_str().unwrap_or_default().to_owned();
    let reply = match payload["do"].as_str() {
        Some("error") => return Err(error(&text("type"), &text("message"))),
        Some("panic") => panic!("as told"),
        Some("exit") => {
            say("exiting");
            std::process::exit(i32::try_from(payload["code"].as_i64().unwrap_or(1)).unwrap_or(1));
        }
        Some("abort") => std::process::abort(),
        Some("hang") => {
            // Tells the test that the invocation is running.
            let _connection = TcpStream::connect(text("connect"));
            std::future::pending().await
        }
        Some("meet") => {
            // Tells the test that the invocation is running, and waits until the test hangs up.
            let mut connection =
                TcpStream::connect(text("connect")).map_err(|e| error("Meet", &e.to_string()))?;
            let _ = connection.read(&mut [0]);
            context(&event.context, count)
        }
        Some("call") => {
            let target = "POST /2015-03-31/functions/f/invocations";
            let (_, body) = send(&text("address"), target, "", &payload["payload"].to_string());
            let reply = serde_json::from_str(&body).unwrap_or(Value::Null);
            json!({"pid": std::process::id(), "reply": reply})
        }
        Some("sleep") => {
            tokio::time::sleep(Duration::from_millis(payload["ms"].as_u64().unwrap_or(0))).await;
            json!("slept")
        }
        Some("large") => {
            json!("x".repeat(usize::try_from(payload["bytes"].as_u64().unwrap_or(0)).unwrap_or(0)))
        }
        Some("log") => {
            (0..payload["lines"].as_u64().unwrap_or(1))
                .for_each(|n| say(&format!("line {n} of {}", text("name"))));
            json!(null)
        }
        Some("write") => {
            let bytes: Vec<u8> = serde_json::from_value(payload["bytes"].clone()).unwrap_or_default();
            let mut out = std::io::stdout();
            // A failed write cannot be reported anywhere.
            let _ = out
                .write_all(text("text").as_bytes())
                .and_then(|()| out.write_all(&bytes))
                .and_then(|()| out.flush());
            json!(null)
        }
        Some("stream") => return Ok(FunctionResponse::StreamingResponse(streamed(&payload))),
        Some("flood") => return Ok(FunctionResponse::StreamingResponse(flood())),
        Some("registered") => REGISTERED.get().cloned().unwrap_or_default(),
        Some("context") => context(&event.context, count),
        Some("environment") => json!(std::env::vars().collect::<std::collections::BTreeMap<_, _>>()),
        Some("post") => {
            let path = text("path").replace("{id}", &event.context.request_id);
            let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
            let method = payload["method"].as_str().unwrap_or("POST");
            let headers = headers(&payload["headers"], payload["chunked"] == true);
            let (status, body) = send(&api, &format!("{method} {path}"), &headers, &text("body"));
            say(&format!("{status} {body}"));
            wait_for(payload["connect"].as_str().map(str::to_owned)).await;
            json!({"status": status, "body": body})
        }
        Some("reply") => payload["reply"].clone(),
        _ => payload,
    };
    Ok(FunctionResponse::BufferedResponse(reply))
}

/// The headers of an HTTP event say what to do: `x-echo-do` (with `x-echo-connect` and `x-echo-then`), `x-echo-reply` (a JSON reply), `x-echo-event` (the event as
/// the body of a structured reply).
fn from_headers(event: Value) -> Value {
    if let Some(told) = authorizer(&event) {
        return told;
    }
    let header = |name: &str| event["headers"][name].as_str().map(str::to_owned);
    if let Some(what) = header("x-echo-do") {
        return json!({"do": what, "connect": header("x-echo-connect"), "then": header("x-echo-then")});
    }
    let reply = header("x-echo-reply").and_then(|reply| serde_json::from_str::<Value>(&reply).ok());
    let body = header("x-echo-event").map(|_| json!({"statusCode": 200, "body": event.to_string()}));
    match reply.or(body) {
        Some(reply) => json!({"do": "reply", "reply": reply}),
        None => event,
    }
}

/// What an authorizer is told to do: by the header `x-echo-authorizer`, or by the token. With `question` it lets the request through and
/// says what it was asked.
fn authorizer(event: &Value) -> Option<Value> {
    event["type"]
        .as_str()
        .filter(|kind| matches!(*kind, "REQUEST" | "TOKEN"))?;
    let header = event["headers"]["x-echo-authorizer"].as_str();
    let told = header.or(event["authorizationToken"].as_str())?;
    let told: Value = serde_json::from_str(told).ok()?;
    if told["do"] != "question" {
        return Some(told);
    }
    let everything = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"});
    let reply = json!({
        "isAuthorized": true,
        "principalId": "somebody",
        "policyDocument": {"Version": "2012-10-17", "Statement": [everything]},
        "context": {"question": event.to_string()},
    });
    Some(json!({"do": "reply", "reply": reply}))
}

fn context(context: &lambda_runtime::Context, count: u64) -> Value {
    json!({
        "count": count,
        "pid": std::process::id(),
        "request_id": context.request_id,
        "deadline": context.deadline,
        "arn": context.invoked_function_arn,
        "trace_id": context.xray_trace_id,
        "client_context": context.client_context,
        "tenant": context.tenant_id,
        "name": context.env_config.function_name,
        "memory": context.env_config.memory,
    })
}

/// A streamed HTTP reply of two chunks. With `connect` it waits between them until the test hangs up; with `then` it exits in
/// place of the second one.
fn streamed(payload: &Value) -> Response<Chunks> {
    let connect = payload["connect"].as_str().map(str::to_owned);
    let exits = payload["then"] == "exit";
    let chunks = stream::unfold(0, move |number| {
        let connect = connect.clone();
        async move {
            match number {
                0 => Some((Ok("one,".to_owned()), 1)),
                1 => {
                    wait_for(connect).await;
                    if exits {
                        std::process::exit(1);
                    }
                    Some((Ok("two".to_owned()), 2))
                }
                _ => None,
            }
        }
    });
    let mut response = Response::from(Box::pin(chunks) as Chunks);
    response.metadata_prelude.status_code = http::StatusCode::CREATED;
    response.metadata_prelude.cookies = vec!["a=1".to_owned()];
    response
}

/// A streamed reply of 100 MB.
fn flood() -> Response<Chunks> {
    let chunks = (0..1600).map(|_| Ok("x".repeat(1 << 16)));
    Response::from(Box::pin(stream::iter(chunks)) as Chunks)
}

/// Tells the test that the function has come this far, and waits until the test hangs up. What was sent before is passed on meanwhile.
async fn wait_for(address: Option<String>) {
    let Some(address) = address else { return };
    // A connection that is refused ends the wait.
    let _ = tokio::task::spawn_blocking(move || {
        TcpStream::connect(address).and_then(|mut connection| connection.read(&mut [0]))
    })
    .await;
}

fn error(error_type: &str, message: &str) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message: message.to_owned(),
    }
}

fn say(line: &str) {
    // A failed write cannot be reported anywhere.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Header lines of a request to the Runtime API. With `chunked`, its body is sent as it is as a chunked stream. In values,
/// `$NAME` is an environment variable.
fn headers(own: &Value, chunked: bool) -> String {
    let mut lines = String::new();
    for (name, value) in own.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let value = match value.split_once('$') {
            Some((start, name)) => format!("{start}{}", std::env::var(name).unwrap_or_default()),
            None => value.to_owned(),
        };
        lines.push_str(&format!("{name}: {value}\r\n"));
    }
    if chunked {
        lines.push_str("transfer-encoding: chunked\r\nlambda-runtime-function-response-mode: streaming\r\n");
    }
    lines
}

/// Posts to the Runtime API directly, and returns the status and the body.
fn post(path: &str, body: &str) -> (u16, String) {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
    send(&api, &format!("POST {path}"), "", body)
}

/// Sends a request with these method and path, and with these header lines.
fn send(api: &str, target: &str, headers: &str, body: &str) -> (u16, String) {
    let length = match headers.contains("transfer-encoding") {
        true => String::new(),
        false => format!("content-length: {}\r\n", body.len()),
    };
    let request =
        format!("{target} HTTP/1.1\r\nhost: {api}\r\nconnection: close\r\n{headers}{length}\r\n{body}");
    let mut answer = String::new();
    let done = TcpStream::connect(api).and_then(|mut stream| {
        stream.write_all(request.as_bytes())?;
        stream.read_to_string(&mut answer)
    });
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    let body = answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default();
    done.map_or((0, String::new()), |_| (status, body))
}
