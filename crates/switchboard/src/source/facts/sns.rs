//! Amazon SNS.

use super::super::clue::Clue;
use super::super::test::Test::{Is, Named, Object};
use super::common::{IN_RECORDS, UNSAID};
use super::row::{
    Delivery, Embedded, Facts, Invoker, Messages, NameKind, NamedPlace, RecordPaths, TextForm, Trigger,
};
use super::rule::{Stage, rule};

pub(in crate::source) const SNS: Facts = Facts {
    name: "sns",
    alias: None,
    rules: &[
        // "Invoking Lambda functions with Amazon SNS notifications", where the key has a capital.
        rule(
            Stage::Settled,
            30,
            &[IN_RECORDS, Is(Clue::RecordSourceCapital, &["aws:sns"])],
        ),
        rule(
            Stage::Settled,
            40,
            &[IN_RECORDS, Is(Clue::RecordSource, &["aws:sns"])],
        ),
        // Without an `eventSource`, a record is identified by members that only this source has.
        rule(Stage::Records, 90, &[IN_RECORDS, UNSAID, Named(Clue::SnsMessage)]),
        // Records under the one key that the documented record has to itself.
        rule(Stage::Partial, 20, &[IN_RECORDS, UNSAID, Object(Clue::RecordSns)]),
    ],
    delivery: Delivery::Notification,
    identifier: &["Sns.MessageId"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Pubsub {
        system: "aws.sns",
        messages: Messages::Records(RecordPaths {
            destination: Some("Sns.TopicArn"),
            contexts: [Some("Sns.MessageAttributes.traceparent.Value"), None],
            operation: None,
            document: None,
        }),
    },
    embedded: Embedded::Text("Sns.Message"),
    waits: false,
    names: &[NamedPlace::new(
        NameKind::Topic,
        "Sns.TopicArn",
        TextForm::Arn(""),
    )],
    invoker: Invoker::asynchronous("sns.amazonaws.com"),
};
