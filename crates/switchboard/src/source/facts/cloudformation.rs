//! AWS CloudFormation.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Has, Is, String};
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const CLOUDFORMATION: Facts = Facts {
    name: "cloudformation",
    alias: None,
    rules: &[
        // CloudFormation User Guide, "Custom resource request objects".
        rule(
            Stage::Services,
            40,
            &[
                Is(Clue::RequestType, &["Create", "Update", "Delete"]),
                Any(&[
                    Has(Clue::ResponseUrl),
                    Has(Clue::StackId),
                    Has(Clue::LogicalResourceId),
                    Has(Clue::ResourceType),
                    Has(Clue::ResourceProperties),
                ]),
            ],
        ),
        rule(
            Stage::Partial,
            200,
            &[
                String(Clue::ResponseUrl),
                Any(&[
                    String(Clue::RequestType),
                    String(Clue::StackId),
                    String(Clue::LogicalResourceId),
                ]),
            ],
        ),
        rule(
            Stage::Partial,
            210,
            &[Is(Clue::RequestType, &["Create", "Update", "Delete"])],
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
