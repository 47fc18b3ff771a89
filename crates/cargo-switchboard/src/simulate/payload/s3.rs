//! Event notifications of Amazon S3.

use serde_json::Value;
use switchboard::testing::S3;

use super::{Item, NAME};

pub(in crate::simulate) fn event(items: &[Item]) -> Value {
    let record = |item: &Item| {
        let key = item.text_or(|task, id| format!("{}/{}/{id}", task.what, task.ms));
        S3::put(NAME, &key).sequencer(&item.record.identifier)
    };
    S3::batch(items.iter().map(|item| item.made(record))).into()
}
