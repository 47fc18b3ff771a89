//! Records that Amazon Data Firehose read from Amazon MSK: their data, and that of their results, has a key of its own.

use crate::source::parts;
use chrono::{DateTime, Utc};
use std::str::FromStr;

/// The key of the data in a Firehose record and in its result.
pub(crate) const DATA: &str = "data";

/// The same for a record that comes from MSK.
pub(crate) const KAFKA_VALUE: &str = "kafkaRecordValue";

/// The metadata of a record that comes from MSK.
pub(crate) const METADATA: &str = "mskRecordMetadata";

/// Which of the two keys has the record's data, and therefore that of its result.
///
/// Amazon Data Firehose Developer Guide, “Required parameters for data transformation”.
pub(crate) fn data_key(raw: &[u8]) -> &'static str {
    let [data, value, metadata] = parts(raw, [Some(DATA), Some(KAFKA_VALUE), Some(METADATA)]);
    match data.is_none_or(|data| data == b"null") && (value.is_some() || metadata.is_some()) {
        true => KAFKA_VALUE,
        false => DATA,
    }
}

/// The position of a Firehose record in Amazon MSK. `aws_lambda_events` does not have it, so it is read from the
/// record's JSON: [`Context::raw`](crate::Context::raw), or [`Pending::raw`](crate::Pending::raw).
///
/// # Example
///
/// ```
/// use aws_lambda_events::firehose::KinesisFirehoseEventRecord;
/// use switchboard::event::{MskRecordMetadata, Transformed};
/// use switchboard::{Context, Failure};
///
/// async fn on_record(record: KinesisFirehoseEventRecord, cx: Context<()>) -> Result<Transformed, Failure> {
///     let offset = MskRecordMetadata::of(cx.raw()).and_then(|metadata| metadata.offset);
///     tracing::debug!(offset, "a record");
///     // The value of the Kafka record; the answer has it where Firehose looks for it.
///     Ok(Transformed::ok(record.data.to_ascii_uppercase()))
/// }
/// # let _ = switchboard::Router::new(()).on::<aws_lambda_events::firehose::KinesisFirehoseEvent>(on_record);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MskRecordMetadata {
    /// The record's offset in its partition.
    pub offset: Option<i64>,
    /// The partition of the topic.
    pub partition_id: Option<i64>,
    /// When the record entered the topic.
    pub approximate_arrival_timestamp: Option<DateTime<Utc>>,
}

impl MskRecordMetadata {
    /// Reads it from the record's JSON; `None` if the record does not come from MSK.
    #[must_use]
    pub fn of(raw: &[u8]) -> Option<Self> {
        let paths = [
            METADATA,
            "mskRecordMetadata.offset",
            "mskRecordMetadata.partitionId",
            "mskRecordMetadata.approximateArrivalTimestamp",
        ];
        let [metadata, offset, partition, arrival] = parts(raw, paths.map(Some));
        metadata.filter(|metadata| metadata.first() == Some(&b'{'))?;
        Some(Self {
            offset: offset.and_then(number),
            partition_id: partition.and_then(number),
            approximate_arrival_timestamp: arrival.and_then(number).and_then(DateTime::from_timestamp_millis),
        })
    }
}

/// Most numbers are written as strings there.
fn number<T: FromStr>(value: &[u8]) -> Option<T> {
    std::str::from_utf8(value).ok()?.trim_matches('"').parse().ok()
}
