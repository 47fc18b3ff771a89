//! The record of a batch that is given up, as a mapping sends it to its on-failure destination.
//!
//! Lambda Developer Guide, “Retaining discarded batch records”. Queues and topics get what happened; a bucket gets the event, too.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use super::Record;

/// Why records are given up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Condition {
    /// No retry is left.
    RetryAttemptsExhausted,
    /// They are too old.
    RecordAgeExceeded,
}

impl Condition {
    /// As the record names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Condition::RetryAttemptsExhausted => "RetryAttemptsExhausted",
            Condition::RecordAgeExceeded => "RecordAgeExceeded",
        }
    }
}

/// How the last invocation of a batch ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// The function failed.
    FunctionError,
    /// The function answered, and the answer failed the records.
    Answered,
}

/// Records that are given up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Discarded<R> {
    /// The records, in order.
    pub records: Vec<R>,
    /// Why.
    pub condition: Condition,
    /// How often it was attempted to deliver them.
    pub attempts: u32,
    /// How the last invocation ended; `None` if they were too old for another one.
    pub ending: Option<Ending>,
    pub(crate) lane: usize,
}

/// A stream whose records are given up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StreamKind {
    /// Kinesis Data Streams.
    Kinesis,
    /// DynamoDB Streams.
    Dynamodb,
}

/// What the record says of the mapping and of the last invocation.
#[derive(Clone, Copy, Debug)]
pub struct Mapped<'a> {
    /// The kind of the stream.
    pub kind: StreamKind,
    /// The ARN of the stream.
    pub stream_arn: &'a str,
    /// The name of the shard.
    pub shard: &'a str,
    /// The ARN of the function.
    pub function_arn: &'a str,
    /// The request id of the last invocation.
    pub request_id: &'a str,
}

impl<R: Record> Discarded<R> {
    /// The lane that they belong to, counted from 0.
    #[must_use]
    pub fn lane(&self) -> usize {
        self.lane
    }

    pub(crate) fn of(lane: usize, records: Vec<R>) -> Self {
        Self {
            records,
            condition: Condition::RecordAgeExceeded,
            attempts: 0,
            ending: None,
            lane,
        }
    }

    /// The record that is sent to the destination. Times count from the Unix epoch. `payload` is the event, for a bucket.
    #[must_use]
    pub fn record(&self, of: &Mapped<'_>, now: Duration, payload: Option<Value>) -> Value {
        let mut record = json!({
            "requestContext": {
                "requestId": of.request_id,
                "functionArn": of.function_arn,
                "condition": self.condition.as_str(),
                "approximateInvokeCount": self.attempts,
            },
            "version": "1.0",
            "timestamp": timestamp(now),
        });
        if let Some(ending) = self.ending {
            let error = (ending == Ending::FunctionError).then_some("Unhandled");
            record["responseContext"] =
                json!({"statusCode": 200, "executedVersion": "$LATEST", "functionError": error});
        }
        let info = match of.kind {
            StreamKind::Kinesis => "KinesisBatchInfo",
            StreamKind::Dynamodb => "DDBStreamBatchInfo",
        };
        let (first, last) = (self.records.first(), self.records.last());
        let arrival = |record: Option<&R>| record.map(|record| timestamp(record.sent()));
        record[info] = json!({
            "shardId": of.shard,
            "startSequenceNumber": first.map(Record::identifier),
            "endSequenceNumber": last.map(Record::identifier),
            "approximateArrivalOfFirstRecord": arrival(first),
            "approximateArrivalOfLastRecord": arrival(last),
            "batchSize": self.records.len(),
            "streamArn": of.stream_arn,
        });
        if let Some(payload) = payload {
            record["payload"] = payload;
        }
        record
    }
}

/// A time since the Unix epoch, with milliseconds.
fn timestamp(time: Duration) -> String {
    let milliseconds = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let time = DateTime::from_timestamp_millis(milliseconds).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
