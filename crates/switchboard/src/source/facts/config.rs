//! AWS Config.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Has, Shown, String};
use super::row::{Delivery, Embedded, Facts, Invoker, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const CONFIG: Facts = Facts {
    name: "config",
    alias: None,
    rules: &[
        // AWS Config Developer Guide, "Example events for AWS Config rules".
        rule(
            Stage::Services,
            70,
            &[
                String(Clue::InvokingEvent),
                Any(&[
                    Has(Clue::ResultToken),
                    Has(Clue::RuleParameters),
                    Has(Clue::ConfigRuleName),
                    Has(Clue::ConfigRuleArn),
                    Has(Clue::ConfigRuleId),
                ]),
            ],
        ),
        rule(
            Stage::Services,
            80,
            &[String(Clue::ConfigRuleArn), Has(Clue::ResultToken)],
        ),
        rule(Stage::Partial, 270, &[String(Clue::InvokingEvent)]),
        rule(
            Stage::Partial,
            280,
            &[
                String(Clue::ResultToken),
                Any(&[
                    Has(Clue::RuleParameters),
                    Shown(Clue::ConfigRuleName),
                    Shown(Clue::ConfigRuleId),
                ]),
            ],
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
    invoker: Invoker::asynchronous("config.amazonaws.com"),
};
