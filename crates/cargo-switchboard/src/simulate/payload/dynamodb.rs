//! Records of DynamoDB Streams.

use serde_json::{Value, json};
use switchboard::testing::DynamodbStream;

use super::{Item, NAME};

pub(in crate::simulate) fn event(items: &[Item]) -> Value {
    batch(items).into()
}

pub(in crate::simulate) fn piped(items: &[Item]) -> Value {
    batch(items).in_pipe().into()
}

fn batch(items: &[Item]) -> DynamodbStream {
    DynamodbStream::batch(items.iter().map(|item| item.made(record)))
}

fn record(item: &Item) -> DynamodbStream {
    let keys = json!({"pk": format!("item-{}", item.record.lane)});
    let (task, id) = (item.task, &item.record.id);
    let new = item.object().map_or_else(
        || json!({"id": id, "do": task.what, "ms": task.ms.to_string()}),
        Value::Object,
    );
    let mut new = new;
    new["pk"] = keys["pk"].clone();
    DynamodbStream::modify(NAME, &keys, &keys, &new)
        .new_image_only()
        .id(&event_id(item.index))
        .sequence_number(&sequence_number(item.index))
}

/// The id that pipes name a record by.
pub(in crate::simulate) fn event_id(index: usize) -> String {
    format!("{:032x}", index + 1)
}

pub(in crate::simulate) fn sequence_number(index: usize) -> String {
    format!("44215845000000000{:011}", 7_919 * (index + 1))
}
