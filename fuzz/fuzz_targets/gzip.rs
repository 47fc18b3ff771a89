//! What is compressed: log lines come out as they were put in, whatever gzip makes of them; any other bytes are refused; and of what
//! holds more than it may, nobody gets anything.

#![no_main]

use aws_lambda_events::cloudwatch_logs::{LogData, LogsEvent};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::io::Write as _;
use std::sync::{Arc, LazyLock, Mutex};
use switchboard::{Context, EnvelopeLimits, Failure, Router, Unwrap};
use switchboard_fuzz::{Choices, invoke};

type Seen = Arc<Mutex<Vec<String>>>;

fuzz_target!(|data: &[u8]| {
    any_bytes(data);
    round_trip(data);
});

/// Nobody says that they are gzip but they themselves.
fn any_bytes(data: &[u8]) {
    let router = router(1 << 20);
    let answer = invoke(&router, logs(data));
    // Without its header it is none: and whoever has one sent something that can be told from a log.
    assert!(data.starts_with(&[0x1F, 0x8B]) || answer.is_err());
    let _ = invoke(&router, kinesis(data));
    let _ = invoke(&router, kinesis(&gzip(data, &mut Choices::of(data))));
}

fn round_trip(data: &[u8]) {
    let mut choices = Choices::of(data);
    let lines: Vec<String> = data
        .split(|byte| *byte == b'\n')
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let events = lines
        .iter()
        .zip(0..)
        .map(|(line, id): (_, usize)| json!({"id": id.to_string(), "timestamp": id, "message": line}));
    let message = json!({"messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "g", "logStream": "s",
        "subscriptionFilters": ["f"], "logEvents": events.collect::<Vec<_>>()});
    let text = message.to_string();
    let zipped = gzip(text.as_bytes(), &mut choices);

    take_seen();
    // By itself, and in a Kinesis record that may hold as much as it does, a little more, or a little less.
    let most = text.len() + choices.below(3) - 1;
    let router = router(most);
    invoke(&router, logs(&zipped)).expect("it is a log");
    assert_eq!(take_seen(), lines);
    let answer = invoke(&router, kinesis(&zipped)).expect("Kinesis takes a partial answer");
    let (seen, failed) = match most < text.len() {
        true => (Vec::new(), json!([{"itemIdentifier": "7"}])),
        false => (lines, json!([])),
    };
    assert_eq!((take_seen(), &answer["batchItemFailures"]), (seen, &failed));
}

/// In one member or several, which gzip takes for one, at any level.
fn gzip(data: &[u8], choices: &mut Choices) -> Vec<u8> {
    let mut zipped = Vec::new();
    let (head, tail) = data.split_at(choices.below(data.len() + 1));
    for member in [head, tail] {
        let level = Compression::new(u32::try_from(choices.below(10)).expect("a digit"));
        let mut encoder = GzEncoder::new(&mut zipped, level);
        encoder.write_all(member).expect("a vector takes all");
        encoder.finish().expect("a vector takes all");
    }
    zipped
}

static SEEN: LazyLock<Seen> = LazyLock::new(Seen::default);

fn take_seen() -> Vec<String> {
    std::mem::take(&mut *SEEN.lock().expect("nothing panics with it"))
}

fn router(most: usize) -> Router<()> {
    let limits = EnvelopeLimits::new().decompressed(most);
    Router::new(())
        .on::<LogsEvent>(on_lines)
        .kinesis(Unwrap)
        .envelope_limits(limits)
}

async fn on_lines(data: LogData, _: Context<()>) -> Result<(), Failure> {
    let lines = data.log_events.into_iter().map(|event| event.message);
    SEEN.lock().expect("nothing panics with it").extend(lines);
    Ok(())
}

fn logs(data: &[u8]) -> String {
    json!({"awslogs": {"data": STANDARD.encode(data)}}).to_string()
}

fn kinesis(data: &[u8]) -> String {
    json!({"Records": [{"eventSource": "aws:kinesis", "eventID": "shardId-0:7", "eventSourceARN": "arn", "awsRegion": "eu-west-1",
        "kinesis": {"partitionKey": "k", "sequenceNumber": "7", "approximateArrivalTimestamp": 1_700_000_000.25, "data": STANDARD.encode(data)}}]})
    .to_string()
}
