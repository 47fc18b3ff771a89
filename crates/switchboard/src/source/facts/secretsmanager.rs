//! AWS Secrets Manager.

use super::super::clue::Clue;
use super::super::test::Test::{Is, String};
use super::row::{Delivery, Embedded, Facts, Invoker, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const SECRETSMANAGER_ROTATION: Facts = Facts {
    name: "secretsmanager_rotation",
    alias: None,
    rules: &[
        // Secrets Manager User Guide, "Rotation function".
        rule(
            Stage::Services,
            90,
            &[
                Is(
                    Clue::Step,
                    &["createSecret", "setSecret", "testSecret", "finishSecret"],
                ),
                String(Clue::SecretId),
            ],
        ),
        rule(
            Stage::Services,
            100,
            &[
                String(Clue::Step),
                String(Clue::SecretId),
                String(Clue::ClientRequestToken),
            ],
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
    invoker: Invoker::synchronous("secretsmanager.amazonaws.com"),
};
