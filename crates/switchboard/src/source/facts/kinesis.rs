//! Kinesis Data Streams.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{All, Any, Contains, Has, Is, Object};
use super::common::{BARE, IN_RECORDS, NO_RESULT, UNSAID, WINDOW};
use super::row::{Delivery, Embedded, Facts, Messages, NameKind, NamedPlace, RecordPaths, TextForm, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const KINESIS: Facts = Facts {
    name: "kinesis",
    alias: None,
    rules: &[
        // "Using Lambda to process records from Amazon Kinesis / DynamoDB Streams", "stateful processing".
        rule(Stage::Records, 20, &[IN_RECORDS, NO_RESULT, IS_KINESIS]),
        // EventBridge User Guide, "Amazon EventBridge Pipes sources": a bare array of records, even of one.
        rule(
            Stage::Records,
            170,
            &[BARE, Is(Clue::RecordSource, &["aws:kinesis"])],
        ),
        // Records under the one key that the documented record has to itself.
        rule(
            Stage::Partial,
            60,
            &[IN_RECORDS, UNSAID, NO_RESULT, Object(Clue::RecordKinesis)],
        ),
    ],
    delivery: Delivery::Stream,
    identifier: &["kinesis.sequenceNumber"],
    pipe_identifier: Some("eventID"),
    correlation: [None, None],
    trigger: TRIGGER,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[NamedPlace::new(
        NameKind::Stream,
        "eventSourceARN",
        TextForm::Arn("stream/"),
    )],
    invoker: None,
};

pub(in crate::source) const KINESIS_WINDOW: Facts = Facts {
    name: "kinesis_window",
    alias: None,
    rules: &[
        // "Implementing stateful stream processing", with the window ahead of its records.
        rule(
            Stage::Settled,
            70,
            &[IN_RECORDS, Is(Clue::RecordSource, &["aws:kinesis"]), WINDOW],
        ),
        // "Using Lambda to process records from Amazon Kinesis / DynamoDB Streams", "stateful processing".
        rule(Stage::Records, 10, &[IN_RECORDS, IS_KINESIS, WINDOW]),
        // A window's last invocation may have no records left.
        rule(
            Stage::Records,
            50,
            &[IN_RECORDS, Contains(Clue::StreamArn, ":kinesis:"), WINDOW],
        ),
    ],
    delivery: Delivery::Stream,
    identifier: &["kinesis.sequenceNumber"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: TRIGGER,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[NamedPlace::new(
        NameKind::Stream,
        "eventSourceARN",
        TextForm::Arn("stream/"),
    )],
    invoker: None,
};

/// With and without a window.
const TRIGGER: Trigger = Trigger::Pubsub {
    system: "aws.kinesis",
    messages: Messages::Records(RecordPaths {
        destination: Some("eventSourceARN"),
        contexts: [None, None],
        operation: None,
        document: None,
    }),
};

const IS_KINESIS: Test = Any(&[
    Is(Clue::RecordSource, &["aws:kinesis"]),
    All(&[
        UNSAID,
        Any(&[
            Has(Clue::KinesisData),
            Contains(Clue::RecordSourceArn, ":kinesis:"),
        ]),
    ]),
]);
