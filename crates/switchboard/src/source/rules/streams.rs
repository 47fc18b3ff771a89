//! Other batches, and events without the keys that decide at once.

use super::super::Source;
use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{All, Any, Has, Is, Lacks, Object, Part, Shown, String};
use super::{Rule, rule};

/// Other payloads with records, where the keys that decide at once have been left out.
pub(super) const STREAMS: &[Rule] = &[
    rule(
        Source::KinesisAnalytics,
        &[Has(Clue::Items), ANALYTICS, Lacks(Clue::DeliveryStreamArn)],
    ),
    rule(
        Source::KinesisFirehose,
        &[
            Has(Clue::Items),
            Any(&[Has(Clue::InvocationId), Shown(Clue::DeliveryStreamArn)]),
        ],
    ),
    rule(
        Source::KinesisFirehose,
        &[
            String(Clue::ItemRecordId),
            Lacks(Clue::ItemResult),
            Any(&[Has(Clue::ItemData), Has(Clue::ItemKafkaValue)]),
            FIREHOSE,
        ],
    ),
    rule(
        Source::Kafka,
        &[Lacks(Clue::EventSource), Object(Clue::Items), KAFKA_LIKE],
    ),
    rule(
        Source::Rabbitmq,
        &[Lacks(Clue::EventSource), Object(Clue::RmqMessagesByQueue)],
    ),
    rule(
        Source::Activemq,
        &[
            Lacks(Clue::EventSource),
            Has(Clue::Messages),
            Part(Clue::EventSourceArn, ":mq:"),
        ],
    ),
    rule(
        Source::CloudwatchEvents,
        &[Shown(Clue::DetailType), Has(Clue::Detail)],
    ),
    rule(
        Source::CloudwatchEvents,
        &[
            Shown(Clue::DetailTypeCamel),
            Shown(Clue::Source),
            Has(Clue::Detail),
        ],
    ),
    // CloudWatch User Guide, "Invoke a Lambda function from an alarm".
    rule(
        Source::CloudwatchAlarm,
        &[Shown(Clue::AlarmArn), Object(Clue::AlarmData)],
    ),
    rule(
        Source::CloudwatchAlarm,
        &[Is(Clue::Source, &["aws.cloudwatch"]), Object(Clue::AlarmData)],
    ),
];

const ANALYTICS: Test = Any(&[
    Shown(Clue::ApplicationArn),
    Shown(Clue::AnalyticsStreamArn),
    Has(Clue::ItemStreamMetadata),
    Has(Clue::ItemDeliveryMetadata),
    Has(Clue::ItemOutputMetadata),
]);

const FIREHOSE: Test = Any(&[Has(Clue::ItemArrival), Has(Clue::ItemFirehoseMetadata)]);

const KAFKA_LIKE: Test = Any(&[
    String(Clue::BootstrapServers),
    Part(Clue::EventSourceArn, ":kafka:"),
    All(&[String(Clue::Topic), Has(Clue::Partition), Has(Clue::Offset)]),
]);
