//! Records of Kinesis Data Streams. Lambda Developer Guide, “Using Lambda to process records from Amazon Kinesis Data
//! Streams”.

use super::event::{Compose, event, records, text};
use super::kinesis_aggregate::aggregate;
use super::origin::{ACCOUNT, Number, REGION, arn};
use super::pipes::{bare_list, piped};
use super::window::{TestWindow, windowed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

/// Records of a stream. What a method sets, it sets for every record of the event.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::Kinesis;
///
/// let click = |page: &str| Kinesis::record("visitor-7", &json!({"page": page}));
/// let two_records = Kinesis::batch([click("/"), click("/cart")]);
/// // One record, into which the Kinesis Producer Library has packed two.
/// let one_record = Kinesis::aggregate([click("/"), click("/cart")]);
/// # let _ = (two_records, one_record);
/// ```
#[derive(Clone, Debug)]
pub struct Kinesis {
    records: Vec<Value>,
    window: Option<TestWindow>,
    bare: bool,
}

impl Kinesis {
    /// A record with the JSON of `data`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn record<T: Serialize + ?Sized>(partition_key: &str, data: &T) -> Self {
        Self::bytes(partition_key, text(data))
    }

    /// A record with these bytes.
    #[must_use]
    pub fn bytes(partition_key: &str, data: impl AsRef<[u8]>) -> Self {
        let number = Number::next();
        let record = json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": partition_key,
                "data": STANDARD.encode(data),
                "approximateArrivalTimestamp": number.millis() as f64 / 1000.0,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": format!("arn:aws:iam::{ACCOUNT}:role/function"),
            "awsRegion": REGION,
            "eventSourceARN": arn("kinesis", "stream/clicks"),
        });
        let event = Self {
            records: vec![record],
            window: None,
            bare: false,
        };
        event.sequence_number(&number.sequence("49667338271490256608559", 56))
    }

    /// One record that has all records of these inside, as the Kinesis Producer Library packs them.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn aggregate(events: impl IntoIterator<Item = Self>) -> Self {
        let batch = Self::batch(events);
        let part = |record: &Value| {
            let text = |key: &str| record["kinesis"][key].as_str().unwrap_or_default().to_owned();
            (
                text("partitionKey"),
                STANDARD.decode(text("data")).unwrap_or_default(),
            )
        };
        let parts: Vec<_> = batch.records.iter().map(part).collect();
        Self::bytes(&parts[0].0, aggregate(&parts))
    }

    /// The stream's name. It is `clicks` by default.
    #[must_use]
    pub fn stream(self, name: &str) -> Self {
        self.set("/eventSourceARN", arn("kinesis", &format!("stream/{name}")))
    }

    /// The record's sequence number: decimal digits, growing in a shard.
    #[must_use]
    pub fn sequence_number(self, digits: &str) -> Self {
        let event = self.set("/kinesis/sequenceNumber", digits);
        event.set("/eventID", format!("shardId-000000000000:{digits}"))
    }

    /// When the record arrived in the stream, in seconds since 1970.
    #[must_use]
    pub fn arrived(self, seconds: f64) -> Self {
        self.set("/kinesis/approximateArrivalTimestamp", seconds)
    }
}

impl Compose for Kinesis {
    fn compose(&self) -> Value {
        match (&self.window, self.bare) {
            (Some(window), _) => window.around_records(&self.records, "shardId-000000000000"),
            (None, false) => bare_list(false, &self.records),
            (None, true) => self.records.iter().map(flat).collect(),
        }
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.records
    }
}

/// A record as Pipes delivers it: the members of `kinesis` beside the others. EventBridge User Guide, “Amazon Kinesis stream as
/// a source”.
fn flat(record: &Value) -> Value {
    let mut flat = record.clone();
    if let (Value::Object(members), Value::Object(inner)) = (&mut flat, &record["kinesis"]) {
        members.remove("kinesis");
        members.extend(inner.clone());
    }
    flat
}

event!(Kinesis);
records!(Kinesis);
piped!(Kinesis);
windowed!(Kinesis);
