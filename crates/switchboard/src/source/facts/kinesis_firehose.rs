//! Amazon Data Firehose.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{Any, Has, Lacks, Shown, String};
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const KINESIS_FIREHOSE: Facts = Facts {
    name: "kinesis_firehose",
    alias: Some("firehose"),
    rules: &[
        // Firehose Developer Guide, "Transform source data".
        rule(
            Stage::Settled,
            150,
            &[
                Has(Clue::InvocationId),
                Shown(Clue::DeliveryStreamArn),
                Has(Clue::Items),
            ],
        ),
        rule(
            Stage::Streams,
            20,
            &[
                Has(Clue::Items),
                Any(&[Has(Clue::InvocationId), Shown(Clue::DeliveryStreamArn)]),
            ],
        ),
        rule(
            Stage::Streams,
            30,
            &[
                String(Clue::ItemRecordId),
                Lacks(Clue::ItemResult),
                Any(&[Has(Clue::ItemData), Has(Clue::ItemKafkaValue)]),
                FIREHOSE,
            ],
        ),
        // Firehose Developer Guide, "Transform source data"; Kinesis Analytics, whose records look the same, names no
        // region.
        rule(
            Stage::Partial,
            130,
            &[
                String(Clue::ItemRecordId),
                Any(&[String(Clue::ItemData), String(Clue::ItemKafkaValue)]),
                Lacks(Clue::ItemResult),
                String(Clue::Region),
            ],
        ),
    ],
    delivery: Delivery::Transformation,
    identifier: &["recordId"],
    pipe_identifier: None,
    correlation: [Some("invocationId"), None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: None,
};

const FIREHOSE: Test = Any(&[Has(Clue::ItemArrival), Has(Clue::ItemFirehoseMetadata)]);
