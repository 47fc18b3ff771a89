//! Queues.

use super::reader::{EvaluatedResource, Reader};
use super::store::key;
use crate::doctor::deployment::{Queue, Setting};

pub(super) fn read(reader: &Reader<'_>) -> Vec<Queue> {
    let queues = reader.of("AWS::SQS::Queue");
    queues.map(|read| queue(reader, read)).collect()
}

fn queue(reader: &Reader<'_>, read: &EvaluatedResource<'_>) -> Queue {
    let properties = &read.properties;
    let name = reader.name(read);
    Queue {
        label: read.resource.id.clone(),
        at: Some(read.resource.at),
        arn: reader.arn(read),
        fifo: properties.flag_at("FifoQueue") == Setting::Known(true) || name.ends_with(".fifo"),
        visibility: properties.number_at("VisibilityTimeout"),
        retention: properties.number_at("MessageRetentionPeriod"),
        dead_letters: properties.text_at("RedrivePolicy.deadLetterTargetArn"),
        receives: properties.number_at("RedrivePolicy.maxReceiveCount"),
        key: key(reader, properties.text_at("KmsMasterKeyId")),
    }
}
