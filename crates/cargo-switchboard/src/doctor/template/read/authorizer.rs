//! Functions that decide who may call an API.

use switchboard::source::Source;

use super::api::{Protocols, api_arn};
use super::functions::Functions;
use super::reader::Reader;
use crate::doctor::deployment::{Invoker, Setting, TriggerKind};

const SERVICE: &str = "apigateway.amazonaws.com";

pub(super) fn read(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("AWS::ApiGateway::Authorizer") {
        let source = match read.properties.text_at("Type").known().map(String::as_str) {
            Some("TOKEN") => Source::ApiGatewayAuthorizerToken,
            _ => Source::ApiGatewayAuthorizerRequest,
        };
        let by_role = !read.properties.get("AuthorizerCredentials").is_absent();
        let arn = arn(reader, &read.properties.text_at("RestApiId"));
        let trigger = read.trigger(arn, Invoker::by(SERVICE, by_role), kind(source));
        functions.add(&read.properties.text_at("AuthorizerUri"), trigger);
    }
    let protocols = Protocols::new(reader);
    for read in reader.of("AWS::ApiGatewayV2::Authorizer") {
        let id = read.properties.text_at("ApiId");
        let source = match protocols.is_websocket(&id) {
            true => Source::ApiGatewayAuthorizerWebsocket,
            false => Source::ApiGatewayAuthorizerHttp,
        };
        let by_role = !read.properties.get("AuthorizerCredentialsArn").is_absent();
        let trigger = read.trigger(arn(reader, &id), Invoker::by(SERVICE, by_role), kind(source));
        functions.add(&read.properties.text_at("AuthorizerUri"), trigger);
    }
}

/// The ARN with which authorizers of an API invoke.
pub(super) fn arn(reader: &Reader<'_>, id: &Setting<String>) -> String {
    let arn = api_arn(reader, id);
    match arn.strip_suffix('*') {
        Some(api) => format!("{api}authorizers/*"),
        None => arn,
    }
}

pub(super) fn kind(source: Source) -> TriggerKind {
    TriggerKind::Other {
        source: Some(source),
        asynchronous: false,
    }
}
