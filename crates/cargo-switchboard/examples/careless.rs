//! A function that breaks the contract of its event source, for the tests of `simulate`. It takes records of Kinesis and SQS.
//! The argument says what it does wrong:
//!
//! - `none`: nothing.
//! - `forgets`: it reports no failures.
//! - `nameless`: it reports failures without saying which.
//! - `backward`: it starts with the last record.
//! - `silent`: it does not write the ledger.

use std::fs::OpenOptions;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let fault = std::env::args().nth(1).unwrap_or_else(|| "none".to_owned());
    let ledger = std::env::var_os("FAULTY_LEDGER").ok_or("FAULTY_LEDGER is not set")?;
    let mut ledger = OpenOptions::new().append(true).create(true).open(ledger)?;
    let (fault, ledger) = (&fault, std::sync::Mutex::new(&mut ledger));
    let handle = |event: LambdaEvent<Value>| {
        let finish = |id: &str| match (fault.as_str(), ledger.lock()) {
            ("silent", _) | (_, Err(_)) => Ok(()),
            (_, Ok(mut ledger)) => ledger.write_all(format!("{id}\n").as_bytes()),
        };
        let reply = answer(fault, &event.payload, finish);
        async move { reply }
    };
    lambda_runtime::run(service_fn(handle)).await
}

fn answer(fault: &str, event: &Value, finish: impl Fn(&str) -> std::io::Result<()>) -> Result<Value, Error> {
    let mut records: Vec<&Value> = event["Records"].as_array().into_iter().flatten().collect();
    if fault == "backward" {
        records.reverse();
    }
    let mut open: Vec<Value> = Vec::new();
    for record in records {
        let (identifier, task) = read(record)?;
        // In a stream or a FIFO queue, nothing after a failure may be done.
        if open.is_empty() && task["do"] == "ok" {
            finish(task["id"].as_str().unwrap_or_default())?;
        } else {
            open.push(json!({"itemIdentifier": if fault == "nameless" { &Value::Null } else { identifier }}));
        }
    }
    let forgets = fault == "forgets";
    Ok(json!({"batchItemFailures": if forgets { Vec::new() } else { open }}))
}

fn read(record: &Value) -> Result<(&Value, Value), Error> {
    match record["kinesis"]["data"].as_str() {
        Some(data) => {
            let task = serde_json::from_slice(&STANDARD.decode(data)?)?;
            Ok((&record["kinesis"]["sequenceNumber"], task))
        }
        None => {
            let task = serde_json::from_str(record["body"].as_str().unwrap_or_default())?;
            Ok((&record["messageId"], task))
        }
    }
}
