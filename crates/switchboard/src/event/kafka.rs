//! Apache Kafka: Amazon MSK and self-managed clusters.

use super::{Delivery, Event, Mend, Object, Timestamp};
use crate::source::{Source, parts};
use aws_lambda_events::kafka::{KafkaEvent, KafkaRecord};

/// One call per record; key and value are base64. Lambda Developer Guide, “Using Lambda with Amazon MSK” and “Using
/// Lambda with self-managed Apache Kafka”.
impl Event for KafkaEvent {
    const SOURCES: &'static [Source] = &[Source::Kafka];
    const DELIVERY: Delivery = Source::Kafka.delivery();
    const ID: &'static [&'static str] = Source::Kafka.identifier();
    const CONTENT: &'static [&'static str] = &["value"];
    const TIMESTAMPS: &'static [Timestamp<Self::Item>] = &[|record| Some(&mut record.timestamp.0)];
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("timestamp", Mend::Received),
        ("key", Mend::Literal),
        ("value", Mend::Literal),
        ("headers", Mend::Empty),
        ("headers.*", Mend::NOT_NULL),
        ("headers.*.*", Mend::Empty),
        ("headers.*.*", Mend::Bytes),
    ];
    type Item = KafkaRecord;
    type Reply = ();

    /// Kafka keeps the order of a partition.
    fn lane(item: &Self::Item) -> Option<String> {
        Some(format!("{}-{}", item.topic.as_deref()?, item.partition))
    }

    fn lane_of(object: &Object<'_>) -> Option<String> {
        let topic: String = serde_json::from_str(object.get("topic")?.get()).ok()?;
        Some(format!("{topic}-{}", object.get("partition")?))
    }
}

/// What the schema registry of a mapping says about a record's key or value. `aws_lambda_events` does not have it, so
/// it is read from the record's JSON: [`Context::raw`](crate::Context::raw), or [`Pending::raw`](crate::Pending::raw).
///
/// Lambda Developer Guide, “Using schema registries with Kafka event sources in Lambda”.
///
/// # Example
///
/// ```
/// use aws_lambda_events::kafka::KafkaRecord;
/// use switchboard::event::SchemaMetadata;
/// use switchboard::{Context, Failure};
///
/// async fn on_record(_record: KafkaRecord, cx: Context<()>) -> Result<(), Failure> {
///     let schema = SchemaMetadata::of_value(cx.raw());
///     tracing::info!(schema = schema.and_then(|schema| schema.schema_id), "a record");
///     Ok(())
/// }
/// # let _ = switchboard::Router::new(()).on::<aws_lambda_events::kafka::KafkaEvent>(on_record);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SchemaMetadata {
    /// `AVRO`, `PROTOBUF` or `JSON`.
    pub data_format: Option<String>,
    /// The schema's id in its registry.
    pub schema_id: Option<String>,
}

impl SchemaMetadata {
    /// The schema of the record's key, `keySchemaMetadata`; `None` if the record has none.
    #[must_use]
    pub fn of_key(raw: &[u8]) -> Option<Self> {
        Self::read(parts(
            raw,
            [
                Some("keySchemaMetadata.dataFormat"),
                Some("keySchemaMetadata.schemaId"),
            ],
        ))
    }

    /// The schema of the record's value, `valueSchemaMetadata`; `None` if the record has none.
    #[must_use]
    pub fn of_value(raw: &[u8]) -> Option<Self> {
        Self::read(parts(
            raw,
            [
                Some("valueSchemaMetadata.dataFormat"),
                Some("valueSchemaMetadata.schemaId"),
            ],
        ))
    }

    fn read([data_format, schema_id]: [Option<&[u8]>; 2]) -> Option<Self> {
        let (data_format, schema_id) = (data_format.and_then(text), schema_id.and_then(text));
        (data_format.is_some() || schema_id.is_some()).then_some(Self {
            data_format,
            schema_id,
        })
    }
}

/// A text, or a number as it is written.
fn text(value: &[u8]) -> Option<String> {
    match value.first()? {
        b'"' => serde_json::from_slice(value).ok(),
        b'0'..=b'9' | b'-' => Some(String::from_utf8_lossy(value).into_owned()),
        _ => None,
    }
}
