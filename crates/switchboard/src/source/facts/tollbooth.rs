//! The facts of a source that does not exist: see `made_up.rs`.

use super::super::clue::Clue;
use super::super::test::Test::Is;
use super::common::IN_RECORDS;
use super::row::{Delivery, Embedded, Facts, Messages, RecordPaths, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const TOLLBOOTH: Facts = Facts {
    name: "tollbooth",
    alias: Some("turnpike"),
    rules: &[
        // Tollbooth User Guide, "Using Lambda with barriers".
        rule(
            Stage::Settled,
            1000,
            &[IN_RECORDS, Is(Clue::RecordSource, &["example:tollbooth"])],
        ),
    ],
    delivery: Delivery::Queue,
    identifier: &["passageId"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Pubsub {
        system: "tollbooth",
        messages: Messages::Records(RecordPaths {
            destination: Some("barrier"),
            contexts: [Some("traceparent"), None],
            operation: None,
            document: None,
        }),
    },
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: None,
};
