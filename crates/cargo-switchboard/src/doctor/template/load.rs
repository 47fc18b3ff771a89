//! Reads a template into the model.

use std::collections::HashMap;

use super::node::Node;
use super::parse::parse;
use super::read::read;
use super::resource::Resource;
use super::sam;
use super::scope::Scope;
use crate::Error;
use crate::doctor::deployment::Deployment;
#[cfg(feature = "aws")]
use {crate::doctor::deployment::Statement, switchboard_aws::Failure};

/// Reads what the template deploys with these parameters. Other parameters have their defaults or are unknown.
///
/// # Errors
/// If the text is not a template, or if the template does not have a given parameter.
pub(crate) fn load(text: &str, parameters: &HashMap<String, String>) -> Result<Deployment, Error> {
    let root = parse(text)?;
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
    let resources = sam::expand(&root, Resource::all(&root));
    let scope = Scope::new(&root, &resources, parameters);
    let deployment = read(&scope, &resources);
    Ok(Deployment {
        symbols: scope.into_symbols(),
        ..deployment
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
