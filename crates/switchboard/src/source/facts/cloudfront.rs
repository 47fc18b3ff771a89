//! Amazon CloudFront.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Has, Object};
use super::common::{IN_RECORDS, UNSAID};
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const CLOUDFRONT: Facts = Facts {
    name: "cloudfront",
    alias: None,
    rules: &[
        // CloudFront Developer Guide, "Lambda@Edge event structure", which knows no `eventSource`.
        rule(
            Stage::Records,
            70,
            &[
                IN_RECORDS,
                UNSAID,
                Any(&[Has(Clue::CfConfig), Has(Clue::CfRequest), Has(Clue::CfResponse)]),
            ],
        ),
        // Records under the one key that the documented record has to itself.
        rule(Stage::Partial, 40, &[IN_RECORDS, UNSAID, Object(Clue::RecordCf)]),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};
