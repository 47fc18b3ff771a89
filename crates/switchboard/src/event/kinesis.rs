//! Kinesis Data Streams.

use super::{Delivery, Event, Mend, Object, Timestamp};
use crate::source::Source;
use aws_lambda_events::kinesis::{KinesisEncryptionType, KinesisEvent, KinesisEventRecord};
use chrono::{DateTime, Utc};

/// Members that EventBridge Pipes puts beside the envelope's keys.
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
    const DELIVERY: Delivery = Source::Kinesis.delivery();
    const ID: &'static [&'static str] = Source::Kinesis.identifier();
    const IDENTITY: &'static [&'static str] = &["eventID"];
    const CONTENT: &'static [&'static str] = &["kinesis.data", "kinesis.approximateArrivalTimestamp?"];
    const ARRIVAL: Option<&'static str> = Some("kinesis.approximateArrivalTimestamp");
    const TIMESTAMPS: &'static [Timestamp<Self::Item>] =
        &[|record| Some(&mut record.kinesis.approximate_arrival_timestamp.0)];
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("kinesis.approximateArrivalTimestamp", Mend::Received),
        ("kinesis.encryptionType", Mend::NOT_NULL),
        ("kinesis.partitionKey", Mend::Empty),
        ("kinesis.sequenceNumber", Mend::Empty),
        (
            "kinesis.encryptionType",
            Mend::optional::<KinesisEncryptionType>(),
        ),
    ];
    type Item = KinesisEventRecord;
    type Reply = ();

    fn mend(object: &mut Object<'_>, _received: DateTime<Utc>) {
        object.nest("kinesis", DATA_KEYS);
    }

    /// Kinesis keeps the order of records of one partition key.
    fn lane(item: &Self::Item) -> Option<String> {
        Some(item.kinesis.partition_key.clone())
    }

    fn lane_of(object: &Object<'_>) -> Option<String> {
        serde_json::from_str(object.get("kinesis.partitionKey")?.get()).ok()
    }
}
