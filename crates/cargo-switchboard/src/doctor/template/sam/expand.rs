//! The transform `AWS::Serverless-2016-10-31`.

use super::super::node::Node;
use super::super::resource::Resource;
use super::expansion::Expansion;
use super::{api, connector, function, globals};

/// Replaces SAM's resources with their expansions. A template without the transform stays unchanged.
pub(in crate::doctor::template) fn expand(root: &Node, resources: Vec<Resource>) -> Vec<Resource> {
    if !is_sam(root) {
        return resources;
    }
    let mut made = Expansion::default();
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
