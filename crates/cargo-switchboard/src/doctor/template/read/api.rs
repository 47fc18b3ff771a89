//! APIs of API Gateway: REST, HTTP and WebSocket, route by route.

use std::collections::HashMap;

use super::super::value::{Value, is_mode};
use super::document;
use super::functions::Functions;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{
    Invoker, Setting, Trigger, TriggerKind, is_tenant_parameter, is_tenant_template, operation,
    operation_of_key,
};
use crate::doctor::text::is_known;

const SERVICE: &str = "apigateway.amazonaws.com";
/// Where the routes that SAM writes into an API's document have their path and their key.
pub(in crate::doctor::template) const SAM_PATH: &str = "Path";
pub(in crate::doctor::template) const SAM_KEY: &str = "RouteKey";

pub(super) fn read(reader: &Reader<'_>, functions: &mut Functions) {
    let paths = RestPaths::new(reader);
    for read in reader.of("AWS::ApiGateway::Method") {
        let arn = api_arn(reader, &read.properties.text_at("RestApiId"));
        let Setting::Known(integration) = read.properties.get("Integration") else {
            continue;
        };
        let kind = Spelling::Resource.rest(integration);
        let trigger = Trigger {
            operation: paths.operation(read),
            ..read.trigger(arn, Spelling::Resource.invoker(integration), kind)
        };
        functions.add(&integration.text_at("Uri"), trigger);
    }
    let protocols = Protocols::new(reader);
    let routes = ApiRoutes::new(reader);
    for read in reader.of("AWS::ApiGatewayV2::Integration") {
        let id = read.properties.text_at("ApiId");
        let kind = match protocols.is_websocket(&id) {
            true => TriggerKind::WebSocket {
                timeout: read.properties.number_at("TimeoutInMillis"),
            },
            false => TriggerKind::Http {
                timeout: read.properties.number_at("TimeoutInMillis"),
                version: read.properties.text_at("PayloadFormatVersion"),
            },
        };
        let trigger = read.trigger(api_arn(reader, &id), by_credentials(&read.properties), kind);
        for operation in routes.of(reader, read) {
            let trigger = Trigger {
                operation,
                ..trigger.clone()
            };
            functions.add(&read.properties.text_at("IntegrationUri"), trigger);
        }
    }
    for read in reader.of("AWS::ApiGatewayV2::Api") {
        quick(reader, read, functions);
        document::read(reader, read, functions, false);
    }
    for read in reader.of("AWS::ApiGateway::RestApi") {
        document::read(reader, read, functions, true);
    }
}

/// A quick-created API has a single catch-all route.
fn quick(reader: &Reader<'_>, read: &EvaluatedResource<'_>, functions: &mut Functions) {
    let arn = api_arn(reader, &Setting::Known(reader.reference(read)));
    let kind = TriggerKind::Http {
        timeout: Setting::Absent,
        version: Setting::Known("2.0".to_owned()),
    };
    let trigger = read.trigger(arn, by_credentials(&read.properties), kind);
    functions.add(&read.properties.text_at("Target"), trigger);
}

fn by_credentials(properties: &Value) -> Invoker {
    Invoker::by(SERVICE, !properties.get("CredentialsArn").is_absent())
}

/// The ARN that permissions name: every stage, method and path.
pub(super) fn api_arn(reader: &Reader<'_>, id: &Setting<String>) -> String {
    let Some(id) = id.known() else {
        return String::new();
    };
    let symbol = |name: &str| reader.scope.symbol(name);
    let (partition, region, account) = (
        symbol("AWS::Partition"),
        symbol("AWS::Region"),
        symbol("AWS::AccountId"),
    );
    format!("arn:{partition}:execute-api:{region}:{account}:{id}/*")
}

/// The paths of the resources of REST APIs.
struct RestPaths(HashMap<String, (Setting<String>, Setting<String>)>);

impl RestPaths {
    fn new(reader: &Reader<'_>) -> Self {
        let resources = reader.of("AWS::ApiGateway::Resource").map(|read| {
            let parent = read.properties.text_at("ParentId");
            (
                reader.reference(read),
                (parent, read.properties.text_at("PathPart")),
            )
        });
        let roots = reader.of("AWS::ApiGateway::RestApi").map(|api| {
            let root = reader
                .scope
                .symbol(&format!("{}.RootResourceId", api.resource.id));
            (root, (Setting::Absent, Setting::Absent))
        });
        Self(resources.chain(roots).collect())
    }

    /// The method and the path; empty if they are not known.
    fn operation(&self, read: &EvaluatedResource<'_>) -> String {
        let method = read.properties.text_at("HttpMethod");
        // SAM's routes have a path, the methods of a REST API a resource.
        let path = match read.properties.text_at(SAM_PATH) {
            Setting::Absent => self.path(&read.properties.text_at("ResourceId")),
            path => path.known().cloned(),
        };
        match (method.known(), path) {
            (Some(method), Some(path)) if is_known(method) => operation(method, &path),
            _ => String::new(),
        }
    }

    fn path(&self, id: &Setting<String>) -> Option<String> {
        let mut id = id.known()?;
        let mut path = String::new();
        // Parents that name each other would never end.
        for _ in 0..=self.0.len() {
            match self.0.get(id)? {
                (Setting::Known(parent), Setting::Known(part)) => {
                    path = format!("/{part}{path}");
                    id = parent;
                }
                (Setting::Absent, Setting::Absent) if path.is_empty() => return Some("/".to_owned()),
                (Setting::Absent, Setting::Absent) => return Some(path),
                _ => return None,
            }
        }
        None
    }
}

/// The routes of HTTP APIs, by the integration that they lead to.
struct ApiRoutes(Vec<(String, String)>);

impl ApiRoutes {
    fn new(reader: &Reader<'_>) -> Self {
        let routes = reader.of("AWS::ApiGatewayV2::Route").filter_map(|read| {
            let (key, target) = (
                read.properties.text_at("RouteKey"),
                read.properties.text_at("Target"),
            );
            Some((target.known()?.clone(), key.known()?.clone()))
        });
        Self(routes.collect())
    }

    /// What the routes of an integration are named in permissions; a single empty text if that is not known.
    fn of(&self, reader: &Reader<'_>, read: &EvaluatedResource<'_>) -> Vec<String> {
        if let Setting::Known(key) = read.properties.text_at(SAM_KEY) {
            return vec![operation_of_key(&key)];
        }
        let target = format!("integrations/{}", reader.reference(read));
        let keys = self.0.iter().filter(|(to, _)| *to == target);
        let operations: Vec<String> = keys.map(|(_, key)| operation_of_key(key)).collect();
        match operations.is_empty() {
            true => vec![String::new()],
            false => operations,
        }
    }
}

/// Which APIs of version 2 are WebSocket APIs.
pub(super) struct Protocols(HashMap<String, bool>);

impl Protocols {
    pub(super) fn new(reader: &Reader<'_>) -> Self {
        let apis = reader.of("AWS::ApiGatewayV2::Api").map(|api| {
            let protocol = api.properties.text_at("ProtocolType");
            let websocket = protocol.known().is_some_and(|protocol| protocol == "WEBSOCKET");
            (reader.reference(api), websocket)
        });
        Self(apis.collect())
    }

    pub(super) fn is_websocket(&self, id: &Setting<String>) -> bool {
        id.known()
            .and_then(|id| self.0.get(id))
            .copied()
            .unwrap_or_default()
    }
}

/// How the properties of an integration are spelled.
#[derive(Clone, Copy)]
pub(super) enum Spelling {
    /// `AWS::ApiGateway::Method`.
    Resource,
    /// An OpenAPI document.
    Document,
}

impl Spelling {
    /// A property of an integration.
    pub(super) fn of(self, name: &str) -> String {
        match self {
            Self::Resource => name.to_owned(),
            Self::Document => name[..1].to_ascii_lowercase() + &name[1..],
        }
    }

    pub(super) fn invoker(self, integration: &Value) -> Invoker {
        Invoker::by(SERVICE, !integration.get(&self.of("Credentials")).is_absent())
    }

    /// An integration of a REST API.
    pub(super) fn rest(self, integration: &Value) -> TriggerKind {
        let kind = integration.text_at(&self.of("Type"));
        let proxy = kind
            .known()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("AWS_PROXY"));
        let mode = integration.text_at(&self.of("ResponseTransferMode"));
        let uri = integration.text_at(&self.of("Uri"));
        let streaming = uri
            .known()
            .is_some_and(|uri| uri.ends_with("/response-streaming-invocations"));
        match !proxy && self.is_asynchronous(integration) {
            true => TriggerKind::Other {
                source: None,
                asynchronous: true,
            },
            false => TriggerKind::Rest {
                timeout: integration.number_at(&self.of("TimeoutInMillis")),
                proxy,
                streamed: match streaming {
                    true => Setting::Known(true),
                    false => mode.then(|mode| is_mode(&mode, "STREAM")),
                },
                tenant: self.tenant(integration, proxy),
            },
        }
    }

    /// Whether the integration sets the header that names the tenant. A proxy integration has no mapping templates.
    fn tenant(self, integration: &Value, proxy: bool) -> Setting<bool> {
        let parameters = integration.get(&self.of("RequestParameters"));
        let templates = match proxy {
            true => Setting::Absent,
            false => integration.get(&self.of("RequestTemplates")),
        };
        let sets = |of: &Setting<&Value>, by: &dyn Fn(&(String, Value)) -> bool| {
            of.known().is_some_and(|all| all.entries().iter().any(by))
        };
        let by_template = |(_, text): &(String, Value)| text.as_text().is_some_and(is_tenant_template);
        if sets(&parameters, &|(name, _)| is_tenant_parameter(name)) || sets(&templates, &by_template) {
            return Setting::Known(true);
        }
        let is_open =
            |of: &Setting<&Value>| of.known().map_or(*of == Setting::Unknown, |all| !all.is_known());
        match is_open(&parameters) || is_open(&templates) {
            true => Setting::Unknown,
            false => Setting::Known(false),
        }
    }

    /// Whether the integration sets the header that makes Lambda queue the request: the API answers at once.
    fn is_asynchronous(self, integration: &Value) -> bool {
        let Setting::Known(parameters) = integration.get(&self.of("RequestParameters")) else {
            return false;
        };
        parameters.entries().iter().any(|(name, value)| {
            let name = name.to_ascii_lowercase();
            name == "integration.request.header.x-amz-invocation-type" && value.as_text() == Some("'Event'")
        })
    }
}
