//! What all spans of a process have in common: the function. OpenTelemetry Semantic Conventions, “Instrumenting AWS
//! Lambda”, Resource Detector.

use super::variables::Variables;
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_semantic_conventions as conventions;
use opentelemetry_semantic_conventions::attribute as name;

/// The function's resource. Values from the variables take precedence over Lambda's.
pub(super) fn resource(service: &str, variables: &Variables) -> Resource {
    let lambda = |variable| std::env::var(variable).ok().filter(|value| !value.is_empty());
    let mut attributes = vec![
        KeyValue::new(name::CLOUD_PROVIDER, "aws"),
        KeyValue::new(name::CLOUD_PLATFORM, "aws_lambda"),
        KeyValue::new(name::SERVICE_NAME, service.to_owned()),
    ];
    for (name, variable) in [
        (name::CLOUD_REGION, "AWS_REGION"),
        (name::FAAS_NAME, "AWS_LAMBDA_FUNCTION_NAME"),
        (name::FAAS_VERSION, "AWS_LAMBDA_FUNCTION_VERSION"),
        (name::FAAS_INSTANCE, "AWS_LAMBDA_LOG_STREAM_NAME"),
    ] {
        attributes.extend(lambda(variable).map(|value| KeyValue::new(name, value)));
    }
    let memory = lambda("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").and_then(|mib| mib.parse::<i64>().ok());
    attributes.extend(memory.map(|mib| KeyValue::new(name::FAAS_MAX_MEMORY, mib * 1024 * 1024)));
    let group = lambda("AWS_LAMBDA_LOG_GROUP_NAME").map(StringValue::from);
    attributes.extend(group.map(|group| {
        let groups = Value::Array(Array::String(vec![group]));
        KeyValue::new(name::AWS_LOG_GROUP_NAMES, groups)
    }));
    let given = variables.attributes.iter().cloned();
    attributes.extend(given.map(|(key, value)| KeyValue::new(key, value)));
    let service = variables.service.clone();
    attributes.extend(service.map(|service| KeyValue::new(name::SERVICE_NAME, service)));
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_schema_url(attributes, conventions::SCHEMA_URL)
        .build()
}
