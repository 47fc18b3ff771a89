//! The transform as a whole: `AWS::Serverless-2016-10-31`.

use super::super::node::{Kind, Node};
use super::super::resource::Resource;
use super::{api, connector, function, globals};
use crate::doctor::place::Place;

/// Replaces SAM's resources by what becomes of them. A template without the transform stays as it is.
pub(in crate::doctor::template) fn expand(root: &Node, resources: Vec<Resource>) -> Vec<Resource> {
    if !is_sam(root) {
        return resources;
    }
    let mut made = Made::default();
    let connectors = connector::written(root, &resources);
    for mut resource in resources {
        globals::apply(root, &mut resource);
        match &*resource.kind {
            "AWS::Serverless::Function" => function::expand(resource, &mut made),
            "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => made.resources.push(api::expand(resource)),
            "AWS::Serverless::SimpleTable" => {
                resource.kind = "AWS::DynamoDB::Table".to_owned();
                made.resources.push(resource);
            }
            _ => made.resources.push(resource),
        }
    }
    made.notify();
    connector::expand(&connectors, &mut made.resources);
    made.resources
}

fn is_sam(root: &Node) -> bool {
    let transforms = root.get("Transform").map_or(&[][..], Node::items);
    let named = |node: &Node| {
        node.as_text()
            .is_some_and(|name| name.starts_with("AWS::Serverless-"))
    };
    transforms.iter().any(named)
}

/// What has been made so far.
#[derive(Default)]
pub(super) struct Made {
    pub(super) resources: Vec<Resource>,
    /// What buckets have to tell, by their logical ids.
    notifications: Vec<(String, Node)>,
}

impl Made {
    pub(super) fn push(&mut self, id: impl Into<String>, kind: &str, at: Place, properties: Node) {
        self.resources.push(Resource::new(id, kind, at, properties));
    }

    pub(super) fn notification(&mut self, bucket: &str, configuration: Node) {
        self.notifications.push((bucket.to_owned(), configuration));
    }

    /// The right of a service to invoke `function`.
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

    /// Buckets may stand behind the functions they wake.
    fn notify(&mut self) {
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
                    kind: Kind::List(all),
                },
            );
            bucket.properties.set("NotificationConfiguration", whole.clone());
        }
    }
}
