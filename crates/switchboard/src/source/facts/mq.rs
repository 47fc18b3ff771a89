//! Amazon MQ.

use super::super::clue::Clue;
use super::super::test::Test::{Contains, Has, Is, Lacks, Object, String};
use super::common::BARE;
use super::row::{Delivery, Embedded, Facts, Messages, RecordPaths, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const ACTIVEMQ: Facts = Facts {
    name: "activemq",
    alias: None,
    rules: &[
        // "Using Lambda with Amazon MQ".
        rule(
            Stage::Settled,
            130,
            &[Is(Clue::EventSource, MQ_SOURCES), Has(Clue::Messages)],
        ),
        // EventBridge User Guide, "Amazon EventBridge Pipes sources": a bare array of records, even of one.
        rule(Stage::Records, 210, &[BARE, Is(Clue::RecordSource, MQ_SOURCES)]),
        rule(
            Stage::Streams,
            60,
            &[
                Lacks(Clue::EventSource),
                Has(Clue::Messages),
                Contains(Clue::EventSourceArn, ":mq:"),
            ],
        ),
        // "Using Lambda with Amazon MQ".
        rule(
            Stage::Partial,
            120,
            &[String(Clue::MessageId), String(Clue::MessageData)],
        ),
    ],
    delivery: Delivery::Notification,
    identifier: &["messageID"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Pubsub {
        system: "activemq",
        messages: Messages::Records(RecordPaths {
            destination: Some("destination.physicalName"),
            contexts: [None, None],
            operation: None,
            document: None,
        }),
    },
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: None,
};

pub(in crate::source) const RABBITMQ: Facts = Facts {
    name: "rabbitmq",
    alias: None,
    rules: &[
        // "Using Lambda with Amazon MQ".
        rule(
            Stage::Settled,
            120,
            &[
                Is(Clue::EventSource, MQ_SOURCES),
                Object(Clue::RmqMessagesByQueue),
            ],
        ),
        // EventBridge User Guide, "Amazon EventBridge Pipes sources": a bare array of records, even of one.
        rule(Stage::Records, 200, &[BARE, Is(Clue::RecordSource, &["aws:rmq"])]),
        rule(
            Stage::Streams,
            50,
            &[Lacks(Clue::EventSource), Object(Clue::RmqMessagesByQueue)],
        ),
    ],
    delivery: Delivery::Notification,
    identifier: &["basicProperties.messageId"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Pubsub {
        system: "rabbitmq",
        messages: Messages::Records(RecordPaths {
            destination: None,
            contexts: [None, None],
            operation: None,
            document: None,
        }),
    },
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: None,
};

const MQ_SOURCES: &[&str] = &["aws:mq", "aws:amq", "aws:rmq"];
