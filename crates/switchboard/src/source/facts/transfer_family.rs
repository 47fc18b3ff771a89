//! AWS Transfer Family.

use super::super::clue::Clue;
use super::super::test::Test::{All, Any, Object, String};
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const TRANSFER_FAMILY: Facts = Facts {
    name: "transfer_family",
    alias: None,
    rules: &[
        // Transfer Family User Guide, "Using AWS Lambda to integrate your identity provider", "custom processing steps".
        rule(
            Stage::Services,
            110,
            &[
                String(Clue::Username),
                Any(&[
                    String(Clue::ServerId),
                    All(&[String(Clue::Protocol), String(Clue::SourceIp)]),
                ]),
            ],
        ),
        rule(
            Stage::Services,
            120,
            &[Object(Clue::ExecutionDetails), Object(Clue::FileLocation)],
        ),
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
