//! Messages of Amazon SQS.

use serde_json::Value;
use switchboard::testing::Sqs;

use super::{Item, NAME};

/// Messages of a standard queue.
pub(in crate::simulate) fn standard(items: &[Item]) -> Value {
    batch(items, message).into()
}

/// Messages of a FIFO queue.
pub(in crate::simulate) fn fifo(items: &[Item]) -> Value {
    let in_group = |item: &Item| {
        let message = message(item).fifo(&format!("group-{}", item.record.lane));
        message.set("/attributes/MessageDeduplicationId", &item.record.id)
    };
    batch(items, in_group).into()
}

/// Messages of a standard queue in a pipe.
pub(in crate::simulate) fn piped(items: &[Item]) -> Value {
    batch(items, message).in_pipe().into()
}

fn batch(items: &[Item], message: impl Fn(&Item) -> Sqs) -> Sqs {
    Sqs::batch(items.iter().map(|item| item.made(&message)))
}

fn message(item: &Item) -> Sqs {
    let message = Sqs::text(item.text()).queue(NAME).id(&item.record.identifier);
    let receives = u32::try_from(item.receives).unwrap_or(u32::MAX);
    // Every receipt is another one.
    let receipt = format!("AQEB{:032x}{receives:08x}", item.index);
    message.received(receives).set("/receiptHandle", receipt)
}
