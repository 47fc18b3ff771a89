//! A source in the terms of OpenTelemetry's Semantic Conventions for FaaS spans and for messaging spans, and the
//! attributes of its records.

use super::propagation::read_any;
use crate::source::{self, Messages, RecordPaths, Source, parts};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, SpanKind};
use opentelemetry_semantic_conventions::attribute as name;
use percent_encoding::percent_decode_str;
use std::collections::HashMap;

/// The kind of an event, as `faas.trigger` defines it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SpanTrigger {
    /// A request whose sender waits for the response.
    Http,
    /// Messages, and the system that delivers them.
    Pubsub(&'static str),
    /// Changes of data.
    Datasource,
    /// A schedule.
    Timer,
    /// Anything else.
    Other,
}

impl SpanTrigger {
    /// From the source alone: the event's content distinguishes a schedule from other events.
    pub(super) fn of(source: Source) -> Self {
        match source.trigger() {
            source::Trigger::Http(_) => Self::Http,
            source::Trigger::Pubsub { system, .. } => Self::Pubsub(system),
            source::Trigger::Datasource(_) => Self::Datasource,
            source::Trigger::Other => Self::Other,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Pubsub(_) => "pubsub",
            Self::Datasource => "datasource",
            Self::Timer => "timer",
            Self::Other => "other",
        }
    }

    /// The kind of an invocation's span.
    pub(super) fn kind(self) -> SpanKind {
        match self {
            Self::Pubsub(_) => SpanKind::Consumer,
            _ => SpanKind::Server,
        }
    }

    /// The kind of a record's span.
    pub(super) fn record_kind(self) -> SpanKind {
        match self {
            Self::Pubsub(_) => SpanKind::Consumer,
            _ => SpanKind::Internal,
        }
    }

    /// The attributes of a span for a batch or a record of this kind, with its destination if that is known.
    pub(super) fn attributes(self, destination: Option<&str>) -> Vec<KeyValue> {
        let mut attributes = vec![KeyValue::new(name::FAAS_TRIGGER, self.as_str())];
        let destination = destination.map(str::to_owned);
        match self {
            Self::Pubsub(system) => {
                attributes.push(KeyValue::new(name::MESSAGING_SYSTEM, system));
                attributes.push(KeyValue::new(name::MESSAGING_OPERATION_TYPE, "process"));
                attributes.push(KeyValue::new(name::MESSAGING_OPERATION_NAME, "process"));
                let named = destination.map(|name| KeyValue::new(name::MESSAGING_DESTINATION_NAME, name));
                attributes.extend(named);
            }
            Self::Datasource => {
                let named = destination.map(|name| KeyValue::new(name::FAAS_DOCUMENT_COLLECTION, name));
                attributes.extend(named);
            }
            _ => {}
        }
        attributes
    }
}

/// The paths of a record's attributes, if the source has records.
fn paths(source: Source) -> Option<RecordPaths> {
    match source.trigger() {
        source::Trigger::Pubsub {
            messages: Messages::Records(record),
            ..
        } => Some(record),
        source::Trigger::Datasource(record) => record,
        source::Trigger::Pubsub {
            messages: Messages::Event { .. },
            ..
        }
        | source::Trigger::Http(_)
        | source::Trigger::Other => None,
    }
}

/// The data for a record's span.
pub(super) struct RecordAttributes {
    pub(super) destination: Option<String>,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) contexts: Vec<SpanContext>,
}

/// Reads the data for a record's span.
pub(super) fn record_attributes(source: Source, record: &[u8]) -> RecordAttributes {
    let (trigger, paths) = (SpanTrigger::of(source), paths(source));
    let paths = paths.map_or([None; 5], |paths| {
        let [one, other] = paths.contexts;
        [paths.destination, one, other, paths.operation, paths.document]
    });
    let [destination, one, other, operation, document] = parts(record, paths);
    let destination = destination.and_then(text).map(|text| last_name(&text).to_owned());
    let mut attributes = trigger.attributes(destination.as_deref());
    let operation = operation.and_then(text).map(|text| document_operation(&text));
    attributes.extend(operation.map(|operation| KeyValue::new(name::FAAS_DOCUMENT_OPERATION, operation)));
    let document = document.and_then(text).map(|key| unescaped(&key));
    attributes.extend(document.map(|document| KeyValue::new(name::FAAS_DOCUMENT_NAME, document)));
    let headers = [one, other].into_iter().flatten().filter_map(header);
    RecordAttributes {
        destination,
        attributes,
        contexts: headers.filter_map(|header| read_any(&header)).collect(),
    }
}

pub(super) fn text(json: &[u8]) -> Option<String> {
    serde_json::from_slice::<String>(json)
        .ok()
        .filter(|text| !text.is_empty())
}

/// A string, or `traceparent` among Kafka's headers, which are bytes.
fn header(json: &[u8]) -> Option<String> {
    if json.first() != Some(&b'[') {
        return text(json);
    }
    let headers: Vec<HashMap<String, Vec<u8>>> = serde_json::from_slice(json).ok()?;
    let value = headers
        .into_iter()
        .find_map(|mut header| header.remove("traceparent"))?;
    String::from_utf8(value).ok()
}

/// The name in an ARN: of a queue or a topic, which is its last part, or of a stream or a table, which follows the
/// type. Anything else is a name already.
fn last_name(text: &str) -> &str {
    let Some(resource) = text
        .strip_prefix("arn:")
        .and_then(|rest| rest.splitn(5, ':').nth(4))
    else {
        return text;
    };
    resource.split('/').nth(1).unwrap_or(resource)
}

fn document_operation(event: &str) -> &'static str {
    let event = event.strip_prefix("s3:").unwrap_or(event);
    let is = |kinds: &[&str]| kinds.iter().any(|kind| event.starts_with(kind));
    match () {
        () if is(&["INSERT", "insert", "ObjectCreated"]) => "insert",
        () if is(&["REMOVE", "delete", "ObjectRemoved", "LifecycleExpiration"]) => "delete",
        () => "edit",
    }
}

/// A key without its encoding: events of S3 have it in form encoding.
fn unescaped(key: &str) -> String {
    let key = key.replace('+', " ");
    percent_decode_str(&key).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_is_the_last_of_its_arn() {
        for (arn, expected) in [
            ("arn:aws:sqs:eu-west-1:123456789012:orders.fifo", "orders.fifo"),
            ("arn:aws:sns:eu-west-1:123456789012:orders", "orders"),
            ("arn:aws:kinesis:eu-west-1:123456789012:stream/orders", "orders"),
            (
                "arn:aws:kinesis:eu-west-1:123456789012:stream/orders/consumer/c:1",
                "orders",
            ),
            (
                "arn:aws-cn:dynamodb:cn-north-1:1:table/orders/stream/2026-03-01T10:00:00.000",
                "orders",
            ),
            ("orders", "orders"),
            ("arn:aws", "arn:aws"),
        ] {
            assert_eq!(last_name(arn), expected);
        }
    }

    #[test]
    fn what_was_done_to_a_document_is_one_of_three() {
        for (event, expected) in [
            ("ObjectCreated:Put", "insert"),
            ("s3:ObjectRemoved:Delete", "delete"),
            ("LifecycleExpiration:DeleteMarkerCreated", "delete"),
            ("ObjectTagging:Put", "edit"),
            ("INSERT", "insert"),
            ("MODIFY", "edit"),
            ("REMOVE", "delete"),
            ("replace", "edit"),
        ] {
            assert_eq!(document_operation(event), expected, "{event}");
        }
    }

    #[test]
    fn a_kafka_header_is_bytes() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let record =
            json!({"topic": "orders", "headers": [{"other": [1]}, {"traceparent": parent.as_bytes()}]});
        let told = record_attributes(Source::Kafka, record.to_string().as_bytes());
        assert_eq!(told.destination.as_deref(), Some("orders"));
        let spans: Vec<_> = told
            .contexts
            .iter()
            .map(|span| span.span_id().to_string())
            .collect();
        assert_eq!(spans, ["b7ad6b7169203331"]);
    }

    #[test]
    fn what_a_span_says_is_what_the_facts_say() {
        let event: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/made_up/tollbooth.json")).unwrap();
        let told = record_attributes(Source::Tollbooth, event["Records"][0].to_string().as_bytes());
        assert_eq!(told.destination.as_deref(), Some("north"));
        assert_eq!(told.contexts.len(), 1);
        let system = |attribute: &&KeyValue| attribute.key.as_str() == name::MESSAGING_SYSTEM;
        let system = told.attributes.iter().find(system).unwrap();
        assert_eq!(system.value.to_string(), "tollbooth");
        assert_eq!(SpanTrigger::of(Source::Tollbooth).kind(), SpanKind::Consumer);
    }

    #[test]
    fn a_record_that_says_nothing_has_a_trigger() {
        for source in Source::ALL {
            for record in [
                "{}",
                "",
                r#"{"eventSourceARN":5,"headers":[{}],"attributes":null}"#,
            ] {
                let told = record_attributes(*source, record.as_bytes());
                assert!(told.destination.is_none() && told.contexts.is_empty());
                assert!(
                    told.attributes
                        .iter()
                        .any(|attribute| attribute.key.as_str() == name::FAAS_TRIGGER)
                );
            }
        }
    }
}
