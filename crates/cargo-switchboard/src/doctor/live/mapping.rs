//! Event source mappings.

use switchboard_aws::sdk::aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType};

use super::live_function::LiveFunction;
use crate::doctor::deployment::{Function, Invoker, Mapping, Origin, Setting, TriggerKind};
use switchboard::source::Source;
use switchboard_aws::{CallContext as _, Failure};

pub(super) async fn read(live: &LiveFunction<'_>, function: &mut Function) -> Result<(), Failure> {
    let mappings = live
        .aws
        .lambda()
        .list_event_source_mappings()
        .function_name(live.arn.to_string());
    let mut pages = mappings.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.call_context(
            "lambda:ListEventSourceMappings",
            format!("function {}", live.name),
        )?;
        for told in page.event_source_mappings() {
            let arn = told.event_source_arn().unwrap_or_default();
            let label = format!("the mapping of {}", arn.rsplit(':').next().unwrap_or_default());
            let kind = TriggerKind::Mapping(mapping(told, arn));
            function
                .triggers
                .push(live.trigger(&label, arn.to_owned(), Invoker::Other, kind));
        }
    }
    Ok(())
}

fn mapping(told: &EventSourceMappingConfiguration, arn: &str) -> Mapping {
    let count = |number: Option<i32>| -> Setting<u64> { number.and_then(|n| u64::try_from(n).ok()).into() };
    let own_kafka = told.self_managed_event_source().is_some();
    let on_failure = told.destination_config().and_then(|config| config.on_failure());
    let pollers = told.provisioned_poller_config();
    let reports = told
        .function_response_types()
        .contains(&FunctionResponseType::ReportBatchItemFailures);
    // Only RabbitMQ has virtual hosts.
    let virtual_host = told.source_access_configurations().iter().any(|access| {
        access
            .r#type()
            .is_some_and(|kind| kind.as_str() == "VIRTUAL_HOST")
    });
    Mapping {
        origin: if own_kafka {
            Some(Origin::Kafka)
        } else {
            Origin::of(arn)
        },
        batch_size: count(told.batch_size()),
        batching_window: count(told.maximum_batching_window_in_seconds()),
        tumbling: told
            .tumbling_window_in_seconds()
            .is_some_and(|seconds| seconds > 0),
        reports_failures: Setting::Known(reports),
        retries: told.maximum_retry_attempts().map(i64::from).into(),
        age: told.maximum_record_age_in_seconds().map(i64::from).into(),
        on_failure: on_failure
            .and_then(|end| end.destination())
            .map(str::to_owned)
            .into(),
        concurrency: count(
            told.scaling_config()
                .and_then(|config| config.maximum_concurrency()),
        ),
        provisioned: pollers.map(|_| true).into(),
        least_pollers: count(pollers.and_then(|config| config.minimum_pollers())),
        most_pollers: count(pollers.and_then(|config| config.maximum_pollers())),
        engine: virtual_host.then_some(Source::Rabbitmq),
    }
}

#[cfg(test)]
mod tests {
    use switchboard_aws::sdk::aws_sdk_lambda::types::ProvisionedPollerConfig;

    use super::*;

    #[test]
    fn provisioned_mode_has_its_pollers() {
        let config = ProvisionedPollerConfig::builder()
            .minimum_pollers(20)
            .maximum_pollers(10);
        let told = EventSourceMappingConfiguration::builder().provisioned_poller_config(config.build());
        let read = mapping(&told.build(), "arn:aws:sqs:eu-west-1:123456789012:jobs");
        assert_eq!(read.provisioned, Setting::Known(true));
        assert_eq!(
            (read.least_pollers, read.most_pollers),
            (Setting::Known(20), Setting::Known(10))
        );
        let plain = EventSourceMappingConfiguration::builder().build();
        let read = mapping(&plain, "arn:aws:sqs:eu-west-1:123456789012:jobs");
        assert!(read.provisioned.is_absent() && read.least_pollers.is_absent());
    }
}
