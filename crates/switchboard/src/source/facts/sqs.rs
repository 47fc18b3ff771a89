//! Amazon SQS.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Contains, Has, Is, Named, String};
use super::common::{BARE, IN_RECORDS, UNSAID};
use super::row::{Delivery, Embedded, Facts, Messages, NameKind, NamedPlace, RecordPaths, TextForm, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const SQS: Facts = Facts {
    name: "sqs",
    alias: None,
    rules: &[
        // "Using Lambda with Amazon SQS".
        rule(
            Stage::Settled,
            20,
            &[IN_RECORDS, Is(Clue::RecordSource, &["aws:sqs"])],
        ),
        // Without an `eventSource`, a record is identified by members that only this source has.
        rule(
            Stage::Records,
            120,
            &[IN_RECORDS, UNSAID, Contains(Clue::RecordSourceArn, ":sqs:")],
        ),
        rule(
            Stage::Records,
            130,
            &[
                IN_RECORDS,
                UNSAID,
                Named(Clue::RecordBody),
                Any(&[Has(Clue::RecordReceiptHandle), Has(Clue::RecordMessageId)]),
            ],
        ),
        // The records of queues and tables that Pipes sends on are those of their event source mappings.
        rule(
            Stage::Records,
            140,
            &[
                BARE,
                UNSAID,
                Named(Clue::RecordBody),
                Any(&[Has(Clue::RecordReceiptHandle), Has(Clue::RecordMd5OfBody)]),
            ],
        ),
        // EventBridge User Guide, "Amazon EventBridge Pipes sources": a bare array of records, even of one.
        rule(Stage::Records, 160, &[BARE, Is(Clue::RecordSource, &["aws:sqs"])]),
        // "Using Lambda with Amazon SQS": a body alone could be anyone's.
        rule(
            Stage::Partial,
            80,
            &[
                IN_RECORDS,
                UNSAID,
                Named(Clue::RecordBody),
                Any(&[
                    Named(Clue::RecordAttributes),
                    Named(Clue::RecordMessageAttributes),
                    Named(Clue::RecordMd5OfBody),
                ]),
            ],
        ),
        rule(
            Stage::Partial,
            90,
            &[IN_RECORDS, UNSAID, String(Clue::RecordReceiptHandle)],
        ),
    ],
    delivery: Delivery::Queue,
    identifier: &["messageId"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Pubsub {
        system: "aws_sqs",
        messages: Messages::Records(RecordPaths {
            destination: Some("eventSourceARN"),
            contexts: [
                Some("attributes.AWSTraceHeader"),
                Some("messageAttributes.traceparent.stringValue"),
            ],
            operation: None,
            document: None,
        }),
    },
    embedded: Embedded::Text("body"),
    waits: false,
    names: &[NamedPlace::new(
        NameKind::Queue,
        "eventSourceARN",
        TextForm::Arn(""),
    )],
    invoker: None,
};
