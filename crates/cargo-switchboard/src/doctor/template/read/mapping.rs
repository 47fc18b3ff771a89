//! Event source mappings.

use switchboard::source::Source;

use super::super::value::Value;
use super::functions::Functions;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Invoker, Mapping, Origin, Setting, TriggerKind};

pub(super) fn read(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("AWS::Lambda::EventSourceMapping") {
        let arn = read.properties.text_at("EventSourceArn").known().cloned();
        let arn = arn.unwrap_or_default();
        let kind = TriggerKind::Mapping(mapping(reader, read, &arn));
        let target = read.properties.text_at("FunctionName");
        functions.add(&target, read.trigger(arn, Invoker::Other, kind));
    }
}

fn mapping(reader: &Reader<'_>, read: &EvaluatedResource<'_>, arn: &str) -> Mapping {
    let properties = &read.properties;
    let origin = match properties.get("SelfManagedEventSource").is_absent() {
        true => Origin::of(arn),
        false => Some(Origin::Kafka),
    };
    Mapping {
        origin: origin.or_else(|| named_by_settings(properties)),
        batch_size: properties.number_at("BatchSize"),
        batching_window: properties.number_at("MaximumBatchingWindowInSeconds"),
        tumbling: !properties.get("TumblingWindowInSeconds").is_absent(),
        reports_failures: reports(read),
        retries: properties.number_at("MaximumRetryAttempts"),
        age: properties.number_at("MaximumRecordAgeInSeconds"),
        on_failure: properties.text_at("DestinationConfig.OnFailure.Destination"),
        concurrency: properties.number_at("ScalingConfig.MaximumConcurrency"),
        provisioned: properties.get("ProvisionedPollerConfig").map_known(|_| true),
        least_pollers: properties.number_at("ProvisionedPollerConfig.MinimumPollers"),
        most_pollers: properties.number_at("ProvisionedPollerConfig.MaximumPollers"),
        engine: engine(reader, read, arn),
    }
}

/// The source of a mapping whose ARN is not known, by the settings that only this source has.
fn named_by_settings(properties: &Value) -> Option<Origin> {
    let has = |key: &str| !properties.get(key).is_absent();
    match () {
        () if has("AmazonManagedKafkaEventSourceConfig") || has("Topics") => Some(Origin::Kafka),
        () if has("Queues") => Some(Origin::Mq),
        () if has("DocumentDBEventSourceConfig") => Some(Origin::Documentdb),
        () => None,
    }
}

/// The broker's kind: the broker says it, and only RabbitMQ has virtual hosts.
fn engine(reader: &Reader<'_>, read: &EvaluatedResource<'_>, arn: &str) -> Option<Source> {
    let access = read.properties.all_at("SourceAccessConfigurations.Type");
    if access.iter().any(|kind| kind.as_text() == Some("VIRTUAL_HOST")) {
        return Some(Source::Rabbitmq);
    }
    let broker = reader
        .of("AWS::AmazonMQ::Broker")
        .find(|broker| reader.arn(broker) == arn)?;
    let engine = broker
        .properties
        .text_at("EngineType")
        .known()?
        .to_ascii_lowercase();
    match &*engine {
        "activemq" => Some(Source::Activemq),
        "rabbitmq" => Some(Source::Rabbitmq),
        _ => None,
    }
}

fn reports(read: &EvaluatedResource<'_>) -> Setting<bool> {
    read.properties.get("FunctionResponseTypes").then(|types| {
        let types = types.items();
        let named = types
            .iter()
            .any(|kind| kind.as_text() == Some("ReportBatchItemFailures"));
        match types.iter().all(Value::is_known) {
            _ if named => Setting::Known(true),
            true => Setting::Known(false),
            false => Setting::Unknown,
        }
    })
}
