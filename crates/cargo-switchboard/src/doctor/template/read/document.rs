//! Integrations and authorizers in an API's OpenAPI document.

use switchboard::source::Source;

use super::super::value::Value;
use super::api::{Spelling, api_arn};
use super::authorizer;
use super::functions::Functions;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Invoker, Setting, Trigger, TriggerKind, operation};

const INTEGRATION: &str = "x-amazon-apigateway-integration";
/// The sections that define authorizers, in OpenAPI 3 and in Swagger 2.
const SCHEMES: [&str; 2] = [
    "Body.components.securitySchemes.*.x-amazon-apigateway-authorizer",
    "Body.securityDefinitions.*.x-amazon-apigateway-authorizer",
];

pub(super) fn read(
    reader: &Reader<'_>,
    read: &EvaluatedResource<'_>,
    functions: &mut Functions,
    is_rest: bool,
) {
    let operations = operations(&read.properties);
    // HTTP APIs may define integrations once, and refer to them.
    let shared = read
        .properties
        .all_at("Body.components.x-amazon-apigateway-integrations.*");
    let arn = api_arn(reader, &Setting::Known(reader.reference(read)));
    let shared = shared.into_iter().map(|integration| (String::new(), integration));
    for (operation, integration) in operations.into_iter().chain(shared) {
        let kind = match is_rest {
            true => Spelling::Document.rest(integration),
            false => TriggerKind::Http {
                timeout: integration.number_at("timeoutInMillis"),
                version: integration.text_at("payloadFormatVersion"),
            },
        };
        let trigger = read.trigger(arn.clone(), Spelling::Document.invoker(integration), kind);
        let at = Some(integration.at);
        let trigger = Trigger {
            at,
            operation,
            ..trigger
        };
        functions.add(&integration.text_at("uri"), trigger);
    }
    for authorizer in SCHEMES.iter().flat_map(|path| read.properties.all_at(path)) {
        authorizers(reader, read, functions, authorizer, is_rest);
    }
}

/// The integrations of the document's operations.
fn operations(properties: &Value) -> Vec<(String, &Value)> {
    let paths = properties
        .get("Body.paths")
        .known()
        .map_or(&[][..], |paths| paths.entries());
    let methods = paths.iter().flat_map(|(path, item)| {
        item.entries()
            .iter()
            .map(move |(method, told)| (path, method, told))
    });
    let integrations = methods.filter_map(|(path, method, told)| {
        let integration = told.entries().iter().find(|(key, _)| key == INTEGRATION)?;
        Some((operation(method, path), &integration.1))
    });
    integrations.collect()
}

fn authorizers(
    reader: &Reader<'_>,
    read: &EvaluatedResource<'_>,
    functions: &mut Functions,
    authorizer: &Value,
    is_rest: bool,
) {
    let by_token = authorizer
        .text_at("type")
        .known()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("token"));
    let source = match (is_rest, by_token) {
        (true, true) => Source::ApiGatewayAuthorizerToken,
        (true, false) => Source::ApiGatewayAuthorizerRequest,
        (false, _) => Source::ApiGatewayAuthorizerHttp,
    };
    let by_role = !authorizer.get("authorizerCredentials").is_absent();
    let arn = authorizer::arn(reader, &Setting::Known(reader.reference(read)));
    let invoker = Invoker::by("apigateway.amazonaws.com", by_role);
    let trigger = read.trigger(arn, invoker, authorizer::kind(source));
    let at = Some(authorizer.at);
    functions.add(&authorizer.text_at("authorizerUri"), Trigger { at, ..trigger });
}
