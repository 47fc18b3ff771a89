//! Kinesis Data Analytics.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{Any, Has, Lacks, Shown};
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const KINESIS_ANALYTICS: Facts = Facts {
    name: "kinesis_analytics",
    alias: None,
    rules: &[
        // Kinesis Data Analytics for SQL, "Preprocessing data using a Lambda function", "Lambda as an output".
        rule(
            Stage::Settled,
            160,
            &[
                Has(Clue::InvocationId),
                Shown(Clue::ApplicationArn),
                Has(Clue::Items),
            ],
        ),
        rule(
            Stage::Streams,
            10,
            &[Has(Clue::Items), ANALYTICS, Lacks(Clue::DeliveryStreamArn)],
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
    invoker: None,
};

const ANALYTICS: Test = Any(&[
    Shown(Clue::ApplicationArn),
    Shown(Clue::AnalyticsStreamArn),
    Has(Clue::ItemStreamMetadata),
    Has(Clue::ItemDeliveryMetadata),
    Has(Clue::ItemOutputMetadata),
]);
