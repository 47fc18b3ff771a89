//! APIs of API Gateway that the function's policy names.

use std::collections::HashMap;

use switchboard_aws::sdk::aws_sdk_apigateway::types::Integration;

use super::live_function::LiveFunction;
use crate::doctor::deployment::{
    Function, Invoker, Setting, Trigger, TriggerKind, is_tenant_parameter, is_tenant_template, operation,
    operation_of_key,
};
use switchboard_aws::{CallContext as _, Failure};

const INVOKER: &str = "apigateway.amazonaws.com";

pub(super) async fn read(live: &LiveFunction<'_>, function: &mut Function) -> Result<(), Failure> {
    let by_api = function
        .permissions
        .iter()
        .filter(|permission| permission.principal == INVOKER);
    let mut apis: Vec<String> = by_api
        .filter_map(|permission| {
            let (_, path) = permission.source_arn.known()?.rsplit_once(':')?;
            Some(path.split('/').next()?.to_owned())
        })
        .filter(|id| !id.is_empty() && !id.contains(['*', '?']))
        .collect();
    apis.sort_unstable();
    apis.dedup();
    for id in apis {
        let told = live.aws.apigatewayv2().get_api().api_id(&id).send().await;
        match told.call_context("apigateway:GET", format!("API {id}")) {
            Ok(told) => {
                let websocket = told
                    .protocol_type()
                    .is_some_and(|kind| kind.as_str() == "WEBSOCKET");
                let label = told.name().unwrap_or(&id).to_owned();
                version_2(live, function, &id, &label, websocket).await?;
            }
            // REST APIs belong to the other version of the API.
            Err(failure) if failure.is_not_found() => rest(live, function, &id).await?,
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

fn arn(live: &LiveFunction<'_>, id: &str) -> String {
    live.arn.sibling("execute-api", format!("{id}/*")).to_string()
}

fn milliseconds(told: Option<i32>) -> Setting<u64> {
    told.and_then(|milliseconds| u64::try_from(milliseconds).ok())
        .into()
}

async fn version_2(
    live: &LiveFunction<'_>,
    function: &mut Function,
    id: &str,
    label: &str,
    websocket: bool,
) -> Result<(), Failure> {
    let routes = routes(live, id).await?;
    let told = live.aws.apigatewayv2().get_integrations().api_id(id).send().await;
    let told = told.call_context("apigateway:GET", format!("integrations of API {id}"))?;
    let its = |uri: Option<&str>| uri.is_some_and(|uri| live.is_meant(uri));
    for told in told.items().iter().filter(|told| its(told.integration_uri())) {
        let kind = match websocket {
            true => TriggerKind::WebSocket {
                timeout: milliseconds(told.timeout_in_millis()),
            },
            false => TriggerKind::Http {
                timeout: milliseconds(told.timeout_in_millis()),
                version: told.payload_format_version().map(str::to_owned).into(),
            },
        };
        let invoker = Invoker::by(INVOKER, told.credentials_arn().is_some());
        let trigger = live.trigger(label, arn(live, id), invoker, kind);
        let keys = told.integration_id().and_then(|id| routes.get(id));
        let operations = keys.map_or_else(
            || vec![String::new()],
            |keys| keys.iter().map(|key| operation_of_key(key)).collect(),
        );
        let of = |operation| Trigger {
            operation,
            ..trigger.clone()
        };
        function.triggers.extend(operations.into_iter().map(of));
    }
    Ok(())
}

/// The keys of an API's routes, by the integration that they lead to.
async fn routes(live: &LiveFunction<'_>, id: &str) -> Result<HashMap<String, Vec<String>>, Failure> {
    let mut keys: HashMap<String, Vec<String>> = HashMap::new();
    let mut next = None;
    loop {
        let asked = live
            .aws
            .apigatewayv2()
            .get_routes()
            .api_id(id)
            .set_next_token(next);
        let told = asked.send().await;
        let told = told.call_context("apigateway:GET", format!("routes of API {id}"))?;
        for route in told.items() {
            let to = route
                .target()
                .and_then(|target| target.strip_prefix("integrations/"));
            if let (Some(to), Some(key)) = (to, route.route_key()) {
                keys.entry(to.to_owned()).or_default().push(key.to_owned());
            }
        }
        next = told.next_token().map(str::to_owned);
        if next.is_none() {
            return Ok(keys);
        }
    }
}

async fn rest(live: &LiveFunction<'_>, function: &mut Function, id: &str) -> Result<(), Failure> {
    let resources = live
        .aws
        .apigateway()
        .get_resources()
        .rest_api_id(id)
        .embed("methods");
    let mut pages = resources.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = match page.call_context("apigateway:GET", format!("resources of API {id}")) {
            Ok(page) => page,
            // The permission may still exist although its API was deleted.
            Err(failure) if failure.is_not_found() => return Ok(()),
            Err(failure) => return Err(failure),
        };
        for resource in page.items() {
            let methods = resource.resource_methods().into_iter().flatten();
            for (method, told) in methods {
                let told = told.method_integration();
                let Some(told) = told.filter(|told| told.uri().is_some_and(|uri| live.is_meant(uri))) else {
                    continue;
                };
                let invoker = Invoker::by(INVOKER, told.credentials().is_some());
                let trigger = live.trigger(id, arn(live, id), invoker, integration(told));
                let operation = resource
                    .path()
                    .map_or_else(String::new, |path| operation(method, path));
                function.triggers.push(Trigger { operation, ..trigger });
            }
        }
    }
    Ok(())
}

/// An integration of a REST API. With the header for it, Lambda queues the request.
fn integration(told: &Integration) -> TriggerKind {
    let proxy = told.r#type().is_some_and(|kind| kind.as_str() == "AWS_PROXY");
    let queues = |(name, value): (&String, &String)| {
        name.eq_ignore_ascii_case("integration.request.header.X-Amz-Invocation-Type") && value == "'Event'"
    };
    if !proxy
        && told
            .request_parameters()
            .is_some_and(|all| all.iter().any(queues))
    {
        return TriggerKind::Other {
            source: None,
            asynchronous: true,
        };
    }
    let streamed = told
        .uri()
        .is_some_and(|uri| uri.ends_with("/response-streaming-invocations"))
        || told
            .response_transfer_mode()
            .is_some_and(|mode| mode.as_str() == "STREAM");
    let mut parameters = told.request_parameters().into_iter().flatten();
    let mut templates = told.request_templates().into_iter().flatten();
    // A proxy integration has no mapping templates.
    let tenant = parameters.any(|(name, _)| is_tenant_parameter(name))
        || !proxy && templates.any(|(_, text)| is_tenant_template(text));
    TriggerKind::Rest {
        // A timeout of 0 is impossible: emulators answer 0 if none is set.
        timeout: milliseconds(Some(told.timeout_in_millis()).filter(|milliseconds| *milliseconds > 0)),
        proxy,
        streamed: Setting::Known(streamed),
        tenant: Setting::Known(tenant),
    }
}

#[cfg(test)]
mod tests {
    use switchboard_aws::sdk::aws_sdk_apigateway::types::{IntegrationType, ResponseTransferMode};

    use super::*;

    /// Whether an integration streams, and whether it names the tenant.
    fn said(told: &Integration) -> (Setting<bool>, Setting<bool>) {
        match integration(told) {
            TriggerKind::Rest { streamed, tenant, .. } => (streamed, tenant),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_integration_says_whether_it_streams_and_names_the_tenant() {
        let proxy = || Integration::builder().r#type(IntegrationType::AwsProxy);
        let (yes, no) = (Setting::Known(true), Setting::Known(false));
        assert_eq!(said(&proxy().build()), (no, no));
        let streamed = proxy().response_transfer_mode(ResponseTransferMode::Stream);
        assert_eq!(said(&streamed.build()), (yes, no));
        let header = "integration.request.header.x-amz-tenant-id";
        let named = proxy().request_parameters(header, "method.request.header.x-tenant-id");
        assert_eq!(said(&named.build()), (no, yes));
        let template = "#set($context.requestOverride.header.X-Amz-Tenant-Id = $input.params('t'))";
        let by_template = Integration::builder().r#type(IntegrationType::Aws);
        let by_template = by_template.request_templates("application/json", template);
        assert_eq!(said(&by_template.build()), (no, yes));
        assert_eq!(
            said(&proxy().request_templates("application/json", template).build()),
            (no, no)
        );
    }
}
