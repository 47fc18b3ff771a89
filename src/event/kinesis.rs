//! Kinesis Data Streams.

use super::{Delivery, Event, Object, Timestamp};
use crate::source::Source;
use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
use chrono::{DateTime, Utc};

/// What EventBridge Pipes lays flat beside the envelope's keys.
const DATA_KEYS: &[&str] = &[
    "kinesisSchemaVersion",
    "partitionKey",
    "sequenceNumber",
    "data",
    "approximateArrivalTimestamp",
    "encryptionType",
];

/// One call per record. Lambda Developer Guide, “Using Lambda to process records from Amazon Kinesis Data Streams”.
impl Event for KinesisEvent {
    const SOURCES: &'static [Source] = &[Source::Kinesis];
    const DELIVERY: Delivery = Delivery::Stream;
    const ID: &'static [&'static str] = &["kinesis.sequenceNumber"];
    const IDENTITY: &'static [&'static str] = &["eventID"];
    const CONTENT: &'static [&'static str] = &["kinesis.data"];
    const ARRIVAL: Option<&'static str> = Some("kinesis.approximateArrivalTimestamp");
    const TIMESTAMP: Option<Timestamp<Self::Item>> =
        Some(|record| &mut record.kinesis.approximate_arrival_timestamp);
    type Item = KinesisEventRecord;
    type Reply = ();

    fn mend(object: &mut Object, received: DateTime<Utc>) {
        object.nest("kinesis", DATA_KEYS);
        object.fill(
            "kinesis.approximateArrivalTimestamp",
            received.timestamp_millis() as f64 / 1000.0,
        );
    }

    /// Kinesis keeps the order of records of one partition key.
    fn lane(item: &Self::Item) -> Option<String> {
        Some(item.kinesis.partition_key.clone())
    }

    fn lane_of(object: &Object) -> Option<String> {
        serde_json::from_str(object.get("kinesis.partitionKey")?.get()).ok()
    }
}
