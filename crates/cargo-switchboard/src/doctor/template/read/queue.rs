//! Queues.

use std::collections::HashMap;

use super::super::value::Value;
use super::policy::statements;
use super::reader::{EvaluatedResource, Reader};
use super::store::key;
use crate::doctor::deployment::{Queue, Setting, Statement};
use crate::doctor::text::{Certainty, has_made_up, same};

pub(super) fn read(reader: &Reader<'_>) -> Vec<Queue> {
    let policies = Policies::new(reader);
    reader
        .of("AWS::SQS::Queue")
        .map(|read| queue(reader, &policies, read))
        .collect()
}

fn queue(reader: &Reader<'_>, policies: &Policies, read: &EvaluatedResource<'_>) -> Queue {
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
        policy: policies.of(&reader.reference(read)),
    }
}

/// The policies of queues, by the queues' URLs.
struct Policies {
    by_url: HashMap<String, Vec<Statement>>,
    /// Texts of which it is unknown which queue they name; `None` is no text at all.
    open: Vec<Option<String>>,
}

impl Policies {
    fn new(reader: &Reader<'_>) -> Self {
        let mut by_url: HashMap<String, Vec<Statement>> = HashMap::new();
        let mut open = Vec::new();
        let kinds = ["AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy"];
        for read in kinds.iter().flat_map(|kind| reader.of(kind)) {
            let said = statements(&read.properties, "PolicyDocument");
            let queues = ["Queues", "Queue"]
                .map(|key| read.properties.items_at(key))
                .concat();
            for url in queues.iter().map(Value::as_text) {
                match url {
                    // A generated name is that of one queue.
                    Some(url) => {
                        by_url.entry(url.to_owned()).or_default().extend(said.clone());
                        open.extend((!has_made_up(url)).then(|| Some(url.to_owned())));
                    }
                    None => open.push(None),
                }
            }
        }
        Self { by_url, open }
    }

    /// The statements for the queue with this URL; `None` if it is unknown whether a policy applies to it.
    fn of(&self, url: &str) -> Option<Vec<Statement>> {
        if let Some(said) = self.by_url.get(url) {
            return Some(said.clone());
        }
        let maybe = |text: &Option<String>| {
            text.as_ref()
                .is_none_or(|text| same(text, url) == Certainty::Open)
        };
        (!self.open.iter().any(maybe)).then(Vec::new)
    }
}
