//! Notifications of Amazon SNS.

use serde_json::Value;
use switchboard::testing::Sns;

use super::{Item, NAME};

pub(in crate::simulate) fn event(items: &[Item]) -> Value {
    let notification = |item: &Item| Sns::text(item.text()).topic(NAME).id(&item.record.identifier);
    items
        .iter()
        .map(|item| item.made(notification).into())
        .next()
        .unwrap_or_default()
}
