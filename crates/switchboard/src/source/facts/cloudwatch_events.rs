//! CloudWatch Events, today EventBridge.

use super::super::clue::Clue;
use super::super::test::Test::{Contains, Has, Is, IsNot, Object, Shown};
use super::row::{Delivery, Embedded, Facts, Messages, NameKind, NamedPlace, TextForm, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const CLOUDWATCH_EVENTS: Facts = Facts {
    name: "cloudwatch_events",
    alias: Some("eventbridge"),
    rules: &[
        // EventBridge User Guide, "Events": every event has both. Event patterns have lists in their place.
        rule(
            Stage::Settled,
            90,
            &[Shown(Clue::DetailType), Shown(Clue::Source)],
        ),
        rule(Stage::Streams, 70, &[Shown(Clue::DetailType), Has(Clue::Detail)]),
        rule(
            Stage::Streams,
            80,
            &[
                Shown(Clue::DetailTypeCamel),
                Shown(Clue::Source),
                Has(Clue::Detail),
            ],
        ),
        // EventBridge User Guide, "Events": sources that begin with `aws.` are AWS's own. CloudWatch alarms call
        // functions without EventBridge, too.
        rule(
            Stage::Partial,
            140,
            &[Contains(Clue::Source, "aws."), Object(Clue::Detail)],
        ),
        rule(
            Stage::Partial,
            150,
            &[
                Contains(Clue::Source, "aws."),
                IsNot(Clue::Source, &["aws.cloudwatch"]),
            ],
        ),
        rule(Stage::Partial, 160, &[Shown(Clue::DetailType)]),
        rule(
            Stage::Partial,
            170,
            &[Is(Clue::Version, &["0"]), Object(Clue::Detail)],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &["id"],
    pipe_identifier: None,
    correlation: [Some("id"), None],
    trigger: Trigger::Pubsub {
        system: "aws.eventbridge",
        messages: Messages::Event {
            id: "id",
            // EventBridge User Guide, “Creating an Amazon EventBridge rule that runs on a schedule”.
            schedule: &[("detail-type", "Scheduled Event"), ("source", "aws.events")],
        },
    },
    // An event bus as an on-failure or on-success destination.
    embedded: Embedded::Detail("lambda"),
    waits: false,
    names: &[
        NamedPlace::new(NameKind::Bucket, "detail.bucket.name", TextForm::Plain),
        NamedPlace::new(NameKind::Key, "detail.object.key", TextForm::Plain),
        NamedPlace::new(NameKind::DetailType, "detail-type", TextForm::Plain),
        NamedPlace::new(NameKind::Rule, "resources", TextForm::Arn("rule/")),
    ],
    invoker: None,
};
