//! Events of Amazon EventBridge.

use serde_json::{Value, json};
use switchboard::testing::EventBridge;

use super::{Item, NAME};

pub(in crate::simulate) fn event(items: &[Item]) -> Value {
    let event = |item: &Item| {
        let task = item.task;
        let detail = item.object().map_or_else(
            || json!({"do": task.what, "ms": task.ms, "id": item.record.id}),
            Value::Object,
        );
        EventBridge::event(NAME, "Simulated Record", &detail).id(&item.record.identifier)
    };
    items
        .iter()
        .map(|item| item.made(event).into())
        .next()
        .unwrap_or_default()
}
