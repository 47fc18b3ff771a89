//! Stacks that a template creates from templates of their own.

use std::collections::HashMap;

use super::node::Node;
use super::resource::Resource;
use super::scope::Scope;
use crate::doctor::deployment::Nested;
use crate::doctor::text::{UNKNOWN, is_known};

/// The types, each with the property that says where the template is.
const STACKS: [(&str, &str); 2] = [
    ("AWS::CloudFormation::Stack", "TemplateURL"),
    ("AWS::Serverless::Application", "Location"),
];

/// The nested stacks that exist.
pub(super) fn nested(scope: &Scope<'_>, resources: &[Resource]) -> Vec<Nested> {
    let stacks = resources.iter().filter_map(|resource| {
        let (_, property) = STACKS.iter().find(|(kind, _)| *kind == resource.kind)?;
        scope.exists(resource).then(|| stack(scope, resource, property))
    });
    stacks.collect()
}

fn stack(scope: &Scope<'_>, resource: &Resource, property: &str) -> Nested {
    let text = |node: &Node| Some(scope.value(node)?.as_text()?.to_owned());
    let location = resource.properties.get(property).and_then(text);
    // CDK uploads the template, and says where it has written it.
    let asset = resource
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.get("aws:asset:path"));
    let asset = asset.and_then(Node::as_text).map(str::to_owned);
    let is_local = |text: &String| is_known(text) && !text.contains("://");
    Nested {
        label: resource.id.clone(),
        template: asset.or(location.filter(is_local)),
        parameters: parameters(scope, resource),
    }
}

fn parameters(scope: &Scope<'_>, resource: &Resource) -> HashMap<String, String> {
    let given = resource
        .properties
        .get("Parameters")
        .map_or(&[][..], Node::entries);
    let known = |node: &Node| {
        let value = scope.value(node)?;
        value.as_text().filter(|text| is_known(text)).map(str::to_owned)
    };
    let given = given.iter().map(|(name, node)| {
        let value: Option<String> = known(node);
        (name.clone(), value.unwrap_or_else(|| UNKNOWN.to_string()))
    });
    given.collect()
}
