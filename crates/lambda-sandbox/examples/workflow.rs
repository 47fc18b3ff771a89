//! A durable function without an SDK, for tests: it speaks the protocol of durable executions itself.
//!
//! Its input says what it does: `{"do": ["step", "wait", "callback", "call", …]}`, one operation after another, each with its place as
//! its id. Operations that have ended are not begun again. `{"wait": 60}` is how long it waits, `{"exit": 2}` ends the process
//! before the third operation if there is none yet, and `{"large": 7000000}` makes the result so large that it goes by a checkpoint.

use std::collections::HashMap;
use std::net::SocketAddr;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}

/// An execution, as far as this invocation knows it.
struct Execution {
    service: SocketAddr,
    arn: String,
    token: String,
    operations: HashMap<String, Value>,
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let event = event.payload;
    let Some(arn) = event["DurableExecutionArn"].as_str() else {
        return Ok(json!({"plain": event}));
    };
    let service = std::env::var("AWS_ENDPOINT_URL_LAMBDA")?;
    let mut execution = Execution {
        service: service.trim_start_matches("http://").parse()?,
        arn: arn.to_owned(),
        token: event["CheckpointToken"].as_str().unwrap_or_default().to_owned(),
        operations: HashMap::new(),
    };
    let state = &event["InitialExecutionState"];
    execution.learn(&state["Operations"]);
    let mut marker = state["NextMarker"].as_str().map(str::to_owned);
    while let Some(next) = marker.filter(|marker| !marker.is_empty()) {
        let page = execution.page(&next).await?;
        execution.learn(&page["Operations"]);
        marker = page["NextMarker"].as_str().map(str::to_owned);
    }
    let input = state["Operations"][0]["ExecutionDetails"]["InputPayload"]
        .as_str()
        .unwrap_or("{}");
    execution.follow(serde_json::from_str(input)?).await
}

impl Execution {
    async fn follow(mut self, input: Value) -> Result<Value, Error> {
        let mut results = Vec::new();
        for (place, what) in input["do"].as_array().into_iter().flatten().enumerate() {
            let (id, what) = (place.to_string(), what.as_str().unwrap_or_default());
            if input["exit"] == place && !self.operations.contains_key(&id) {
                if what == "step" {
                    self.checkpoint(json!([of("STEP", &id, "START")])).await?;
                }
                std::process::exit(3);
            }
            if !self.has_ended(&id) {
                self.begin(&id, what, &input).await?;
            }
            if !self.has_ended(&id) {
                return Ok(json!({"Status": "PENDING"}));
            }
            results.push(self.operations[&id].clone());
        }
        let Some(size) = input["large"].as_u64() else {
            return Ok(json!({"Status": "SUCCEEDED", "Result": json!(results).to_string()}));
        };
        let mut end = of("EXECUTION", "the-end", "SUCCEED");
        end["Payload"] = "x".repeat(size.try_into()?).into();
        self.checkpoint(json!([end])).await?;
        Ok(json!({"Status": "SUCCEEDED", "Result": ""}))
    }

    async fn begin(&mut self, id: &str, what: &str, input: &Value) -> Result<(), Error> {
        let updates = match what {
            "step" => {
                let mut end = of("STEP", id, "SUCCEED");
                end["Payload"] = "1".into();
                match self.operations.contains_key(id) {
                    true => json!([end]),
                    false => json!([of("STEP", id, "START"), end]),
                }
            }
            _ if self.operations.contains_key(id) => return Ok(()),
            "wait" => {
                let mut wait = of("WAIT", id, "START");
                wait["WaitOptions"] = json!({"WaitSeconds": input["wait"].as_u64().unwrap_or(60)});
                json!([wait])
            }
            "callback" => json!([of("CALLBACK", id, "START")]),
            _ => {
                let mut call = of("CHAINED_INVOKE", id, "START");
                call["Payload"] = json!({"do": ["step"]}).to_string().into();
                call["ChainedInvokeOptions"] = json!({"FunctionName": what});
                json!([call])
            }
        };
        self.checkpoint(updates).await
    }

    fn has_ended(&self, id: &str) -> bool {
        let status = self.operations.get(id).map(|operation| &operation["Status"]);
        status.is_some_and(|status| !["STARTED", "PENDING", "READY"].iter().any(|open| status == open))
    }

    fn learn(&mut self, operations: &Value) {
        for operation in operations.as_array().into_iter().flatten() {
            let id = operation["Id"].as_str().unwrap_or_default();
            self.operations.insert(id.to_owned(), operation.clone());
        }
    }

    async fn page(&self, marker: &str) -> Result<Value, Error> {
        let path = format!(
            "GET /2025-12-01/durable-executions/{}/state?CheckpointToken={}&Marker={marker}",
            self.arn, self.token
        );
        call(self.service, &path, "").await
    }

    async fn checkpoint(&mut self, updates: Value) -> Result<(), Error> {
        let path = format!("POST /2025-12-01/durable-executions/{}/checkpoint", self.arn);
        let body = json!({"CheckpointToken": self.token, "ClientToken": self.token, "Updates": updates});
        let answer = call(self.service, &path, &body.to_string()).await?;
        self.token = answer["CheckpointToken"].as_str().unwrap_or_default().to_owned();
        self.learn(&answer["NewExecutionState"]["Operations"]);
        Ok(())
    }
}

/// An update.
fn of(kind: &str, id: &str, action: &str) -> Value {
    json!({"Id": id, "Type": kind, "Action": action, "Name": format!("{} {id}", kind.to_lowercase())})
}

/// Calls the service, and returns its answer if it is one of success.
async fn call(service: SocketAddr, line: &str, body: &str) -> Result<Value, Error> {
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: {service}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(service).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.starts_with("HTTP/1.1 200") {
        true => Ok(serde_json::from_str(body)?),
        false => Err(format!("refused: {body}").into()),
    }
}
