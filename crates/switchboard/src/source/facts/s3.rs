//! Amazon S3.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Has, Is, Object, Shown, String};
use super::common::{IN_RECORDS, UNSAID};
use super::row::{Delivery, Embedded, Facts, Invoker, NameKind, NamedPlace, RecordPaths, TextForm, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const S3: Facts = Facts {
    name: "s3",
    alias: None,
    rules: &[
        // "Process Amazon S3 event notifications with Lambda".
        rule(
            Stage::Settled,
            10,
            &[IN_RECORDS, Is(Clue::RecordSource, &["aws:s3"])],
        ),
        // Without an `eventSource`, a record is identified by members that only this source has.
        rule(
            Stage::Records,
            80,
            &[IN_RECORDS, UNSAID, Has(Clue::S3Bucket), Has(Clue::S3Object)],
        ),
        // Records under the one key that the documented record has to itself.
        rule(Stage::Partial, 10, &[IN_RECORDS, UNSAID, Object(Clue::RecordS3)]),
    ],
    delivery: Delivery::Notification,
    identifier: &["s3.bucket.name", "s3.object.key"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Datasource(Some(RecordPaths {
        destination: Some("s3.bucket.name"),
        contexts: [None, None],
        operation: Some("eventName"),
        document: Some("s3.object.key"),
    })),
    embedded: Embedded::Nothing,
    waits: false,
    names: &[
        NamedPlace::new(NameKind::Bucket, "s3.bucket.name", TextForm::Plain),
        NamedPlace::new(NameKind::Key, "s3.object.key", TextForm::UrlEncoded),
        NamedPlace::new(NameKind::EventName, "eventName", TextForm::EventName),
    ],
    invoker: Invoker::asynchronous("s3.amazonaws.com"),
};

pub(in crate::source) const S3_TEST: Facts = Facts {
    name: "s3_test",
    alias: None,
    rules: &[
        // S3 User Guide, "Event message structure".
        rule(Stage::Services, 10, &[Is(Clue::S3Event, &["s3:TestEvent"])]),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Datasource(None),
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: None,
};

pub(in crate::source) const S3_BATCH: Facts = Facts {
    name: "s3_batch",
    alias: None,
    rules: &[
        // "Invoke AWS Lambda function" of S3 Batch Operations, schemas 1.0 and 2.0.
        rule(
            Stage::Services,
            20,
            &[Shown(Clue::InvocationSchemaVersion), Has(Clue::Tasks)],
        ),
        // S3 User Guide, "Invoke AWS Lambda function" of S3 Batch Operations.
        rule(
            Stage::Partial,
            190,
            &[
                String(Clue::TaskId),
                Any(&[
                    String(Clue::TaskKey),
                    String(Clue::TaskBucketArn),
                    String(Clue::TaskBucket),
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
    waits: true,
    names: &[],
    invoker: None,
};

pub(in crate::source) const S3_OBJECT_LAMBDA: Facts = Facts {
    name: "s3_object_lambda",
    alias: None,
    rules: &[
        // "Event context format and usage" of S3 Object Lambda.
        rule(
            Stage::Services,
            30,
            &[Any(&[
                Object(Clue::GetObjectContext),
                Object(Clue::HeadObjectContext),
                Object(Clue::ListObjectsContext),
                Object(Clue::ListObjectsV2Context),
            ])],
        ),
        // S3 User Guide, "Event context format and usage" of S3 Object Lambda.
        rule(
            Stage::Partial,
            180,
            &[String(Clue::XAmzRequestId), Object(Clue::UserRequest)],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [Some("xAmzRequestId"), None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};
