//! The resources that the transform has created so far.

use std::collections::HashMap;

use super::super::node::{Node, NodeKind};
use super::super::resource::Resource;
use super::api::Apis;
use super::event::SamTarget;
use crate::doctor::deployment::TemplateFault;
use crate::doctor::place::Place;

/// The resources created so far.
#[derive(Default)]
pub(super) struct Expansion {
    pub(super) resources: Vec<Resource>,
    /// The APIs of the template.
    pub(super) apis: Apis,
    /// Notifications of buckets, by the buckets' logical ids.
    notifications: Vec<(String, Node)>,
    pub(super) faults: Vec<TemplateFault>,
    /// Routes that events make: the API, the path and the method, as they are written.
    pub(super) replaced: Vec<[String; 3]>,
}

impl Expansion {
    /// Nothing so far, in a template with these APIs.
    pub(super) fn new(apis: Apis) -> Self {
        Self {
            apis,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, id: impl Into<String>, kind: &str, at: Place, properties: Node) {
        self.resources.push(Resource::new(id, kind, at, properties));
    }

    pub(super) fn notification(&mut self, bucket: &str, configuration: Node) {
        self.notifications.push((bucket.to_owned(), configuration));
    }

    /// Permits a service to invoke the function, restricted as `conditions` say.
    pub(super) fn permission(
        &mut self,
        id: &str,
        target: &SamTarget,
        principal: (&str, Place),
        conditions: impl IntoIterator<Item = (&'static str, Node)>,
    ) {
        let (principal, at) = principal;
        self.permit(id, target.name(at), (principal, at), conditions);
    }

    /// Permits a service to invoke what `function` names.
    pub(super) fn permit(
        &mut self,
        id: &str,
        function: Node,
        (principal, at): (&str, Place),
        conditions: impl IntoIterator<Item = (&'static str, Node)>,
    ) {
        let properties = [
            ("FunctionName", function),
            ("Action", Node::text(at, "lambda:InvokeFunction")),
            ("Principal", Node::text(at, principal)),
        ];
        let properties = Node::map(at, properties.into_iter().chain(conditions));
        self.push(id, "AWS::Lambda::Permission", at, properties);
    }

    /// Adds the notifications to their buckets, which may come after the functions they trigger.
    pub(super) fn notify(&mut self) {
        let mut by_bucket: HashMap<String, Vec<Node>> = HashMap::new();
        for (bucket, configuration) in self.notifications.drain(..) {
            by_bucket.entry(bucket).or_default().push(configuration);
        }
        for bucket in &mut self.resources {
            let Some(added) = by_bucket.remove(&bucket.id) else {
                continue;
            };
            let mut whole = bucket.properties.get("NotificationConfiguration").cloned();
            let whole = whole.get_or_insert_with(|| Node::map(bucket.at, []));
            let written = whole.get("LambdaConfigurations").map_or(&[][..], Node::items);
            let kind = NodeKind::List([written, &added].concat());
            whole.set("LambdaConfigurations", Node { at: bucket.at, kind });
            bucket.properties.set("NotificationConfiguration", whole.clone());
        }
    }
}
