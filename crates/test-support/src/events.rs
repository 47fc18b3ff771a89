//! Events to give the function: the samples, and hand-made ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Where the samples are.
#[must_use]
pub fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// The samples of some folders, by name.
#[must_use]
pub fn samples(folders: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut samples = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(events().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
            samples.push((name, std::fs::read(path).unwrap()));
        }
    }
    samples.sort();
    samples
}

/// The folders of the sources that the stock function has handlers for.
pub const ROUTED: &[&str] = &["api_gateway", "cloudwatch_events", "dynamodb", "kinesis", "s3"];

/// A request as an HTTP API composes it, at its default stage.
#[must_use]
pub fn http_api(method: &str, url: &str) -> Value {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    json!({"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": {"host": "a1.execute-api.eu-west-1.amazonaws.com"}, "isBase64Encoded": false,
        "requestContext": {"stage": "$default", "domainName": "a1.execute-api.eu-west-1.amazonaws.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}}})
}

/// These records in a batch.
pub fn batch(records: impl IntoIterator<Item = Value>) -> String {
    json!({"Records": Vec::from_iter(records)}).to_string()
}

/// A Kinesis record; numbers are padded, as Kinesis' are long.
#[must_use]
pub fn kinesis(number: usize, data: &[u8]) -> Value {
    let number = format!("49590338271490256608559692538361571095921575989136588{number:08}");
    json!({"eventSource": "aws:kinesis", "eventID": format!("shardId-000000000006:{number}"), "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", "eventVersion": "1.0",
        "kinesis": {"partitionKey": "p", "sequenceNumber": number, "approximateArrivalTimestamp": 1_700_000_000.25,
            "data": STANDARD.encode(data)}})
}

/// A record of a DynamoDB stream.
#[must_use]
pub fn dynamodb(number: usize, image: Value) -> Value {
    json!({"eventSource": "aws:dynamodb", "eventID": format!("e{number}"), "eventName": "INSERT", "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/T/stream/2026-01-01T00:00:00.000",
        "dynamodb": {"ApproximateCreationDateTime": 1_700_000_000, "Keys": {"id": {"N": number.to_string()}},
            "NewImage": image, "SequenceNumber": format!("442158450000000001745{number:08}"), "SizeBytes": 9,
            "StreamViewType": "NEW_IMAGE"}})
}

/// An S3 record; the key as S3 encodes it.
#[must_use]
pub fn s3(key: &str) -> Value {
    json!({"eventSource": "aws:s3", "eventVersion": "2.1", "awsRegion": "eu-west-1", "eventName": "ObjectCreated:Put",
        "eventTime": "2026-03-01T10:00:00.123Z", "userIdentity": {"principalId": "A"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": format!("R{}", key.len()), "x-amz-id-2": "a/b+c="},
        "s3": {"bucket": {"name": "photos", "arn": "arn:aws:s3:::photos"},
            "object": {"key": key, "size": 7, "eTag": "e", "sequencer": "0A"}}})
}

/// An event of EventBridge.
#[must_use]
pub fn event(detail: &Value) -> Value {
    json!({"version": "0", "id": "e-1", "detail-type": "Order Placed", "source": "shop", "account": "123456789012",
        "time": "2026-03-01T10:00:00Z", "region": "eu-west-1", "resources": [], "detail": detail})
}

/// These bytes as gzip packs them best.
#[must_use]
pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A CloudWatch Logs subscription's message, with the line this many times.
#[must_use]
pub fn logs(line: &Value, lines: usize) -> Vec<u8> {
    let line =
        json!({"id": "1", "timestamp": 1_700_000_000_000_u64, "message": line.to_string()}).to_string();
    let lines = vec![line; lines].join(",");
    gzip(
        format!(
            r#"{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{lines}]}}"#
        )
        .as_bytes(),
    )
}

/// 130 KB of log lines that are 134 MB, as a subscription sends them.
#[must_use]
pub fn bomb() -> Vec<u8> {
    logs(&json!({"do": "ok", "id": "x".repeat(1_000_000)}), 134)
}
