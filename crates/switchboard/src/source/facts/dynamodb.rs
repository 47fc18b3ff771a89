//! DynamoDB Streams.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{All, Any, Contains, Is, Object};
use super::common::{BARE, IN_RECORDS, NO_RESULT, UNSAID, WINDOW};
use super::row::{Delivery, Embedded, Facts, NameKind, NamedPlace, RecordPaths, TextForm, Trigger};
use super::rule::{Stage, rule};

/// Amazon DynamoDB Streams API Reference, “Record”: `eventName`.
const CHANGES: &[&str] = &["INSERT", "MODIFY", "REMOVE"];

pub(in crate::source) const DYNAMODB: Facts = Facts {
    name: "dynamodb",
    alias: None,
    rules: &[
        // "Using Lambda to process records from Amazon Kinesis / DynamoDB Streams", "stateful processing".
        rule(Stage::Records, 40, &[IN_RECORDS, NO_RESULT, IS_DYNAMODB]),
        // The records of queues and tables that Pipes sends on are those of their event source mappings.
        rule(
            Stage::Records,
            150,
            &[
                BARE,
                UNSAID,
                Any(&[
                    Object(Clue::DynamodbKeys),
                    Object(Clue::DynamodbNewImage),
                    Object(Clue::DynamodbOldImage),
                ]),
            ],
        ),
        // EventBridge User Guide, "Amazon EventBridge Pipes sources": a bare array of records, even of one.
        rule(
            Stage::Records,
            180,
            &[BARE, Is(Clue::RecordSource, &["aws:dynamodb"])],
        ),
        // Records under the one key that the documented record has to itself.
        rule(
            Stage::Partial,
            70,
            &[IN_RECORDS, UNSAID, NO_RESULT, Object(Clue::RecordDynamodb)],
        ),
    ],
    delivery: Delivery::Stream,
    identifier: &["dynamodb.SequenceNumber"],
    pipe_identifier: Some("eventID"),
    correlation: [None, None],
    trigger: TRIGGER,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[
        NamedPlace::new(NameKind::Table, "eventSourceARN", TextForm::Arn("table/")),
        NamedPlace::new(NameKind::EventName, "eventName", TextForm::EventName).one_of(CHANGES),
    ],
    invoker: None,
};

pub(in crate::source) const DYNAMODB_WINDOW: Facts = Facts {
    name: "dynamodb_window",
    alias: None,
    rules: &[
        // "Implementing stateful stream processing", with the window ahead of its records.
        rule(
            Stage::Settled,
            80,
            &[IN_RECORDS, Is(Clue::RecordSource, &["aws:dynamodb"]), WINDOW],
        ),
        // "Using Lambda to process records from Amazon Kinesis / DynamoDB Streams", "stateful processing".
        rule(Stage::Records, 30, &[IN_RECORDS, IS_DYNAMODB, WINDOW]),
        // A window's last invocation may have no records left.
        rule(
            Stage::Records,
            60,
            &[IN_RECORDS, Contains(Clue::StreamArn, ":dynamodb:"), WINDOW],
        ),
    ],
    delivery: Delivery::Stream,
    identifier: &["dynamodb.SequenceNumber"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: TRIGGER,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[
        NamedPlace::new(NameKind::Table, "eventSourceARN", TextForm::Arn("table/")),
        NamedPlace::new(NameKind::EventName, "eventName", TextForm::EventName).one_of(CHANGES),
    ],
    invoker: None,
};

/// With and without a window.
const TRIGGER: Trigger = Trigger::Datasource(Some(RecordPaths {
    destination: Some("eventSourceARN"),
    contexts: [None, None],
    operation: Some("eventName"),
    document: None,
}));

const IS_DYNAMODB: Test = Any(&[
    Is(Clue::RecordSource, &["aws:dynamodb"]),
    All(&[
        UNSAID,
        Any(&[
            Object(Clue::DynamodbKeys),
            Object(Clue::DynamodbNewImage),
            Object(Clue::DynamodbOldImage),
            Contains(Clue::RecordSourceArn, ":dynamodb:"),
        ]),
    ]),
]);
