//! Records of what Lambda has given up.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Named, Object, Show, Shown};
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const LAMBDA_DESTINATION: Facts = Facts {
    name: "lambda_destination",
    alias: None,
    rules: &[
        // "Capturing records of Lambda asynchronous invocations".
        rule(
            Stage::Requests,
            140,
            &[
                Shown(Clue::Condition),
                Any(&[Named(Clue::RequestPayload), Object(Clue::ResponseContext)]),
            ],
        ),
        rule(
            Stage::Requests,
            150,
            &[Shown(Clue::FunctionArn), Named(Clue::RequestPayload)],
        ),
        rule(
            Stage::Partial,
            220,
            &[Shown(Clue::Condition), Shown(Clue::FunctionArn)],
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

pub(in crate::source) const LAMBDA_DESTINATION_KINESIS: Facts = Facts {
    name: "lambda_destination_kinesis",
    alias: None,
    rules: &[
        // "Capturing discarded batches" of Kinesis, DynamoDB Streams and Kafka. A bucket gets the whole batch beside it, and a
        // batch that the function was never called with has no response.
        rule(
            Stage::Requests,
            110,
            &[Object(Clue::KinesisBatchInfo), Show(Clue::Condition)],
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

pub(in crate::source) const LAMBDA_DESTINATION_DYNAMODB: Facts = Facts {
    name: "lambda_destination_dynamodb",
    alias: None,
    rules: &[
        // "Capturing discarded batches" of Kinesis, DynamoDB Streams and Kafka. A bucket gets the whole batch beside it, and a
        // batch that the function was never called with has no response.
        rule(
            Stage::Requests,
            120,
            &[Object(Clue::DdbStreamBatchInfo), Show(Clue::Condition)],
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

pub(in crate::source) const LAMBDA_DESTINATION_KAFKA: Facts = Facts {
    name: "lambda_destination_kafka",
    alias: None,
    rules: &[
        // "Capturing discarded batches" of Kinesis, DynamoDB Streams and Kafka. A bucket gets the whole batch beside it, and a
        // batch that the function was never called with has no response.
        rule(
            Stage::Requests,
            130,
            &[Object(Clue::KafkaBatchInfo), Show(Clue::Condition)],
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
