//! Records that Amazon Data Firehose wants transformed. Amazon Data Firehose Developer Guide, “Transform source data in
//! Amazon Data Firehose”.

use super::event::{Compose, event, records, text};
use super::origin::{Number, REGION, arn};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

/// Records of a Firehose stream that producers write to directly.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::Firehose;
///
/// let event = Firehose::batch([Firehose::record(&json!({"celsius": 21.4})), Firehose::bytes("a line\n")]);
/// # assert!(event.to_json().contains("recordId"));
/// ```
#[derive(Clone, Debug)]
pub struct Firehose {
    records: Vec<Value>,
    invocation: Number,
    from_stream: bool,
}

impl Firehose {
    /// A record with the JSON of `data`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn record<T: Serialize + ?Sized>(data: &T) -> Self {
        Self::bytes(text(data))
    }

    /// A record with these bytes.
    #[must_use]
    pub fn bytes(data: impl AsRef<[u8]>) -> Self {
        let number = Number::next();
        let record = json!({
            "recordId": number.sequence("49667338271490256608559", 63),
            "approximateArrivalTimestamp": number.millis(),
            "data": STANDARD.encode(data),
        });
        Self {
            records: vec![record],
            invocation: number,
            from_stream: false,
        }
    }

    /// Firehose reads the records from a Kinesis stream.
    #[must_use]
    pub fn through_kinesis(mut self, partition_key: &str) -> Self {
        self.from_stream = true;
        for record in &mut self.records {
            let id = record["recordId"].as_str().unwrap_or_default();
            record["kinesisRecordMetadata"] = json!({
                "sequenceNumber": id.get(..56).unwrap_or(id),
                "subsequenceNumber": 0,
                "partitionKey": partition_key,
                "shardId": "shardId-000000000000",
                "approximateArrivalTimestamp": record["approximateArrivalTimestamp"],
            });
        }
        self
    }

    /// The record's id.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.set("/recordId", id)
    }
}

impl Compose for Firehose {
    fn compose(&self) -> Value {
        let mut event = json!({
            "invocationId": self.invocation.uuid(),
            "deliveryStreamArn": arn("firehose", "deliverystream/archive"),
            "region": REGION,
            "records": self.records,
        });
        if self.from_stream {
            event["sourceKinesisStreamArn"] = arn("kinesis", "stream/clicks").into();
        }
        event
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.records
    }
}

event!(Firehose);
records!(Firehose);
