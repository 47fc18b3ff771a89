//! A durable function that does its work once, or has the fault that its argument names: tests of `simulate --durable` find it. It
//! speaks the protocol of durable executions by hand.
//!
//! An order is charged, waits for a minute and for a callback, is shipped and told. Its effects are lines of the ledger. What receives them
//! recognizes a repeated request, unless the fault is that nobody does. An event of SQS starts an execution for each order.
//!
//! | argument | fault |
//! |---|---|
//! | `none` | |
//! | `outside` | an effect is outside of steps, so that each replay does it |
//! | `twice` | a step's effect is not idempotent |
//! | `loses` | a step is said to be done before it is |
//! | `stuck` | a step that has begun counts as one that somebody else does |
//! | `hangs` | the same, but the function waits for it within the invocation |
//! | `swaps` | what is done first is a matter of luck |
//! | `renames` | the same, but the first order is kept |
//! | `starts` | an execution is started by another name each time, and nobody recognizes its effects |

use std::collections::HashMap;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::Write as _;
use std::net::SocketAddr;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let fault = std::env::args().nth(1).unwrap_or_else(|| "none".to_owned());
    let fault = fault.as_str();
    fs::OpenOptions::new().create(true).append(true).open(ledger()?)?;
    lambda_runtime::run(service_fn(|event| handle(event, fault))).await
}

/// An execution, as far as this invocation knows it.
struct Execution<'f> {
    fault: &'f str,
    service: SocketAddr,
    arn: String,
    token: String,
    operations: HashMap<String, Value>,
    /// How many operations this invocation has come to.
    count: u32,
}

/// How an operation stands.
enum Progress {
    Done,
    /// Somebody or something else ends it.
    Waits,
}

async fn handle(event: LambdaEvent<Value>, fault: &str) -> Result<Value, Error> {
    let event = event.payload;
    let service = std::env::var("AWS_ENDPOINT_URL_LAMBDA")?;
    let mut execution = Execution {
        fault,
        service: service.trim_start_matches("http://").parse()?,
        arn: text(&event["DurableExecutionArn"]),
        token: text(&event["CheckpointToken"]),
        operations: HashMap::new(),
        count: 0,
    };
    let operations = &event["InitialExecutionState"]["Operations"];
    execution.learn(operations);
    let input: Value = serde_json::from_str(&text(&operations[0]["ExecutionDetails"]["InputPayload"]))?;
    let ended = match input["Records"].as_array() {
        Some(records) => execution.start(records).await?,
        None => execution.work(&text(&input["order"])).await?,
    };
    Ok(match ended {
        Progress::Done => json!({"Status": "SUCCEEDED", "Result": "\"done\""}),
        Progress::Waits => json!({"Status": "PENDING"}),
    })
}

impl Execution<'_> {
    /// Starts an execution for each record.
    async fn start(&self, records: &[Value]) -> Result<Progress, Error> {
        for record in records {
            let name = match self.fault {
                "starts" => format!("order-{}", luck()),
                _ => format!("order-{}", text(&record["messageId"])),
            };
            let line = format!(
                "POST /2015-03-31/functions/rash/invocations HTTP/1.1\r\nx-amz-invocation-type: Event\r\nx-amz-durable-execution-name: {name}"
            );
            call(self.service, &line, &text(&record["body"])).await?;
        }
        Ok(Progress::Done)
    }

    async fn work(&mut self, order: &str) -> Result<Progress, Error> {
        if self.fault == "outside" {
            effect(&format!("greet {order}"), false)?;
        }
        let mut steps = ["charge", "reserve"];
        if self.fault == "swaps" && luck() % 2 == 1 {
            steps.reverse();
        }
        for step in steps {
            if let Progress::Waits = self.step(step, order).await? {
                return Ok(Progress::Waits);
            }
        }
        let mut wait = self.next("WAIT", "patience");
        wait["WaitOptions"] = json!({"WaitSeconds": 60});
        let name = match self.fault {
            "renames" => format!("paid-{}", luck()),
            _ => "paid".to_owned(),
        };
        for operation in [wait, self.next("CALLBACK", &name)] {
            if let Progress::Waits = self.wait(operation).await? {
                return Ok(Progress::Waits);
            }
        }
        for step in ["ship", "tell"] {
            if let Progress::Waits = self.step(step, order).await? {
                return Ok(Progress::Waits);
            }
        }
        Ok(Progress::Done)
    }

    async fn step(&mut self, name: &str, order: &str) -> Result<Progress, Error> {
        let start = self.next("STEP", name);
        let id = text(&start["Id"]);
        match self.status(&id) {
            Some("SUCCEEDED") => return Ok(Progress::Done),
            Some("STARTED") if self.fault == "stuck" && name == "ship" => return Ok(Progress::Waits),
            Some("STARTED") if self.fault == "hangs" && name == "ship" => std::future::pending().await,
            Some(_) => self.checkpoint(json!([])).await?,
            None => self.checkpoint(json!([start])).await?,
        }
        let mut end = start.clone();
        end["Action"] = "SUCCEED".into();
        end["Payload"] = "1".into();
        let is_careless = self.fault == "starts" || self.fault == "twice" && name == "ship";
        let line = format!("{name} {order}");
        if self.fault == "loses" && name == "ship" {
            self.checkpoint(json!([end])).await?;
            effect(&line, true)?;
        } else {
            effect(&line, !is_careless)?;
            self.checkpoint(json!([end])).await?;
        }
        Ok(Progress::Done)
    }

    async fn wait(&mut self, start: Value) -> Result<Progress, Error> {
        let id = text(&start["Id"]);
        // What is stored is compared with what is here, as SDKs do it.
        if self.status(&id).is_none() || self.fault == "renames" && self.status(&id) == Some("STARTED") {
            self.checkpoint(json!([start])).await?;
        }
        Ok(match self.status(&id) {
            Some("STARTED") | None => Progress::Waits,
            Some(_) => Progress::Done,
        })
    }

    /// The beginning of the next operation.
    fn next(&mut self, kind: &str, name: &str) -> Value {
        self.count += 1;
        json!({"Id": self.count.to_string(), "Type": kind, "Action": "START", "Name": name})
    }

    fn status(&self, id: &str) -> Option<&str> {
        self.operations
            .get(id)
            .and_then(|operation| operation["Status"].as_str())
    }

    fn learn(&mut self, operations: &Value) {
        for operation in operations.as_array().into_iter().flatten() {
            self.operations.insert(text(&operation["Id"]), operation.clone());
        }
    }

    async fn checkpoint(&mut self, updates: Value) -> Result<(), Error> {
        let line = format!(
            "POST /2025-12-01/durable-executions/{}/checkpoint HTTP/1.1",
            self.arn
        );
        let body = json!({"CheckpointToken": self.token, "ClientToken": self.token, "Updates": updates});
        let answer = call(self.service, &line, &body.to_string()).await?;
        self.token = text(&answer["CheckpointToken"]);
        self.learn(&answer["NewExecutionState"]["Operations"]);
        Ok(())
    }
}

/// An effect on the world outside, which may recognize one that was there before.
fn effect(line: &str, is_idempotent: bool) -> Result<(), Error> {
    let before = fs::read_to_string(ledger()?)?;
    if !(is_idempotent && before.lines().any(|old| old == line)) {
        let mut ledger = fs::OpenOptions::new().append(true).open(ledger()?)?;
        ledger.write_all(format!("{line}\n").as_bytes())?;
    }
    Ok(())
}

fn ledger() -> Result<String, Error> {
    Ok(std::env::var("FAULTY_LEDGER")?)
}

/// What a program must not decide by.
fn luck() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Calls the service, and returns its answer if it is one of success.
async fn call(service: SocketAddr, line: &str, body: &str) -> Result<Value, Error> {
    let length = body.len();
    let head = format!("{line}\r\nhost: {service}\r\nconnection: close\r\ncontent-length: {length}");
    let mut stream = TcpStream::connect(service).await?;
    stream
        .write_all(format!("{head}\r\n\r\n{body}").as_bytes())
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.starts_with("HTTP/1.1 20") {
        true => Ok(serde_json::from_str(body).unwrap_or_default()),
        false => Err(format!("refused: {body}").into()),
    }
}
