//! APIs of API Gateway: REST, HTTP and WebSocket, route by route or by an OpenAPI document.

use super::super::value::Value;
use super::reader::{EvaluatedResource, Reader, function_of};
use crate::doctor::deployment::{Function, Setting, Trigger, TriggerKind};

const INVOKER: &str = "apigateway.amazonaws.com";

pub(super) fn read(reader: &Reader<'_>, functions: &mut [Function]) {
    for read in reader.of("AWS::ApiGateway::Method") {
        if let Some(function) = read.function(functions, "Integration.Uri") {
            let arn = api_arn(reader, &read.properties.text_at("RestApiId"));
            let by_role = !read.properties.get("Integration.Credentials").is_absent();
            let kind = rest(
                read.properties.number_at("Integration.TimeoutInMillis"),
                &read.properties.text_at("Integration.Type"),
            );
            function.triggers.push(read.trigger(arn, invoker(by_role), kind));
        }
    }
    for read in reader.of("AWS::ApiGatewayV2::Integration") {
        if let Some(function) = read.function(functions, "IntegrationUri") {
            let by_role = !read.properties.get("CredentialsArn").is_absent();
            let (arn, kind) = integration(reader, read);
            function.triggers.push(read.trigger(arn, invoker(by_role), kind));
        }
    }
    for read in reader.of("AWS::ApiGatewayV2::Api") {
        // A quick-created API has a single catch-all route.
        if let Some(function) = read.function(functions, "Target") {
            let arn = api_arn(reader, &Setting::Known(reader.reference(read)));
            let kind = TriggerKind::Http {
                timeout: Setting::Absent,
                version: Setting::Known("2.0".to_owned()),
            };
            let by_role = !read.properties.get("CredentialsArn").is_absent();
            function.triggers.push(read.trigger(arn, invoker(by_role), kind));
        }
        document(reader, read, functions, false);
    }
    for read in reader.of("AWS::ApiGateway::RestApi") {
        document(reader, read, functions, true);
    }
}

fn invoker(by_role: bool) -> Option<&'static str> {
    (!by_role).then_some(INVOKER)
}

fn rest(timeout: Setting<u64>, kind: &Setting<String>) -> TriggerKind {
    let proxy = kind
        .known()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("AWS_PROXY"));
    TriggerKind::Rest { timeout, proxy }
}

/// The ARN that permissions name: every stage, method and path.
fn api_arn(reader: &Reader<'_>, id: &Setting<String>) -> String {
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

fn integration(reader: &Reader<'_>, read: &EvaluatedResource<'_>) -> (String, TriggerKind) {
    let id = read.properties.text_at("ApiId");
    let mut apis = reader.of("AWS::ApiGatewayV2::Api");
    let api = apis.find(|api| id.known() == Some(&reader.reference(api)));
    let protocol = api.map(|api| api.properties.text_at("ProtocolType"));
    let kind = match protocol.as_ref().and_then(Setting::known).map(String::as_str) {
        Some("WEBSOCKET") => TriggerKind::WebSocket,
        _ => TriggerKind::Http {
            timeout: read.properties.number_at("TimeoutInMillis"),
            version: read.properties.text_at("PayloadFormatVersion"),
        },
    };
    (api_arn(reader, &id), kind)
}

/// The integrations in an API's OpenAPI document.
fn document(reader: &Reader<'_>, read: &EvaluatedResource<'_>, functions: &mut [Function], is_rest: bool) {
    let paths = match read.properties.get("Body.paths") {
        Setting::Known(paths) => paths.entries(),
        _ => &[],
    };
    let arn = api_arn(reader, &Setting::Known(reader.reference(read)));
    for (_, operation) in paths.iter().flat_map(|(_, path)| path.entries()) {
        let Setting::Known(integration) = operation.get("x-amazon-apigateway-integration") else {
            continue;
        };
        let uri = integration.text_at("uri");
        let Some(function) = uri.known().and_then(|uri| function_of(functions, uri)) else {
            continue;
        };
        let by_role = !integration.get("credentials").is_absent();
        let trigger = read.trigger(
            arn.clone(),
            invoker(by_role),
            operation_kind(integration, is_rest),
        );
        let at = Some(integration.at);
        function.triggers.push(Trigger { at, ..trigger });
    }
}

fn operation_kind(integration: &Value, is_rest: bool) -> TriggerKind {
    let timeout = integration.number_at("timeoutInMillis");
    match is_rest {
        true => rest(timeout, &integration.text_at("type")),
        false => TriggerKind::Http {
            timeout,
            version: integration.text_at("payloadFormatVersion"),
        },
    }
}
