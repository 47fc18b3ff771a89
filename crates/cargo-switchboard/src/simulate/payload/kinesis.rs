//! Records of Kinesis Data Streams.

use serde_json::Value;
use switchboard::testing::Kinesis;

use super::{Item, NAME};

pub(in crate::simulate) fn event(items: &[Item]) -> Value {
    batch(items).into()
}

pub(in crate::simulate) fn piped(items: &[Item]) -> Value {
    batch(items).in_pipe().into()
}

fn batch(items: &[Item]) -> Kinesis {
    let record = |item: &Item| {
        let record = Kinesis::bytes(&format!("key-{}", item.record.lane), item.text());
        record.stream(NAME).sequence_number(&sequence_number(item.index))
    };
    Kinesis::batch(items.iter().map(|item| item.made(record)))
}

/// The id that pipes name a record by.
pub(in crate::simulate) fn event_id(index: usize) -> String {
    format!("shardId-000000000000:{}", sequence_number(index))
}

/// 56 digits, of which the last ones grow in uneven steps.
pub(in crate::simulate) fn sequence_number(index: usize) -> String {
    format!("4966733827149025660855969{:031}", 1_000_003 * (index as u128 + 1))
}
