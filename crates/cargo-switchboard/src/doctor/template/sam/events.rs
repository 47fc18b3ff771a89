//! The `Events` of a function: each is expanded to the resources that connect its source.

use super::super::node::Node;
use super::super::resource::Resource;
use super::event::{SamEvent, SamTarget};
use super::expansion::Expansion;
use super::role::RoleMaker;
use super::{api, pull, push};
use crate::doctor::deployment::{TemplateFault, TemplateFaultKind};

pub(super) fn expand(function: &Resource, target: &SamTarget, role: &mut RoleMaker, made: &mut Expansion) {
    let events = function.properties.get("Events").map_or(&[][..], Node::entries);
    for (name, node) in events {
        let Some(kind) = node.get("Type").and_then(Node::as_text) else {
            continue;
        };
        let event = SamEvent {
            target,
            id: format!("{}{name}", function.id),
            at: node.at,
            kind,
            properties: node.get("Properties").unwrap_or(node),
        };
        let known = match kind {
            "Kinesis" | "DynamoDB" | "SQS" | "MSK" | "MQ" | "SelfManagedKafka" | "DocumentDB" => {
                pull::expand(&event, role, made);
                true
            }
            "Api" => {
                api::rest(&event, made);
                true
            }
            "HttpApi" => {
                api::http(&event, made);
                true
            }
            _ => push::expand(&event, role, made),
        };
        if !known {
            made.faults.push(TemplateFault {
                kind: TemplateFaultKind::UnknownEvent,
                label: function.id.clone(),
                at: node.at,
                what: format!("{name} of {} has the type {kind}", function.id),
            });
        }
    }
}
