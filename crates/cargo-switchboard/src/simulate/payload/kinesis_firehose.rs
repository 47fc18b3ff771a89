//! Records that Amazon Data Firehose wants transformed.

use serde_json::Value;
use switchboard::testing::Firehose;

use super::Item;

pub(in crate::simulate) fn event(items: &[Item]) -> Value {
    let record = |item: &Item| Firehose::bytes(item.text()).id(&item.record.identifier);
    Firehose::batch(items.iter().map(|item| item.made(record))).into()
}
