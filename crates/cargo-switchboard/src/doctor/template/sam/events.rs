//! `Events` of a function: each becomes the resources that make its source wake it.

use super::super::node::Node;
use super::super::resource::Resource;
use super::expand::Made;
use super::role::RoleMaker;
use super::{api, pull, push};
use crate::doctor::place::Place;

/// An entry of `Events`.
pub(super) struct SamEvent<'f> {
    /// The function's logical id.
    pub(super) function: &'f str,
    /// The logical id that SAM's transform makes: the function's and the event's.
    pub(super) id: String,
    pub(super) at: Place,
    pub(super) kind: &'f str,
    pub(super) properties: &'f Node,
}

impl SamEvent<'_> {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.properties.get(key)
    }

    /// A property that the event must have; SAM refuses a template without.
    pub(super) fn need(&self, key: &str) -> Node {
        self.get(key).cloned().unwrap_or_else(|| Node::text(self.at, ""))
    }

    pub(super) fn function_arn(&self) -> Node {
        Node::attribute(self.at, self.function, "Arn")
    }
}

pub(super) fn expand(function: &Resource, role: &mut RoleMaker, made: &mut Made) {
    let events = function.properties.get("Events").map_or(&[][..], Node::entries);
    for (name, node) in events {
        let (Some(kind), Some(properties)) = (
            node.get("Type").and_then(Node::as_text),
            node.get("Properties").or(Some(node)),
        ) else {
            continue;
        };
        let event = SamEvent {
            function: &function.id,
            id: format!("{}{name}", function.id),
            at: node.at,
            kind,
            properties,
        };
        match kind {
            "Kinesis" | "DynamoDB" | "SQS" | "MSK" | "MQ" | "SelfManagedKafka" | "DocumentDB" => {
                pull::expand(&event, role, made);
            }
            "Api" => api::rest(&event, made),
            "HttpApi" => api::http(&event, made),
            _ => push::expand(&event, role, made),
        }
    }
}
