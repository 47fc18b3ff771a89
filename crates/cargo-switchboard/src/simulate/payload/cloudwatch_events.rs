//! Events of Amazon EventBridge. EventBridge User Guide, “Event structure reference”.

use serde_json::{Value, json};

use super::item::Item;
use super::{ACCOUNT, REGION};

pub(in crate::simulate) fn event(item: &Item) -> Value {
    json!({
        "version": "0",
        "id": item.record.identifier,
        "detail-type": "Simulated Record",
        "source": "simulated",
        "account": ACCOUNT,
        "time": item.sent_text(),
        "region": REGION,
        "resources": [],
        "detail": {"do": item.task.what, "ms": item.task.ms, "id": item.record.id},
    })
}
