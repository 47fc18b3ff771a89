//! APIs: SAM's own, and the events that add routes to them.

use std::collections::HashMap;

use super::super::include::LOCATION;
use super::super::node::Node;
use super::super::read::{SAM_KEY, SAM_PATH};
use super::super::resource::Resource;
use super::event::SamEvent;
use super::expansion::Expansion;
use crate::doctor::deployment::{operation, operation_of_key};
use crate::doctor::place::Place;

const SERVICE: &str = "apigateway.amazonaws.com";
const INVOCATIONS: &str = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function}/invocations";
const STREAMING: &str = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/${Function}/response-streaming-invocations";

/// The APIs of a template, and whether events add routes to their documents.
#[derive(Default)]
pub(super) struct Apis(HashMap<String, bool>);

impl Apis {
    pub(super) fn of(resources: &[Resource]) -> Self {
        let apis = resources.iter().filter_map(|resource| {
            let has = |key: &str| resource.properties.get(key).is_some();
            let adds = match &*resource.kind {
                "AWS::Serverless::Api" => {
                    !has("DefinitionBody") && !has("DefinitionUri") || has("MergeDefinitions")
                }
                // Routes that the document does not have are added.
                "AWS::Serverless::HttpApi" => !has("DefinitionUri"),
                "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => false,
                _ => return None,
            };
            Some((resource.id.clone(), adds))
        });
        Self(apis.collect())
    }

    /// Whether an event of this API makes a route. An API of elsewhere has a document of its own.
    fn takes_routes(&self, api: &Node) -> bool {
        let id = api.get("Ref").and_then(Node::as_text).or_else(|| api.as_text());
        id.is_some_and(|id| self.0.get(id).copied().unwrap_or(id.starts_with("Serverless")))
    }
}

/// `AWS::Serverless::Api` and `AWS::Serverless::HttpApi`.
pub(super) fn expand(mut api: Resource, made: &mut Expansion) {
    let http = api.kind == "AWS::Serverless::HttpApi";
    let mut properties = Node::map(api.at, []);
    if let Some(body) = api.properties.get("DefinitionBody") {
        properties.set("Body", body.clone());
    } else if let Some(location) = api.properties.get("DefinitionUri") {
        properties.set(LOCATION, location.clone());
    }
    let auth = api
        .properties
        .get("Auth")
        .and_then(|auth| auth.get("Authorizers"));
    for (name, authorizer) in auth.map_or(&[][..], Node::entries) {
        self::authorizer(&api.id, name, authorizer, http, made);
    }
    api.kind = match http {
        true => "AWS::ApiGatewayV2::Api",
        false => "AWS::ApiGateway::RestApi",
    }
    .to_owned();
    if http {
        properties.set("ProtocolType", Node::text(api.at, "HTTP"));
    }
    api.properties = properties;
    made.resources.push(api);
}

/// Takes the operations out of an API's document that events write anew: SAM keeps nothing of their integrations.
pub(super) fn replace(api: &mut Resource, replaced: &[[String; 3]]) {
    let own = replaced.iter().filter(|[id, ..]| *id == api.id);
    for [_, path, method] in own {
        let document = api
            .properties
            .get_mut("Body")
            .and_then(|body| body.get_mut("paths"));
        let item = document.and_then(|paths| paths.get_mut(path));
        if let Some(operation) = item.and_then(|item| item.get_mut(method)) {
            *operation = Node::map(operation.at, []);
        }
    }
}

/// A function that decides who may call the API. For HTTP APIs SAM makes the permission only if it is told to.
fn authorizer(api: &str, name: &str, authorizer: &Node, http: bool, made: &mut Expansion) {
    let Some(function) = authorizer.get("FunctionArn") else {
        return;
    };
    let at = authorizer.at;
    let says = |key: &str, value: &str| {
        authorizer
            .get(key)
            .and_then(Node::as_text)
            .is_some_and(|text| text.eq_ignore_ascii_case(value))
    };
    let permits = match http {
        true => says("EnableFunctionDefaultPermissions", "true"),
        false => !says("DisableFunctionDefaultPermissions", "true"),
    };
    let id = Node::reference(at, api);
    if permits {
        permit_authorizer(
            &format!("{api}{name}AuthorizerPermission"),
            function.clone(),
            id.clone(),
            at,
            made,
        );
    }
    let uri = uri(at, INVOCATIONS, function.clone());
    let role = authorizer.get("FunctionInvokeRole").cloned();
    let kind = match says("FunctionPayloadType", "REQUEST") {
        true => "REQUEST",
        false => "TOKEN",
    };
    let (resource, id_key, role_key) = match http {
        true => (
            "AWS::ApiGatewayV2::Authorizer",
            "ApiId",
            "AuthorizerCredentialsArn",
        ),
        false => (
            "AWS::ApiGateway::Authorizer",
            "RestApiId",
            "AuthorizerCredentials",
        ),
    };
    let properties = [
        (id_key, id),
        ("Type", Node::text(at, kind)),
        ("AuthorizerUri", uri),
    ];
    let properties = properties.into_iter().chain(role.map(|role| (role_key, role)));
    made.push(
        format!("{api}{name}Authorizer"),
        resource,
        at,
        Node::map(at, properties),
    );
}

fn permit_authorizer(id: &str, function: Node, api: Node, at: Place, made: &mut Expansion) {
    let source = ("SourceArn", execute_api(at, api, "authorizers/*"));
    made.permit(id, function, (SERVICE, at), [source]);
}

/// `AWS::Serverless::WebSocketApi`: an integration and a permission for each route.
pub(super) fn websocket(mut api: Resource, made: &mut Expansion) {
    let at = api.at;
    let id = Node::reference(at, &api.id);
    for (route, node) in api.properties.get("Routes").map_or(&[][..], Node::entries) {
        let Some(function) = node.get("FunctionArn") else {
            continue;
        };
        let name = format!("{}{}", api.id, route.trim_start_matches('$'));
        let mut integration = Node::map(
            node.at,
            [
                ("ApiId", id.clone()),
                ("IntegrationType", Node::text(node.at, "AWS_PROXY")),
                ("IntegrationUri", uri(node.at, INVOCATIONS, function.clone())),
                (SAM_KEY, Node::text(node.at, &**route)),
            ],
        );
        if let Some(timeout) = node.get("IntegrationTimeout") {
            integration.set("TimeoutInMillis", timeout.clone());
        }
        made.push(
            format!("{name}Integration"),
            "AWS::ApiGatewayV2::Integration",
            node.at,
            integration,
        );
        let path = format!("*/{route}");
        let source = ("SourceArn", execute_api(node.at, id.clone(), &path));
        made.permit(
            &format!("{name}Permission"),
            function.clone(),
            (SERVICE, node.at),
            [source],
        );
    }
    if let Some((auth, function)) = api
        .properties
        .get("Auth")
        .and_then(|auth| Some((auth, auth.get("AuthArn")?)))
    {
        let role = auth.get("InvokeRole").cloned();
        if role.is_none() {
            permit_authorizer(
                &format!("{}AuthorizerPermission", api.id),
                function.clone(),
                id.clone(),
                at,
                made,
            );
        }
        let properties = [
            ("ApiId", id),
            ("AuthorizerUri", uri(at, INVOCATIONS, function.clone())),
        ];
        let properties = properties
            .into_iter()
            .chain(role.map(|role| ("AuthorizerCredentialsArn", role)));
        let name = format!("{}ConnectAuthorizer", api.id);
        made.push(
            name,
            "AWS::ApiGatewayV2::Authorizer",
            at,
            Node::map(at, properties),
        );
    }
    api.kind = "AWS::ApiGatewayV2::Api".to_owned();
    api.properties = Node::map(at, [("ProtocolType", Node::text(at, "WEBSOCKET"))]);
    made.resources.push(api);
}

/// A route of a REST API.
pub(super) fn rest(event: &SamEvent<'_>, made: &mut Expansion) {
    let api = api(event, "RestApiId", "ServerlessRestApi");
    let operation = route(event).map(|(method, path)| operation(method, path));
    permit(event, api.clone(), operation.as_deref(), made);
    if !made.apis.takes_routes(&api) {
        return;
    }
    if let (Some(id), Some((method, path))) = (api.get("Ref").and_then(Node::as_text), route(event)) {
        made.replaced.push([id, path, method].map(str::to_owned));
    }
    // SAM's value is that of a function URL, and every other one means nothing.
    let mode = event.get("ResponseTransferMode").and_then(Node::as_text);
    let streams = mode == Some("RESPONSE_STREAM");
    let mut integration = proxy(event, if streams { STREAMING } else { INVOCATIONS });
    integration.set("Type", Node::text(event.at, "AWS_PROXY"));
    let properties = [
        ("RestApiId", api),
        ("HttpMethod", event.need("Method")),
        (SAM_PATH, event.need("Path")),
        ("Integration", integration),
    ];
    made.push(
        &*event.id,
        "AWS::ApiGateway::Method",
        event.at,
        Node::map(event.at, properties),
    );
}

/// A route of an HTTP API.
pub(super) fn http(event: &SamEvent<'_>, made: &mut Expansion) {
    let api = api(event, "ApiId", "ServerlessHttpApi");
    // Without a route it is for every request that has none.
    let key = match (event.get("Method"), event.get("Path")) {
        (None, None) => Some("$default".to_owned()),
        _ => route(event).map(|(method, path)| format!("{method} {path}")),
    };
    // The permission of the route for all other requests is for every route.
    let operation = key
        .as_deref()
        .filter(|key| !key.ends_with("$default"))
        .map(operation_of_key);
    permit(event, api.clone(), operation.as_deref(), made);
    if !made.apis.takes_routes(&api) {
        return;
    }
    let mut integration = proxy(event, INVOCATIONS);
    let version = event.get("PayloadFormatVersion").cloned();
    let version = version.unwrap_or_else(|| Node::text(event.at, "2.0"));
    if let Some(key) = key {
        integration.set(SAM_KEY, Node::text(event.at, key));
    }
    integration.set("ApiId", api);
    integration.set("IntegrationType", Node::text(event.at, "AWS_PROXY"));
    integration.set("PayloadFormatVersion", version);
    made.push(
        &*event.id,
        "AWS::ApiGatewayV2::Integration",
        event.at,
        integration,
    );
}

/// The API that the event names, or the one that SAM creates for events that name none.
fn api(event: &SamEvent<'_>, key: &str, implicit: &str) -> Node {
    match event.get(key) {
        // A logical id may be given without `Ref`.
        Some(named) => named
            .as_text()
            .map_or_else(|| named.clone(), |id| Node::reference(named.at, id)),
        None => Node::reference(event.at, implicit),
    }
}

fn uri(at: Place, text: &str, function: Node) -> Node {
    let own = Node::map(at, [("Function", function)]);
    Node::map(at, [("Fn::Sub", Node::list(at, [Node::text(at, text), own]))])
}

fn proxy(event: &SamEvent<'_>, text: &str) -> Node {
    let at = event.at;
    let uri = uri(at, text, event.function_arn());
    // The property's names in both versions of API Gateway.
    let mut integration = Node::map(at, [("Uri", uri.clone()), ("IntegrationUri", uri)]);
    if let Some(timeout) = event.get("TimeoutInMillis") {
        integration.set("TimeoutInMillis", timeout.clone());
    }
    integration
}

fn execute_api(at: Place, api: Node, path: &str) -> Node {
    let arn =
        format!("arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/{path}");
    let sub = Node::list(at, [Node::text(at, arn), Node::map(at, [("Api", api)])]);
    Node::map(at, [("Fn::Sub", sub)])
}

/// The method and the path of an event, if they are written there.
fn route<'e>(event: &'e SamEvent<'_>) -> Option<(&'e str, &'e str)> {
    Some((event.get("Method")?.as_text()?, event.get("Path")?.as_text()?))
}

/// Permits the API to invoke the function for this route, or for every one, of all stages.
fn permit(event: &SamEvent<'_>, api: Node, operation: Option<&str>, made: &mut Expansion) {
    let path = operation.map_or_else(|| "*".to_owned(), |operation| format!("*/{operation}"));
    let source = ("SourceArn", execute_api(event.at, api, &path));
    let id = format!("{}Permission", event.id);
    made.permission(&id, event.target, (SERVICE, event.at), [source]);
}
