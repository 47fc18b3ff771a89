//! APIs: SAM's own, and the events that add routes to them.

use super::super::node::Node;
use super::super::resource::Resource;
use super::event::SamEvent;
use super::expansion::Expansion;

/// `AWS::Serverless::Api` and `AWS::Serverless::HttpApi`.
pub(super) fn expand(mut api: Resource) -> Resource {
    let body = api.properties.get("DefinitionBody").cloned();
    let mut properties = Node::map(api.at, []);
    if let Some(body) = body {
        properties.set("Body", body);
    }
    let http = api.kind == "AWS::Serverless::HttpApi";
    api.kind = match http {
        true => "AWS::ApiGatewayV2::Api",
        false => "AWS::ApiGateway::RestApi",
    }
    .to_owned();
    if http {
        properties.set("ProtocolType", Node::text(api.at, "HTTP"));
    }
    api.properties = properties;
    api
}

/// A route of a REST API.
pub(super) fn rest(event: &SamEvent<'_>, made: &mut Expansion) {
    let api = api(event, "RestApiId", "ServerlessRestApi");
    let mut integration = proxy(event);
    integration.set("Type", Node::text(event.at, "AWS_PROXY"));
    let properties = [
        ("RestApiId", api.clone()),
        ("HttpMethod", event.need("Method")),
        ("Integration", integration),
    ];
    made.push(
        &*event.id,
        "AWS::ApiGateway::Method",
        event.at,
        Node::map(event.at, properties),
    );
    permit(event, api, made);
}

/// A route of an HTTP API.
pub(super) fn http(event: &SamEvent<'_>, made: &mut Expansion) {
    let api = api(event, "ApiId", "ServerlessHttpApi");
    let mut integration = proxy(event);
    let version = event.get("PayloadFormatVersion").cloned();
    let version = version.unwrap_or_else(|| Node::text(event.at, "2.0"));
    integration.set("ApiId", api.clone());
    integration.set("IntegrationType", Node::text(event.at, "AWS_PROXY"));
    integration.set("PayloadFormatVersion", version);
    made.push(
        &*event.id,
        "AWS::ApiGatewayV2::Integration",
        event.at,
        integration,
    );
    permit(event, api, made);
}

/// The API that the event names, or the one that SAM creates for events that name none.
fn api(event: &SamEvent<'_>, key: &str, implicit: &str) -> Node {
    let named = event.get(key).cloned();
    named.unwrap_or_else(|| Node::reference(event.at, implicit))
}

fn proxy(event: &SamEvent<'_>) -> Node {
    let at = event.at;
    let uri = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{}.Arn}}/invocations",
        event.function
    );
    let uri = Node::sub(at, uri);
    // The property's names in both versions of API Gateway.
    let mut integration = Node::map(at, [("Uri", uri.clone()), ("IntegrationUri", uri)]);
    if let Some(timeout) = event.get("TimeoutInMillis") {
        integration.set("TimeoutInMillis", timeout.clone());
    }
    integration
}

fn permit(event: &SamEvent<'_>, api: Node, made: &mut Expansion) {
    let at = event.at;
    let arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*";
    let sub = Node::list(at, [Node::text(at, arn), Node::map(at, [("Api", api)])]);
    let source = ("SourceArn", Node::map(at, [("Fn::Sub", sub)]));
    let id = format!("{}Permission", event.id);
    made.permission(&id, event.function, "apigateway.amazonaws.com", source);
}
