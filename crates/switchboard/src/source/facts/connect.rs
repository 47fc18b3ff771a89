//! Amazon Connect.

use super::super::clue::Clue;
use super::super::test::Test::{Is, Object};
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const CONNECT: Facts = Facts {
    name: "connect",
    alias: None,
    rules: &[
        // Connect Administrator Guide, "Invoke AWS Lambda functions".
        rule(Stage::Services, 200, &[Object(Clue::ContactData)]),
        rule(
            Stage::Partial,
            360,
            &[Is(Clue::Name, &["ContactFlowEvent"]), Object(Clue::Details)],
        ),
        rule(Stage::Partial, 370, &[Object(Clue::ContactParameters)]),
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
