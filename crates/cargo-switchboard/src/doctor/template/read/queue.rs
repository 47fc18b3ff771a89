//! Queues.

use super::policy::statements;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Queue, Setting, Statement};
use crate::doctor::text::{Certainty, same};

pub(super) fn read(reader: &Reader<'_>) -> Vec<Queue> {
    reader
        .of("AWS::SQS::Queue")
        .map(|read| queue(reader, read))
        .collect()
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
        dead_letters: properties.text_at("RedrivePolicy.deadLetterTargetArn"),
        policy: policy(reader, &reader.reference(read)),
    }
}

/// The statements of the queue with this URL; `None` if it is unknown whether a policy applies to it.
fn policy(reader: &Reader<'_>, url: &str) -> Option<Vec<Statement>> {
    let mut all = Vec::new();
    for read in reader
        .of("AWS::SQS::QueuePolicy")
        .chain(reader.of("AWS::SQS::QueueInlinePolicy"))
    {
        let queues = [
            read.properties.items_at("Queues"),
            read.properties.items_at("Queue"),
        ]
        .concat();
        let about = queues
            .iter()
            .map(|queue| queue.as_text().map_or(Certainty::Open, |text| same(text, url)));
        match crate::doctor::deployment::any(about) {
            Certainty::Yes => all.extend(statements(&read.properties, "PolicyDocument")),
            // Other queues of the template are known to be different.
            Certainty::Open if queues.iter().any(|queue| !is_own(reader, queue.as_text())) => return None,
            _ => {}
        }
    }
    Some(all)
}

fn is_own(reader: &Reader<'_>, url: Option<&str>) -> bool {
    url.is_some_and(|url| {
        reader
            .of("AWS::SQS::Queue")
            .any(|read| reader.reference(read) == url)
    })
}
