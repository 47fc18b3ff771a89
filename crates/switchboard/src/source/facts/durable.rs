//! The facts of invocations of durable executions.

use super::super::clue::Clue;
use super::super::test::Test::{Object, Shown, String};
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const DURABLE: Facts = Facts {
    name: "durable",
    alias: None,
    rules: &[
        // "Lambda durable functions", and what the SDKs for them read. Two of the three members suffice, so that what is
        // missing can be said by name. The token is a credential, and not shown.
        rule(
            Stage::Settled,
            200,
            &[
                Shown(Clue::DurableExecutionArn),
                Object(Clue::InitialExecutionState),
            ],
        ),
        rule(
            Stage::Settled,
            210,
            &[String(Clue::CheckpointToken), Object(Clue::InitialExecutionState)],
        ),
        rule(
            Stage::Settled,
            220,
            &[Shown(Clue::DurableExecutionArn), String(Clue::CheckpointToken)],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &["DurableExecutionArn"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Input,
    waits: false,
    names: &[],
    invoker: None,
};
