//! The resources that the transform has created so far.

use super::super::node::{Node, NodeKind};
use super::super::resource::Resource;
use crate::doctor::place::Place;

/// The resources created so far.
#[derive(Default)]
pub(super) struct Expansion {
    pub(super) resources: Vec<Resource>,
    /// Notifications of buckets, by the buckets' logical ids.
    notifications: Vec<(String, Node)>,
}

impl Expansion {
    pub(super) fn push(&mut self, id: impl Into<String>, kind: &str, at: Place, properties: Node) {
        self.resources.push(Resource::new(id, kind, at, properties));
    }

    pub(super) fn notification(&mut self, bucket: &str, configuration: Node) {
        self.notifications.push((bucket.to_owned(), configuration));
    }

    /// Permits a service to invoke `function`.
    pub(super) fn permission(&mut self, id: &str, function: &str, principal: &str, source: (&str, Node)) {
        let (key, source) = source;
        let at = source.at;
        let properties = [
            ("FunctionName", Node::reference(at, function)),
            ("Action", Node::text(at, "lambda:InvokeFunction")),
            ("Principal", Node::text(at, principal)),
            (key, source),
        ];
        self.push(id, "AWS::Lambda::Permission", at, Node::map(at, properties));
    }

    /// Adds the notifications to their buckets, which may come after the functions they trigger.
    pub(super) fn notify(&mut self) {
        for (id, configuration) in self.notifications.drain(..) {
            let Some(bucket) = self.resources.iter_mut().find(|resource| resource.id == id) else {
                continue;
            };
            let at = configuration.at;
            let mut whole = bucket.properties.get("NotificationConfiguration").cloned();
            let whole = whole.get_or_insert_with(|| Node::map(at, []));
            let mut all = whole
                .get("LambdaConfigurations")
                .map_or(Vec::new(), |node| node.items().to_vec());
            all.push(configuration);
            whole.set(
                "LambdaConfigurations",
                Node {
                    at,
                    kind: NodeKind::List(all),
                },
            );
            bucket.properties.set("NotificationConfiguration", whole.clone());
        }
    }
}
