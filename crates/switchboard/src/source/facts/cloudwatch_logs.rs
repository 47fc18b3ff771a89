//! CloudWatch Logs.

use super::super::clue::Clue;
use super::super::test::Test::String;
use super::row::{Delivery, Embedded, Facts, Invoker, NameKind, NamedPlace, TextForm, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const CLOUDWATCH_LOGS: Facts = Facts {
    name: "cloudwatch_logs",
    alias: Some("logs"),
    rules: &[
        // CloudWatch Logs User Guide, "Subscription filters with AWS Lambda".
        rule(Stage::Settled, 170, &[String(Clue::AwslogsData)]),
    ],
    delivery: Delivery::Whole,
    identifier: &["logGroup", "logStream"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[NamedPlace::new(NameKind::LogGroup, "logGroup", TextForm::Plain)],
    invoker: Invoker::asynchronous("logs.amazonaws.com"),
};
