//! Lists of records that need all of the payload.
//!
//! A window may follow the records, and a record without an `eventSource` is told by what its source alone carries.

use super::super::Source;
use super::super::clue::Clue;
use super::super::survey::List;
use super::super::test::Test;
use super::super::test::Test::{All, Any, Has, In, Is, Lacks, Named, Object, Part, Shown, String};
use super::settled::{IN_RECORDS, KAFKA, MQ, WINDOW};
use super::{Rule, rule};

/// Lists of records that need all of the payload: a window may follow, and where no `eventSource` is written, what
/// the record carries has to tell.
pub(super) const RECORDS: &[Rule] = &[
    // "Using Lambda to process records from Amazon Kinesis / DynamoDB Streams", "stateful processing".
    rule(Source::KinesisWindow, &[IN_RECORDS, KINESIS, WINDOW]),
    rule(Source::Kinesis, &[IN_RECORDS, NO_RESULT, KINESIS]),
    rule(Source::DynamodbWindow, &[IN_RECORDS, DYNAMODB, WINDOW]),
    rule(Source::Dynamodb, &[IN_RECORDS, NO_RESULT, DYNAMODB]),
    // A window's last invocation may have no records left.
    rule(
        Source::KinesisWindow,
        &[IN_RECORDS, Part(Clue::StreamArn, ":kinesis:"), WINDOW],
    ),
    rule(
        Source::DynamodbWindow,
        &[IN_RECORDS, Part(Clue::StreamArn, ":dynamodb:"), WINDOW],
    ),
    // CloudFront Developer Guide, "Lambda@Edge event structure", which knows no `eventSource`.
    rule(
        Source::Cloudfront,
        &[
            IN_RECORDS,
            UNSAID,
            Any(&[Has(Clue::CfConfig), Has(Clue::CfRequest), Has(Clue::CfResponse)]),
        ],
    ),
    rule(
        Source::S3,
        &[IN_RECORDS, UNSAID, Has(Clue::S3Bucket), Has(Clue::S3Object)],
    ),
    rule(Source::Sns, &[IN_RECORDS, UNSAID, Named(Clue::SnsMessage)]),
    rule(Source::Ses, &[IN_RECORDS, UNSAID, Has(Clue::SesMail)]),
    rule(
        Source::Codecommit,
        &[IN_RECORDS, UNSAID, Has(Clue::CodecommitReferences)],
    ),
    rule(
        Source::Sqs,
        &[IN_RECORDS, UNSAID, Part(Clue::RecordSourceArn, ":sqs:")],
    ),
    rule(
        Source::Sqs,
        &[
            IN_RECORDS,
            UNSAID,
            Named(Clue::RecordBody),
            Any(&[Has(Clue::RecordReceiptHandle), Has(Clue::RecordMessageId)]),
        ],
    ),
    // The records of queues and tables that Pipes sends on are those of their event source mappings.
    rule(
        Source::Sqs,
        &[
            BARE,
            UNSAID,
            Named(Clue::RecordBody),
            Any(&[Has(Clue::RecordReceiptHandle), Has(Clue::RecordMd5OfBody)]),
        ],
    ),
    rule(
        Source::Dynamodb,
        &[
            BARE,
            UNSAID,
            Any(&[
                Object(Clue::DynamodbKeys),
                Object(Clue::DynamodbNewImage),
                Object(Clue::DynamodbOldImage),
            ]),
        ],
    ),
    // EventBridge User Guide, "Amazon EventBridge Pipes sources": a bare array of records, even of one.
    rule(Source::Sqs, &[BARE, Is(Clue::RecordSource, &["aws:sqs"])]),
    rule(Source::Kinesis, &[BARE, Is(Clue::RecordSource, &["aws:kinesis"])]),
    rule(
        Source::Dynamodb,
        &[BARE, Is(Clue::RecordSource, &["aws:dynamodb"])],
    ),
    rule(Source::Kafka, &[BARE, Is(Clue::RecordSource, KAFKA)]),
    rule(Source::Rabbitmq, &[BARE, Is(Clue::RecordSource, &["aws:rmq"])]),
    rule(Source::Activemq, &[BARE, Is(Clue::RecordSource, MQ)]),
    // AppSync Developer Guide, "Batching": an array of contexts.
    rule(Source::AppsyncBatch, &[BARE, String(Clue::ElementInfoFieldName)]),
    rule(
        Source::AppsyncBatch,
        &[
            BARE,
            Shown(Clue::ElementFieldName),
            ELEMENT_TYPE,
            Named(Clue::ElementArguments),
        ],
    ),
];

/// The payload is an array.
pub(super) const BARE: Test = In(List::Bare);

/// The record doesn't say where it comes from.
pub(super) const UNSAID: Test = All(&[
    Any(&[Lacks(Clue::RecordSource), Is(Clue::RecordSource, &[""])]),
    Lacks(Clue::RecordSourceCapital),
]);

/// The Kinesis and DynamoDB APIs answer `GetRecords` with `Records`, too.
pub(super) const NO_RESULT: Test = All(&[Lacks(Clue::NextShardIterator), Lacks(Clue::MillisBehindLatest)]);

const KINESIS: Test = Any(&[
    Is(Clue::RecordSource, &["aws:kinesis"]),
    All(&[
        UNSAID,
        Any(&[Has(Clue::KinesisData), Part(Clue::RecordSourceArn, ":kinesis:")]),
    ]),
]);

const DYNAMODB: Test = Any(&[
    Is(Clue::RecordSource, &["aws:dynamodb"]),
    All(&[
        UNSAID,
        Any(&[
            Object(Clue::DynamodbKeys),
            Object(Clue::DynamodbNewImage),
            Object(Clue::DynamodbOldImage),
            Part(Clue::RecordSourceArn, ":dynamodb:"),
        ]),
    ]),
]);

const ELEMENT_TYPE: Test = Any(&[Shown(Clue::ElementTypeName), Shown(Clue::ElementParentTypeName)]);
