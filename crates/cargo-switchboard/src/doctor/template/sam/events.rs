//! The `Events` of a function: each is expanded to the resources that connect its source.

use super::super::node::Node;
use super::super::resource::Resource;
use super::event::SamEvent;
use super::expansion::Expansion;
use super::role::RoleMaker;
use super::{api, pull, push};

pub(super) fn expand(function: &Resource, role: &mut RoleMaker, made: &mut Expansion) {
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
