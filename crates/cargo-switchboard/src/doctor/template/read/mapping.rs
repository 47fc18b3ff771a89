//! Event source mappings.

use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Function, Mapping, Origin, Setting, TriggerKind};

pub(super) fn read(reader: &Reader<'_>, functions: &mut [Function]) {
    for read in reader.of("AWS::Lambda::EventSourceMapping") {
        if let Some(function) = read.function(functions, "FunctionName") {
            let arn = read.properties.text_at("EventSourceArn").known().cloned();
            let arn = arn.unwrap_or_default();
            let mapping = mapping(read, &arn);
            function
                .triggers
                .push(read.trigger(arn, None, TriggerKind::Mapping(mapping)));
        }
    }
}

fn mapping(read: &EvaluatedResource<'_>, arn: &str) -> Mapping {
    let properties = &read.properties;
    let own_kafka = !properties.get("SelfManagedEventSource").is_absent();
    Mapping {
        origin: if own_kafka {
            Some(Origin::Kafka)
        } else {
            Origin::of(arn)
        },
        batch_size: properties.number_at("BatchSize"),
        batching_window: properties.number_at("MaximumBatchingWindowInSeconds"),
        tumbling: !properties.get("TumblingWindowInSeconds").is_absent(),
        reports_failures: reports(read),
        retries: properties.number_at("MaximumRetryAttempts"),
        age: properties.number_at("MaximumRecordAgeInSeconds"),
        on_failure: properties.text_at("DestinationConfig.OnFailure.Destination"),
    }
}

fn reports(read: &EvaluatedResource<'_>) -> Setting<bool> {
    read.properties.get("FunctionResponseTypes").then(|types| {
        let types = types.items();
        let named = types
            .iter()
            .any(|kind| kind.as_text() == Some("ReportBatchItemFailures"));
        match types.iter().all(super::super::value::Value::is_known) {
            _ if named => Setting::Known(true),
            true => Setting::Known(false),
            false => Setting::Unknown,
        }
    })
}
