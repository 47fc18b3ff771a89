//! Amazon Data Firehose, data transformation.

use super::{Delivery, Event, Mend, Object, Timestamp, msk};
use crate::source::Source;
use aws_lambda_events::firehose::{KinesisFirehoseEvent, KinesisFirehoseEventRecord};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// One call per record. Amazon Data Firehose Developer Guide, “Transform source data in Amazon Data Firehose”.
impl Event for KinesisFirehoseEvent {
    const SOURCES: &'static [Source] = &[Source::KinesisFirehose];
    const DELIVERY: Delivery = Source::KinesisFirehose.delivery();
    const ID: &'static [&'static str] = Source::KinesisFirehose.identifier();
    const CONTENT: &'static [&'static str] = &["data"];
    const TIMESTAMPS: &'static [Timestamp<Self::Item>] = &[
        |record| Some(&mut record.approximate_arrival_timestamp.0),
        |record| {
            let metadata = record.kinesis_firehose_record_metadata.as_mut()?;
            Some(&mut metadata.approximate_arrival_timestamp.0)
        },
    ];
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("approximateArrivalTimestamp", Mend::Received),
        (
            "kinesisRecordMetadata.approximateArrivalTimestamp",
            Mend::Received,
        ),
        ("kinesisRecordMetadata.subsequenceNumber", Mend::Empty),
    ];
    type Item = KinesisFirehoseEventRecord;
    type Reply = Transformed;

    fn mend(object: &mut Object<'_>, _received: DateTime<Utc>) {
        object.drop_nulls(&[]);
        from_msk(object);
    }
}

/// Gives a record from MSK the layout of other records.
fn from_msk(object: &mut Object<'_>) {
    let Some(metadata) = object.get(msk::METADATA) else {
        return object.rename(msk::KAFKA_VALUE, msk::DATA);
    };
    object.rename(msk::KAFKA_VALUE, msk::DATA);
    // A Kafka record without a value: a tombstone.
    object.fill(msk::DATA, "");
    let arrival = Object::parse(metadata.get().as_bytes())
        .and_then(|metadata| metadata.get("approximateArrivalTimestamp"));
    if let (None, Some(arrival)) = (object.get("approximateArrivalTimestamp"), arrival) {
        object.put("approximateArrivalTimestamp", arrival);
    }
}

/// The result of a Firehose record, whether Firehose read it from Amazon MSK or from elsewhere.
///
/// # Example
///
/// ```
/// use aws_lambda_events::firehose::{KinesisFirehoseEvent, KinesisFirehoseEventRecord};
/// use switchboard::event::Transformed;
/// use switchboard::{Context, Failure, Router};
///
/// async fn on_record(record: KinesisFirehoseEventRecord, _cx: Context<()>) -> Result<Transformed, Failure> {
///     match std::str::from_utf8(&record.data)? {
///         "" => Ok(Transformed::dropped()),
///         line => Ok(Transformed::ok(format!("{}\n", line.to_uppercase())).partition_key("kind", "line")),
///     }
/// }
///
/// let router = Router::new(()).on::<KinesisFirehoseEvent>(on_record);
/// # let _ = router;
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transformed {
    /// `None`: dropped.
    data: Option<Vec<u8>>,
    partition_keys: BTreeMap<String, String>,
}

impl Transformed {
    /// Delivers this data: result `Ok`. It is sent as base64. If all results together are larger than the 6 MB that
    /// Lambda returns, the last ones become `ProcessingFailed`, and Firehose delivers their records to its error
    /// output.
    #[must_use]
    pub fn ok(data: impl Into<Vec<u8>>) -> Self {
        Self {
            data: Some(data.into()),
            partition_keys: BTreeMap::new(),
        }
    }

    /// Leaves out the record on purpose: result `Dropped`.
    #[must_use]
    pub fn dropped() -> Self {
        Self {
            data: None,
            partition_keys: BTreeMap::new(),
        }
    }

    /// Adds a key for dynamic partitioning.
    #[must_use]
    pub fn partition_key(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.partition_keys.insert(name.into(), value.into());
        self
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'t> {
    partition_keys: &'t BTreeMap<String, String>,
}

/// A result without its `recordId`.
impl Serialize for Transformed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut result = serializer.serialize_struct("Transformed", 3)?;
        let name = if self.data.is_some() { "Ok" } else { "Dropped" };
        result.serialize_field("result", name)?;
        result.serialize_field("data", &STANDARD.encode(self.data.as_deref().unwrap_or_default()))?;
        if !self.partition_keys.is_empty() {
            let metadata = Metadata {
                partition_keys: &self.partition_keys,
            };
            result.serialize_field("metadata", &metadata)?;
        }
        result.end()
    }
}
