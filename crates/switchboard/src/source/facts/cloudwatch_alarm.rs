//! CloudWatch alarms.

use super::super::clue::Clue;
use super::super::test::Test::{Is, Object, Shown};
use super::row::{Delivery, Embedded, Facts, Invoker, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const CLOUDWATCH_ALARM: Facts = Facts {
    name: "cloudwatch_alarm",
    alias: None,
    rules: &[
        // CloudWatch User Guide, "Invoke a Lambda function from an alarm".
        rule(
            Stage::Streams,
            90,
            &[Shown(Clue::AlarmArn), Object(Clue::AlarmData)],
        ),
        rule(
            Stage::Streams,
            100,
            &[Is(Clue::Source, &["aws.cloudwatch"]), Object(Clue::AlarmData)],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: Invoker::asynchronous("lambda.alarms.cloudwatch.amazonaws.com"),
};
