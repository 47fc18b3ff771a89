//! Records that say what their handler does, and a log of what it did.

use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::sqs::SqsMessage;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_runtime::{LambdaEvent, Service};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::{Context, DeadLetter, Error, Failure, Payload, Router};

/// What a record tells its handler to do, written as `<word>:<yields>:<index>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    Ok,
    Fail,
    Panic,
    Reject,
    Unreadable,
}

#[derive(Clone, Debug)]
pub(crate) struct Instruction {
    pub(crate) what: Action,
    pub(crate) yields: u8,
    pub(crate) lane: u8,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    Started(usize),
    Finished(usize),
    NotDone(usize),
    Rejected(usize),
}

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    pub(crate) fn note(&self, seen: Seen) {
        self.0.lock().unwrap().push(seen);
    }

    pub(crate) fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }
}

pub(crate) fn instruction() -> impl Strategy<Value = Instruction> {
    let what = prop_oneof![
        6 => Just(Action::Ok), 1 => Just(Action::Fail), 1 => Just(Action::Panic), 1 => Just(Action::Reject), 1 => Just(Action::Unreadable)
    ];
    (what, 0..4u8, 0..4u8).prop_map(|(what, yields, lane)| Instruction { what, yields, lane })
}

pub(crate) async fn follow(text: &str, log: &Log) -> Result<(), Failure> {
    let mut parts = text.split(':');
    let (what, yields, index) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    let index: usize = index.parse()?;
    log.note(Seen::Started(index));
    for _ in 0..yields.parse::<u8>()? {
        tokio::task::yield_now().await;
    }
    match what {
        "Ok" => log.note(Seen::Finished(index)),
        "Reject" => return Err(Failure::reject("told to reject")),
        _ => log.note(Seen::NotDone(index)),
    }
    match what {
        "Ok" => Ok(()),
        "Panic" => panic!("told to panic"),
        _ => Err(Failure::after(Duration::from_secs(1))),
    }
}

pub(crate) async fn on_record(record: KinesisEventRecord, cx: Context<Log>) -> Result<(), Failure> {
    follow(std::str::from_utf8(&record.kinesis.data)?, cx.state()).await
}

pub(crate) async fn on_message(message: SqsMessage, cx: Context<Log>) -> Result<(), Failure> {
    follow(message.body.as_deref().unwrap(), cx.state()).await
}

pub(crate) fn sink(
    log: &Log,
) -> impl Fn(DeadLetter) -> std::future::Ready<Result<(), std::io::Error>> + Send + Sync + 'static {
    let log = log.clone();
    move |letter| {
        log.note(Seen::Rejected(index_of(&letter.id.unwrap())));
        std::future::ready(Ok(()))
    }
}

pub(crate) fn text(instruction: &Instruction, index: usize) -> String {
    format!("{:?}:{}:{index}", instruction.what, instruction.yields)
}

pub(crate) fn kinesis(batch: &[Instruction]) -> String {
    let records: Vec<Value> = (0..).zip(batch).map(|(index, instruction)| {
        let data = if instruction.what == Action::Unreadable { json!(1) } else { json!(STANDARD.encode(text(instruction, index))) };
        json!({"eventSource": "aws:kinesis", "kinesis": {"sequenceNumber": index.to_string(), "data": data,
            "partitionKey": instruction.lane.to_string(), "approximateArrivalTimestamp": 1}})
    }).collect();
    json!({"Records": records}).to_string()
}

pub(crate) fn sqs(batch: &[Instruction], fifo: bool) -> String {
    let arn = format!(
        "arn:aws:sqs:eu-central-1:123456789012:q{}",
        if fifo { ".fifo" } else { "" }
    );
    let records: Vec<Value> = (0..).zip(batch).map(|(index, instruction)| {
        let body = if instruction.what == Action::Unreadable { json!(1) } else { json!(text(instruction, index)) };
        json!({"eventSource": "aws:sqs", "messageId": format!("m{index}"), "body": body, "eventSourceARN": arn,
            "attributes": {"MessageGroupId": instruction.lane.to_string()}})
    }).collect();
    json!({"Records": records}).to_string()
}

pub(crate) fn deliver(router: Router<Log>, payload: String) -> Value {
    answer(router, payload).unwrap()
}

pub(crate) fn answer(mut router: Router<Log>, payload: String) -> Result<Value, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let event = LambdaEvent::new(Payload::new(payload), lambda_runtime::Context::default());
    let reply = runtime.block_on(router.call(event))?;
    Ok(serde_json::to_value(reply).unwrap())
}

pub(crate) fn reported(reply: &Value) -> Vec<String> {
    let failures = reply["batchItemFailures"].as_array().unwrap();
    failures
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
        .collect()
}

/// Records that are through: finished, or taken by the dead-letter sink.
pub(crate) fn through(log: &[Seen]) -> HashSet<usize> {
    log.iter()
        .filter_map(|seen| match seen {
            Seen::Finished(n) | Seen::Rejected(n) => Some(*n),
            _ => None,
        })
        .collect()
}

/// Inside a lane, records start in their order, and none before the one ahead of it has ended.
pub(crate) fn in_order(log: &[Seen], lane: impl Fn(usize) -> u8) -> bool {
    let mut running: HashMap<u8, usize> = HashMap::new();
    let mut last: HashMap<u8, usize> = HashMap::new();
    log.iter().all(|seen| match *seen {
        Seen::Started(n) => {
            let free = running.insert(lane(n), n).is_none();
            let later = last.insert(lane(n), n).is_none_or(|last| last < n);
            free && later
        }
        Seen::Finished(n) | Seen::NotDone(n) | Seen::Rejected(n) => {
            running.remove(&lane(n));
            true
        }
    })
}

/// The index in a record's id, whatever its source puts in front of it.
pub(crate) fn index_of(id: &str) -> usize {
    let digits = id.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.rsplit('/').next().unwrap().parse().unwrap()
}
