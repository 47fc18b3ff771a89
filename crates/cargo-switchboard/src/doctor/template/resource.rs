//! The resources of a template.

use super::node::Node;
use crate::doctor::place::Place;

#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) at: Place,
    /// The type, such as `AWS::Lambda::Function`.
    pub(super) kind: String,
    /// The condition under which it exists.
    pub(super) condition: Option<String>,
    pub(super) properties: Node,
    pub(super) metadata: Option<Node>,
    /// `UpdatePolicy`.
    pub(super) update: Option<Node>,
    /// SAM's `IgnoreGlobals`.
    pub(super) ignored: Option<Node>,
}

impl Resource {
    pub(super) fn new(id: impl Into<String>, kind: &str, at: Place, properties: Node) -> Self {
        Self {
            id: id.into(),
            at,
            kind: kind.to_owned(),
            condition: None,
            properties,
            metadata: None,
            update: None,
            ignored: None,
        }
    }

    /// The entries of `Resources:` that have a type.
    pub(super) fn all(root: &Node) -> Vec<Self> {
        let resources = root.get("Resources").map_or(&[][..], Node::entries);
        resources
            .iter()
            .filter_map(|(id, node)| Self::read(id, node))
            .collect()
    }

    /// The path of the CDK construct that it comes from.
    pub(super) fn construct(&self) -> Option<&str> {
        self.metadata.as_ref()?.get("aws:cdk:path")?.as_text()
    }

    fn read(id: &str, node: &Node) -> Option<Self> {
        let kind = node.get("Type")?.as_text()?;
        let properties = node.get("Properties").cloned();
        let properties = properties.unwrap_or_else(|| Node::map(node.at, []));
        let mut resource = Self::new(id, kind, node.at, properties);
        resource.condition = node.get("Condition").and_then(Node::as_text).map(str::to_owned);
        resource.metadata = node.get("Metadata").cloned();
        resource.update = node.get("UpdatePolicy").cloned();
        resource.ignored = node.get("IgnoreGlobals").cloned();
        Some(resource)
    }
}
