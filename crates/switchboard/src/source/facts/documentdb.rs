//! Amazon DocumentDB.

use super::super::clue::Clue;
use super::super::test::Test::{Has, Is};
use super::row::{Delivery, Embedded, Facts, RecordPaths, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const DOCUMENTDB: Facts = Facts {
    name: "documentdb",
    alias: None,
    rules: &[
        // "Using Lambda with Amazon DocumentDB".
        rule(
            Stage::Settled,
            140,
            &[Is(Clue::EventSource, &["aws:docdb"]), Has(Clue::Events)],
        ),
    ],
    delivery: Delivery::Ordered,
    identifier: &["event._id._data"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Datasource(Some(RecordPaths {
        destination: Some("event.ns.coll"),
        contexts: [None, None],
        operation: Some("event.operationType"),
        document: None,
    })),
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: None,
};
