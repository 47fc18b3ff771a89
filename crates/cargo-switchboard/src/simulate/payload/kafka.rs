//! Records of Apache Kafka.

use serde_json::Value;
use switchboard::testing::Kafka;

use super::{Item, NAME};

pub(in crate::simulate) fn event(items: &[Item]) -> Value {
    let record = |item: &Item| {
        let partition = i64::try_from(item.record.lane).unwrap_or_default();
        let record = Kafka::bytes(NAME, partition, item.text());
        record
            .key(format!("key-{}", item.record.lane))
            .offset(i64::try_from(item.index).unwrap_or_default())
    };
    Kafka::batch(items.iter().map(|item| item.made(record))).into()
}

/// A record's topic, partition and offset, as an answer names them.
pub(in crate::simulate) fn position(lane: usize, index: usize) -> String {
    format!("{NAME}-{lane}/{index}")
}
