//! Apache Kafka: Amazon MSK and self-managed clusters.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{All, Any, Contains, Has, Is, Lacks, Named, Object, String};
use super::common::BARE;
use super::row::{Delivery, Embedded, Facts, Messages, NameKind, NamedPlace, RecordPaths, TextForm, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const KAFKA: Facts = Facts {
    name: "kafka",
    alias: None,
    rules: &[
        // "Using Lambda with Amazon MSK", "Using Lambda with self-managed Apache Kafka".
        rule(
            Stage::Settled,
            110,
            &[Is(Clue::EventSource, KAFKA_SOURCES), Object(Clue::Items)],
        ),
        // EventBridge User Guide, "Amazon EventBridge Pipes sources": a bare array of records, even of one.
        rule(
            Stage::Records,
            190,
            &[BARE, Is(Clue::RecordSource, KAFKA_SOURCES)],
        ),
        rule(
            Stage::Streams,
            40,
            &[Lacks(Clue::EventSource), Object(Clue::Items), KAFKA_LIKE],
        ),
        // "Using Lambda with Amazon MSK", with records in a list, or none.
        rule(
            Stage::Partial,
            100,
            &[Is(Clue::EventSource, KAFKA_SOURCES), Named(Clue::Items)],
        ),
        rule(
            Stage::Partial,
            110,
            &[
                Object(Clue::Items),
                Any(&[String(Clue::Topic), Has(Clue::Offset), String(Clue::TopicValue)]),
            ],
        ),
    ],
    delivery: Delivery::Partitions,
    identifier: &["topic", "partition", "offset"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Pubsub {
        system: "kafka",
        messages: Messages::Records(RecordPaths {
            destination: Some("topic"),
            contexts: [Some("headers"), None],
            operation: None,
            document: None,
        }),
    },
    embedded: Embedded::Nothing,
    waits: false,
    names: &[NamedPlace::new(NameKind::Topic, "topic", TextForm::Plain)],
    invoker: None,
};

const KAFKA_SOURCES: &[&str] = &["aws:kafka", "SelfManagedKafka", "aws:SelfManagedKafka"];

const KAFKA_LIKE: Test = Any(&[
    String(Clue::BootstrapServers),
    Contains(Clue::EventSourceArn, ":kafka:"),
    All(&[String(Clue::Topic), Has(Clue::Partition), Has(Clue::Offset)]),
]);
