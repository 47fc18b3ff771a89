//! The stock function in a process of its own, on a journal of its own, and events to give it.
#![allow(dead_code, reason = "every test file uses its own part of it")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cargo_switchboard::{Builder, Function, FunctionError, Outcome};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) struct Stock {
    pub(crate) function: Arc<Function>,
    directory: TempDir,
}

impl Stock {
    pub(crate) async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    pub(crate) async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let builder = on_journal(&directory);
        let function = Arc::new(configure(builder).start().await.unwrap());
        Self { function, directory }
    }

    /// Another process on the same journal.
    pub(crate) async fn sibling(&self) -> Function {
        on_journal(&self.directory).start().await.unwrap()
    }

    pub(crate) async fn invoke(&self, payload: impl Into<Vec<u8>>) -> Outcome {
        self.function.invoke(payload.into()).await.unwrap()
    }

    /// The reply to an event that does not fail the invocation.
    pub(crate) async fn reply(&self, payload: impl Into<Vec<u8>>) -> Value {
        let reply = self.invoke(payload).await.result.unwrap();
        serde_json::from_slice(&reply).unwrap()
    }

    pub(crate) async fn error(&self, payload: impl Into<Vec<u8>>) -> FunctionError {
        self.invoke(payload).await.result.unwrap_err()
    }

    /// Asks by an HTTP API's event; the answer's body is text.
    pub(crate) async fn get(&self, url: &str) -> Value {
        self.reply(http_api("GET", url).to_string()).await
    }

    /// All pages of a list.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        let (mut items, mut next) = (Vec::new(), Some(format!("{path}?limit=1000")));
        while let Some(url) = next {
            let page = self.get(&url).await;
            assert_eq!(page["statusCode"], 200, "{page}");
            let body = page["body"].as_str().unwrap();
            items.extend(serde_json::from_str::<Vec<Value>>(body).unwrap());
            next = page["headers"]["link"]
                .as_str()
                .map(|link| next_page(link).to_owned());
        }
        items
    }

    pub(crate) async fn entries(&self) -> Vec<Value> {
        self.list("/events").await
    }

    /// The entries without their order, then the state of every resource.
    pub(crate) async fn journal(&self) -> (Vec<String>, Vec<Value>) {
        let mut entries: Vec<_> = self.entries().await.iter().map(Value::to_string).collect();
        entries.sort();
        (entries, self.list("/resources").await)
    }

    /// How many entries there are, without asking the function.
    pub(crate) fn count(&self) -> usize {
        let connection = rusqlite::Connection::open(file(&self.directory)).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        let count = connection.query_row("SELECT count(*) FROM entry", [], |row| row.get::<_, u32>(0));
        match count {
            // Before the first event.
            Err(error) if error.to_string().contains("no such table") => 0,
            count => usize::try_from(count.unwrap()).unwrap(),
        }
    }
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("journal.sqlite")
}

fn on_journal(directory: &TempDir) -> Builder {
    let store = format!("sqlite:{}", file(directory).display());
    builder().env("SWITCHBOARD_STORE", store)
}

/// The function, untouched by what the tests' own environment says of logs.
pub(crate) fn builder() -> Builder {
    let builder = Function::builder(env!("CARGO_BIN_EXE_switchboard")).timeout(Duration::from_secs(60));
    let quiet = ["AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"];
    quiet
        .into_iter()
        .fold(builder, |builder, name| builder.env(name, ""))
}

/// The address in a `Link` to the next page.
pub(crate) fn next_page(link: &str) -> &str {
    let url = link
        .strip_prefix('<')
        .and_then(|link| link.strip_suffix(">; rel=\"next\""));
    url.unwrap_or_else(|| panic!("no link to a next page: {link}"))
}

pub(crate) fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("events")
}

/// The samples of some folders, by name.
pub(crate) fn samples(folders: &[&str]) -> Vec<(String, Vec<u8>)> {
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

pub(crate) const ROUTED: &[&str] = &["api_gateway", "cloudwatch_events", "dynamodb", "kinesis", "s3"];

/// A request as an HTTP API composes it, at its default stage.
pub(crate) fn http_api(method: &str, url: &str) -> Value {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    json!({"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": {"host": "a1.execute-api.eu-west-1.amazonaws.com"}, "isBase64Encoded": false,
        "requestContext": {"stage": "$default", "domainName": "a1.execute-api.eu-west-1.amazonaws.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}}})
}

pub(crate) fn batch(records: impl IntoIterator<Item = Value>) -> String {
    json!({"Records": Vec::from_iter(records)}).to_string()
}

/// A Kinesis record; numbers are padded, as Kinesis' are long.
pub(crate) fn kinesis(number: usize, data: &[u8]) -> Value {
    let number = format!("49590338271490256608559692538361571095921575989136588{number:08}");
    json!({"eventSource": "aws:kinesis", "eventID": format!("shardId-000000000006:{number}"), "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", "eventVersion": "1.0",
        "kinesis": {"partitionKey": "p", "sequenceNumber": number, "approximateArrivalTimestamp": 1_700_000_000.25,
            "data": STANDARD.encode(data)}})
}

pub(crate) fn dynamodb(number: usize, image: Value) -> Value {
    json!({"eventSource": "aws:dynamodb", "eventID": format!("e{number}"), "eventName": "INSERT", "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/T/stream/2026-01-01T00:00:00.000",
        "dynamodb": {"ApproximateCreationDateTime": 1_700_000_000, "Keys": {"id": {"N": number.to_string()}},
            "NewImage": image, "SequenceNumber": format!("442158450000000001745{number:08}"), "SizeBytes": 9,
            "StreamViewType": "NEW_IMAGE"}})
}

/// An S3 record; the key as S3 encodes it.
pub(crate) fn s3(key: &str) -> Value {
    json!({"eventSource": "aws:s3", "eventVersion": "2.1", "awsRegion": "eu-west-1", "eventName": "ObjectCreated:Put",
        "eventTime": "2026-03-01T10:00:00.123Z", "userIdentity": {"principalId": "A"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": format!("R{}", key.len()), "x-amz-id-2": "a/b+c="},
        "s3": {"bucket": {"name": "photos", "arn": "arn:aws:s3:::photos"},
            "object": {"key": key, "size": 7, "eTag": "e", "sequencer": "0A"}}})
}

pub(crate) fn event(detail: &Value) -> Value {
    json!({"version": "0", "id": "e-1", "detail-type": "Order Placed", "source": "shop", "account": "123456789012",
        "time": "2026-03-01T10:00:00Z", "region": "eu-west-1", "resources": [], "detail": detail})
}
