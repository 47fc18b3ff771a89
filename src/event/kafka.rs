//! Apache Kafka: Amazon MSK and clusters of one's own.

use super::{Delivery, Event, Object, Timestamp};
use crate::source::Source;
use aws_lambda_events::kafka::{KafkaEvent, KafkaRecord};
use chrono::{DateTime, Utc};

/// One call per record; key and value are base64. Lambda Developer Guide, “Using Lambda with Amazon MSK” and “Using
/// Lambda with self-managed Apache Kafka”.
impl Event for KafkaEvent {
    const SOURCES: &'static [Source] = &[Source::Kafka];
    const DELIVERY: Delivery = Delivery::Partitions;
    const ID: &'static [&'static str] = &["topic", "partition", "offset"];
    const CONTENT: &'static [&'static str] = &["value"];
    const TIMESTAMP: Option<Timestamp<Self::Item>> = Some(|record| &mut record.timestamp);
    type Item = KafkaRecord;
    type Reply = ();

    fn mend(object: &mut Object, received: DateTime<Utc>) {
        object.fill("timestamp", received.timestamp_millis());
        object.fill("headers", [(); 0]);
    }

    /// Kafka keeps the order of a partition.
    fn lane(item: &Self::Item) -> Option<String> {
        Some(format!("{}-{}", item.topic.as_deref()?, item.partition))
    }

    fn lane_of(object: &Object) -> Option<String> {
        let topic: String = serde_json::from_str(object.get("topic")?.get()).ok()?;
        Some(format!("{topic}-{}", object.get("partition")?))
    }
}
