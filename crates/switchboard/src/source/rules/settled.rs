//! Rules that nothing further in a payload overrules: detection stops where one of them holds.

use super::super::Source;
use super::super::clue::Clue;
use super::super::survey::List;
use super::super::test::Test;
use super::super::test::Test::{Any, Has, In, Is, Object, Shown, String};
use super::{Rule, rule};

/// Rules that nothing further in a payload overrules.
pub(super) const SETTLED: &[Rule] = &[
    // "Process Amazon S3 event notifications with Lambda".
    rule(Source::S3, &[IN_RECORDS, Is(Clue::RecordSource, &["aws:s3"])]),
    // "Using Lambda with Amazon SQS".
    rule(Source::Sqs, &[IN_RECORDS, Is(Clue::RecordSource, &["aws:sqs"])]),
    // "Invoking Lambda functions with Amazon SNS notifications", where the key has a capital.
    rule(
        Source::Sns,
        &[IN_RECORDS, Is(Clue::RecordSourceCapital, &["aws:sns"])],
    ),
    rule(Source::Sns, &[IN_RECORDS, Is(Clue::RecordSource, &["aws:sns"])]),
    // SES Developer Guide, "Invoke Lambda function action".
    rule(Source::Ses, &[IN_RECORDS, Is(Clue::RecordSource, &["aws:ses"])]),
    // CodeCommit User Guide, "Example: Create a trigger for an AWS Lambda function".
    rule(
        Source::Codecommit,
        &[IN_RECORDS, Is(Clue::RecordSource, &["aws:codecommit"])],
    ),
    // "Implementing stateful stream processing", with the window ahead of its records.
    rule(
        Source::KinesisWindow,
        &[IN_RECORDS, Is(Clue::RecordSource, &["aws:kinesis"]), WINDOW],
    ),
    rule(
        Source::DynamodbWindow,
        &[IN_RECORDS, Is(Clue::RecordSource, &["aws:dynamodb"]), WINDOW],
    ),
    // EventBridge User Guide, "Events": every event has both. Event patterns have lists in their place.
    rule(
        Source::CloudwatchEvents,
        &[Shown(Clue::DetailType), Shown(Clue::Source)],
    ),
    // ELB User Guide, "Lambda functions as targets".
    rule(Source::Alb, &[Has(Clue::Elb)]),
    // "Using Lambda with Amazon MSK", "Using Lambda with self-managed Apache Kafka".
    rule(
        Source::Kafka,
        &[Is(Clue::EventSource, KAFKA), Object(Clue::Items)],
    ),
    // "Using Lambda with Amazon MQ".
    rule(
        Source::Rabbitmq,
        &[Is(Clue::EventSource, MQ), Object(Clue::RmqMessagesByQueue)],
    ),
    rule(
        Source::Activemq,
        &[Is(Clue::EventSource, MQ), Has(Clue::Messages)],
    ),
    // "Using Lambda with Amazon DocumentDB".
    rule(
        Source::Documentdb,
        &[Is(Clue::EventSource, &["aws:docdb"]), Has(Clue::Events)],
    ),
    // Firehose Developer Guide, "Transform source data".
    rule(
        Source::KinesisFirehose,
        &[
            Has(Clue::InvocationId),
            Shown(Clue::DeliveryStreamArn),
            Has(Clue::Items),
        ],
    ),
    // Kinesis Data Analytics for SQL, "Preprocessing data using a Lambda function", "Lambda as an output".
    rule(
        Source::KinesisAnalytics,
        &[
            Has(Clue::InvocationId),
            Shown(Clue::ApplicationArn),
            Has(Clue::Items),
        ],
    ),
    // CloudWatch Logs User Guide, "Subscription filters with AWS Lambda".
    rule(Source::CloudwatchLogs, &[String(Clue::AwslogsData)]),
];

pub(super) const IN_RECORDS: Test = In(List::Records);

pub(super) const WINDOW: Test = Any(&[
    Has(Clue::Window),
    Has(Clue::IsFinalInvoke),
    Has(Clue::IsWindowTerminatedEarly),
    Object(Clue::State),
]);

pub(super) const KAFKA: &[&str] = &["aws:kafka", "SelfManagedKafka", "aws:SelfManagedKafka"];

pub(super) const MQ: &[&str] = &["aws:mq", "aws:amq", "aws:rmq"];
