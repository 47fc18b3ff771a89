//! Log lines of CloudWatch Logs subscriptions. CloudWatch Logs User Guide, “Real-time processing of log data with
//! subscriptions”.

use super::event::{Compose, event};
use super::kinesis::Kinesis;
use super::origin::{ACCOUNT, Number};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write as _;

/// Lines of a log group. They are compressed in the event; what [`set`](Self::set) reaches is what is compressed.
///
/// # Example
///
/// ```
/// use switchboard::testing::Logs;
///
/// let event = Logs::lines("/aws/lambda/checkout", ["START", "order 1001 placed", "END"]);
/// # assert!(event.to_json().contains("awslogs"));
/// ```
#[derive(Clone, Debug)]
pub struct Logs {
    data: Value,
}

impl Logs {
    /// Lines of a log group.
    #[must_use]
    pub fn lines<L: Into<String>>(group: &str, lines: impl IntoIterator<Item = L>) -> Self {
        let line = |line: L| {
            let number = Number::next();
            json!({
                "id": number.sequence("38", 56),
                "timestamp": number.millis(),
                "message": line.into(),
            })
        };
        Self {
            data: json!({
                "messageType": "DATA_MESSAGE",
                "owner": ACCOUNT,
                "logGroup": group,
                "logStream": format!("2027/01/15/[$LATEST]{}", Number::next().hex(32)),
                "subscriptionFilters": ["all"],
                "logEvents": lines.into_iter().map(line).collect::<Vec<_>>(),
            }),
        }
    }

    /// The message with which CloudWatch Logs checks that the destination can be reached.
    #[must_use]
    pub fn control() -> Self {
        let line = "CWL CONTROL MESSAGE: Checking health of destination Firehose.";
        let event = Self::lines("", [line])
            .set("/logStream", "")
            .set("/owner", "CloudwatchLogs");
        let event = event.set("/messageType", "CONTROL_MESSAGE");
        event
            .set("/subscriptionFilters", Value::Array(Vec::new()))
            .set("/logEvents/0/id", "")
    }

    /// The log stream's name.
    #[must_use]
    pub fn stream(self, name: &str) -> Self {
        self.set("/logStream", name)
    }

    /// The subscription filter's name.
    #[must_use]
    pub fn filter(self, name: &str) -> Self {
        self.set("/subscriptionFilters", [name])
    }

    /// The lines in a record of a Kinesis stream that the subscription writes to.
    #[must_use]
    pub fn in_kinesis(self) -> Kinesis {
        Kinesis::bytes(&Number::next().hex(32), self.compressed())
    }

    fn compressed(&self) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let written = gzip.write_all(self.data.to_string().as_bytes());
        written
            .and_then(|()| gzip.finish())
            .expect("writing to memory does not fail")
    }
}

impl Compose for Logs {
    fn compose(&self) -> Value {
        json!({"awslogs": {"data": STANDARD.encode(self.compressed())}})
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.data)
    }
}

event!(Logs);
