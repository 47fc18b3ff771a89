//! SAM's resources for other services.

use super::super::node::Node;
use super::super::resource::Resource;
use super::expansion::Expansion;

/// `AWS::Serverless::GraphQLApi`: its Lambda data sources, and its Lambda authorizer.
pub(super) fn graphql(mut api: Resource, made: &mut Expansion) {
    let sources = api
        .properties
        .get("DataSources")
        .and_then(|sources| sources.get("Lambda"));
    for (name, source) in sources.map_or(&[][..], Node::entries) {
        let Some(function) = source.get("FunctionArn") else {
            continue;
        };
        let at = source.at;
        let config = Node::map(at, [("LambdaFunctionArn", function.clone())]);
        let properties = Node::map(at, [("Name", Node::text(at, name)), ("LambdaConfig", config)]);
        made.push(
            format!("{}{name}DataSource", api.id),
            "AWS::AppSync::DataSource",
            at,
            properties,
        );
    }
    let auth = api
        .properties
        .get("Auth")
        .and_then(|auth| auth.get("LambdaAuthorizer"))
        .cloned();
    if let Some(config) = auth {
        let at = config.at;
        if let Some(function) = config.get("AuthorizerUri") {
            let source = ("SourceArn", Node::attribute(at, &api.id, "Arn"));
            let id = format!("{}AuthorizerPermission", api.id);
            made.permit(&id, function.clone(), ("appsync.amazonaws.com", at), [source]);
        }
        api.properties.set("LambdaAuthorizerConfig", config);
    }
    api.kind = "AWS::AppSync::GraphQLApi".to_owned();
    made.resources.push(api);
}
