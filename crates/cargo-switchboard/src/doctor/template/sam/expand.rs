//! The transform `AWS::Serverless-2016-10-31`.

use super::super::node::Node;
use super::super::resource::Resource;
use super::api::{self, Apis};
use super::expansion::Expansion;
use super::{connector, function, globals, others};
use crate::Error;
use crate::doctor::deployment::TemplateFault;

/// Replaces SAM's resources with their expansions. A template without SAM's resources stays unchanged.
///
/// # Errors
/// If the template has SAM's resources, but does not name the transform.
pub(in crate::doctor::template) fn expand(
    root: &Node,
    resources: Vec<Resource>,
) -> Result<(Vec<Resource>, Vec<TemplateFault>), Error> {
    let sam = resources
        .iter()
        .find(|resource| resource.kind.starts_with("AWS::Serverless::"));
    if !is_sam(root) {
        return match sam {
            Some(resource) => Err(Error::other(format!(
                "line {}: {} has the type {}, but the template has no Transform: AWS::Serverless-2016-10-31",
                resource.at.line, resource.id, resource.kind
            ))),
            None => Ok((resources, Vec::new())),
        };
    }
    let connectors = connector::written(root, &resources);
    let mut resources = resources;
    resources
        .iter_mut()
        .for_each(|resource| globals::apply(root, resource));
    let mut made = Expansion::new(Apis::of(&resources));
    for mut resource in resources {
        match &*resource.kind {
            "AWS::Serverless::Function" => function::expand(resource, &mut made),
            "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => api::expand(resource, &mut made),
            "AWS::Serverless::WebSocketApi" => api::websocket(resource, &mut made),
            "AWS::Serverless::GraphQLApi" => others::graphql(resource, &mut made),
            "AWS::Serverless::SimpleTable" => {
                resource.kind = "AWS::DynamoDB::Table".to_owned();
                made.resources.push(resource);
            }
            "AWS::Serverless::StateMachine" => {
                resource.kind = "AWS::StepFunctions::StateMachine".to_owned();
                made.resources.push(resource);
            }
            _ => made.resources.push(resource),
        }
    }
    made.notify();
    for api in &mut made.resources {
        if api.kind == "AWS::ApiGateway::RestApi" {
            api::replace(api, &made.replaced);
        }
    }
    connector::expand(&connectors, &mut made.resources);
    Ok((made.resources, made.faults))
}

fn is_sam(root: &Node) -> bool {
    let transforms = root.get("Transform").map_or(&[][..], Node::items);
    let named = |node: &Node| {
        let name = node
            .as_text()
            .or_else(|| node.get("Name").and_then(Node::as_text));
        name.is_some_and(|name| name.starts_with("AWS::Serverless-"))
    };
    transforms.iter().any(named)
}
