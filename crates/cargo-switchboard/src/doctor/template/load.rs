//! Reads a template into the model.

use std::collections::HashMap;

use super::include::{self, Files, TRANSFORM, is_include};
use super::nested::nested;
use super::node::Node;
#[cfg(feature = "aws")]
use super::parse::parse;
use super::parse::parse_with;
use super::read::read;
use super::resource::Resource;
use super::scope::Scope;
use super::{for_each, sam, tooling};
use crate::Error;
use crate::doctor::deployment::{Deployment, TemplateFault, TemplateFaultKind, Unread};
use crate::doctor::place::Place;
#[cfg(feature = "aws")]
use {crate::doctor::deployment::Statement, switchboard_aws::Failure};

/// The kinds of functions.
const FUNCTIONS: [&str; 2] = ["AWS::Lambda::Function", "AWS::Serverless::Function"];

/// Reads what the template deploys with these parameters. Other parameters have their defaults or are unknown. Functions
/// that tools add for their own use are left out unless `with_tooling` says otherwise. `files` reads what the template takes
/// from other files.
///
/// # Errors
/// If the text is not a template, if the template does not have a given parameter, or if no function in it or in the templates
/// of nested stacks can be checked.
pub(crate) fn load(
    text: &str,
    parameters: &HashMap<String, String>,
    with_tooling: bool,
    files: Files<'_>,
) -> Result<Deployment, Error> {
    let (root, duplicates) = parse_with(text)?;
    let own = root.get("Parameters").map_or(&[][..], Node::entries);
    if let Some(odd) = parameters
        .keys()
        .find(|name| !own.iter().any(|(own, _)| own == *name))
    {
        return Err(Error::other(format!("the template has no parameter {odd}")));
    }
    if root.get("Resources").is_none() {
        return Err(Error::other(
            "the template has no Resources section; expected a CloudFormation or SAM template",
        ));
    }
    let (root, not_included) = include::expand(root, parameters, files);
    let root = for_each::expand(root, parameters)?;
    let (mut resources, faults) = sam::expand(&root, Resource::all(&root))?;
    let no_document = include::documents(&root, &mut resources, parameters, files);
    let scope = Scope::new(&root, &resources, parameters);
    let mut deployment = read(&scope, &resources);
    deployment.faults.extend(faults);
    deployment.faults.extend(duplicates.into_iter().map(duplicate));
    deployment.unread.extend(not_included);
    deployment.unread.extend(no_document);
    deployment.unread.extend(of_macro(&root));
    deployment.constructs = constructs(&resources);
    if !with_tooling {
        let constructs = &deployment.constructs;
        let is_own = |label: &str| !tooling::is_tools(label, constructs.get(label).map(String::as_str));
        deployment.functions.retain(|function| is_own(&function.label));
    }
    deployment.nested = nested(&scope, &resources);
    deployment.linked = !deployment.nested.is_empty();
    let reads_on = deployment.nested.iter().any(|stack| stack.template.is_some());
    if deployment.functions.is_empty() && !reads_on {
        return Err(nothing_to_check(&scope, &resources));
    }
    deployment.symbols = scope.into_symbols();
    Ok(deployment)
}

fn duplicate((key, at): (String, Place)) -> TemplateFault {
    TemplateFault {
        kind: TemplateFaultKind::DuplicateKey,
        label: key.clone(),
        at,
        what: format!("the key {key} is there twice in the same map; only the last one counts"),
    }
}

/// Parts of the template that a macro adds.
fn of_macro(root: &Node) -> Option<Unread> {
    let resources = root.get("Resources")?;
    let transform = resources.get(TRANSFORM).or_else(|| root.get(TRANSFORM))?;
    if transform.items().iter().all(is_include) {
        return None;
    }
    let name = transform.get("Name").and_then(Node::as_text).unwrap_or("a macro");
    Some(Unread {
        label: TRANSFORM.to_owned(),
        reason: format!("{name} adds resources that are not in the template"),
        triggers: true,
        permits: true,
    })
}

fn constructs(resources: &[Resource]) -> HashMap<String, String> {
    let constructs = resources
        .iter()
        .filter_map(|resource| Some((resource.id.clone(), resource.construct()?.to_owned())));
    constructs.collect()
}

/// Why no function of the template was checked.
fn nothing_to_check(scope: &Scope<'_>, resources: &[Resource]) -> Error {
    let functions: Vec<&Resource> = resources
        .iter()
        .filter(|resource| FUNCTIONS.contains(&&*resource.kind))
        .collect();
    let ids: Vec<&str> = functions.iter().map(|resource| &*resource.id).collect();
    let nested = resources.iter().filter(|resource| {
        matches!(
            &*resource.kind,
            "AWS::CloudFormation::Stack" | "AWS::Serverless::Application"
        )
    });
    let nested = nested.count();
    Error::other(match () {
        () if !functions.is_empty() && !functions.iter().any(|resource| scope.exists(resource)) => format!(
            "none of the functions ({}) exists with these parameters; pass others with --parameter NAME=VALUE",
            ids.join(", ")
        ),
        () if !functions.is_empty() => format!(
            "every function ({}) is one that a tool adds for itself; pass --all-functions to check them",
            ids.join(", ")
        ),
        () if nested > 0 => {
            let stacks = if nested == 1 {
                "a nested stack"
            } else {
                "nested stacks"
            };
            format!("the template has no Lambda function, but {stacks}: check the templates of those")
        }
        () => "the template has no Lambda function".to_owned(),
    })
}

/// Reads the statements of a JSON policy document from AWS.
///
/// # Errors
/// If the text is not valid JSON.
#[cfg(feature = "aws")]
pub(crate) fn statements(document: &str) -> Result<Vec<Statement>, Failure> {
    let root = parse(document).map_err(|error| Failure::new(format!("cannot read a policy: {error}")))?;
    let root = Node::map(root.at, [("Document", root)]);
    let parameters = HashMap::new();
    let scope = Scope::new(&root, &[], &parameters);
    let read = scope
        .value(&root)
        .map(|value| super::read::statements(&value, "Document"));
    // Deployed resources have no position in a file.
    let placeless = |statement| Statement {
        at: None,
        ..statement
    };
    Ok(read.unwrap_or_default().into_iter().map(placeless).collect())
}
