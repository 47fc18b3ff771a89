//! The event sources that can be simulated, one row of facts for each.

use std::fmt;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use event_source_mapping::AnswerForm;
use oorandom::Rand64;
use serde::{Serialize, Serializer};
use serde_json::Value;
use switchboard::source::Source as Detected;

use super::payload::{
    Item, cloudwatch_events, dynamodb, kafka, kinesis, kinesis_firehose, s3, ses, sns, sqs,
};

/// An event source that a [`Simulation`](super::Simulation) can simulate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// A shard of Kinesis Data Streams.
    Kinesis,
    /// A shard of DynamoDB Streams.
    Dynamodb,
    /// A standard queue of Amazon SQS.
    Sqs,
    /// A FIFO queue of Amazon SQS.
    SqsFifo,
    /// Notifications of Amazon SNS.
    Sns,
    /// Event notifications of Amazon S3.
    S3,
    /// CloudWatch Events, today Amazon EventBridge.
    CloudwatchEvents,
    /// Partitions of a topic of Apache Kafka.
    Kafka,
    /// Data that Amazon Data Firehose wants transformed.
    KinesisFirehose,
    /// Mail that Amazon SES receives.
    Ses,
    /// A shard of Kinesis Data Streams in tumbling windows.
    KinesisWindow,
    /// A shard of DynamoDB Streams in tumbling windows.
    DynamodbWindow,
    /// A stream of Kinesis, as the target of EventBridge Pipes gets it.
    PipeKinesis,
    /// A stream of DynamoDB, as the target of EventBridge Pipes gets it.
    PipeDynamodb,
    /// A queue of SQS, as the target of EventBridge Pipes gets it.
    PipeSqs,
}

/// How a source delivers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SourceKind {
    Stream,
    /// A stream in tumbling windows.
    Windowed,
    Queue,
    /// Lambda's own queue.
    Asynchronous,
    /// A buffer whose records the function transforms.
    Buffer,
}

/// How an answer names records.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AnswerKind {
    /// Those that failed, in this form.
    Of(AnswerForm),
    /// What became of each.
    Results,
    /// Not at all.
    Nothing,
}

/// How many records are in an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BatchSize {
    usual: usize,
    largest: usize,
}

/// All that is known of a simulated source. A row is that of its kind of delivery, and what differs.
pub(super) struct Facts {
    /// What the function makes of its events.
    pub(super) detected: Detected,
    /// The name on the command line, where it is not that of the detected source.
    name: Option<&'static str>,
    help: &'static str,
    pub(super) kind: SourceKind,
    pub(super) answer: AnswerKind,
    /// Whether its event source mapping takes partial answers only if it is told to.
    pub(super) has_partial_answers: bool,
    /// Whether records of a lane must stay in order.
    pub(super) is_ordered: bool,
    /// Whether a record that is done comes again because its answer was lost. Others are delivered twice.
    pub(super) loses_answers: bool,
    pub(super) batch: BatchSize,
    /// What a body is, if it has to be a JSON object.
    pub(super) object: Option<&'static str>,
    /// The event of these records.
    pub(super) event: fn(&[Item]) -> Value,
    /// The identifier of a record, from the seed, its lane and its index.
    pub(super) identifier: fn(u64, usize, usize) -> String,
}

const STREAMED: BatchSize = BatchSize {
    usual: 10,
    largest: 10_000,
};

const ONE: BatchSize = BatchSize { usual: 1, largest: 1 };

/// A shard of a stream.
const STREAM: Facts = Facts {
    detected: Detected::Kinesis,
    name: None,
    help: "A shard of Kinesis Data Streams",
    kind: SourceKind::Stream,
    answer: AnswerKind::Of(AnswerForm::Texts),
    has_partial_answers: true,
    is_ordered: true,
    loses_answers: true,
    batch: STREAMED,
    object: None,
    event: kinesis::event,
    identifier: |_, _, index| kinesis::sequence_number(index),
};

/// A standard queue.
const QUEUE: Facts = Facts {
    detected: Detected::Sqs,
    name: None,
    help: "A standard queue of Amazon SQS",
    kind: SourceKind::Queue,
    answer: AnswerKind::Of(AnswerForm::Texts),
    has_partial_answers: true,
    is_ordered: false,
    loses_answers: false,
    batch: STREAMED,
    object: None,
    event: sqs::standard,
    identifier: |seed, _, index| uuid(seed, index),
};

/// A stream behind a pipe: only the records that an answer names come again, and their lanes wait for them.
const PIPE: Facts = Facts {
    kind: SourceKind::Queue,
    has_partial_answers: false,
    ..STREAM
};

/// What is invoked asynchronously.
const ASYNCHRONOUS: Facts = Facts {
    detected: Detected::Sns,
    name: None,
    help: "Notifications of Amazon SNS",
    kind: SourceKind::Asynchronous,
    answer: AnswerKind::Nothing,
    has_partial_answers: false,
    is_ordered: false,
    loses_answers: false,
    batch: ONE,
    object: None,
    event: sns::event,
    identifier: |seed, _, index| uuid(seed, index),
};

const ITEM: Option<&str> = Some("an item");

impl Source {
    /// Every source, in the order of the documentation.
    pub const ALL: [Source; 15] = [
        Source::Kinesis,
        Source::Dynamodb,
        Source::KinesisWindow,
        Source::DynamodbWindow,
        Source::Kafka,
        Source::Sqs,
        Source::SqsFifo,
        Source::KinesisFirehose,
        Source::Sns,
        Source::S3,
        Source::CloudwatchEvents,
        Source::Ses,
        Source::PipeKinesis,
        Source::PipeDynamodb,
        Source::PipeSqs,
    ];

    /// The one table: nothing else in `simulate` asks which source it is.
    pub(super) fn facts(self) -> Facts {
        match self {
            Source::Kinesis => STREAM,
            Source::Dynamodb => Facts {
                detected: Detected::Dynamodb,
                help: "A shard of DynamoDB Streams",
                object: ITEM,
                event: dynamodb::event,
                identifier: |_, _, index| dynamodb::sequence_number(index),
                ..STREAM
            },
            Source::KinesisWindow => Facts {
                name: Some("kinesis-window"),
                help: "A shard of Kinesis Data Streams in tumbling windows",
                kind: SourceKind::Windowed,
                ..STREAM
            },
            Source::DynamodbWindow => Facts {
                name: Some("dynamodb-window"),
                help: "A shard of DynamoDB Streams in tumbling windows",
                kind: SourceKind::Windowed,
                ..Source::Dynamodb.facts()
            },
            // Only the records that an answer names come again, and a partition waits for them.
            Source::Kafka => Facts {
                detected: Detected::Kafka,
                help: "A topic of Apache Kafka",
                kind: SourceKind::Queue,
                answer: AnswerKind::Of(AnswerForm::Positions),
                event: kafka::event,
                identifier: |_, lane, index| kafka::position(lane, index),
                ..STREAM
            },
            Source::Sqs => QUEUE,
            Source::SqsFifo => Facts {
                name: Some("sqs-fifo"),
                help: "A FIFO queue of Amazon SQS",
                is_ordered: true,
                loses_answers: true,
                batch: BatchSize {
                    usual: 10,
                    largest: 10,
                },
                event: sqs::fifo,
                ..QUEUE
            },
            Source::KinesisFirehose => Facts {
                detected: Detected::KinesisFirehose,
                help: "Data that Amazon Data Firehose wants transformed",
                kind: SourceKind::Buffer,
                answer: AnswerKind::Results,
                has_partial_answers: false,
                is_ordered: false,
                event: kinesis_firehose::event,
                // Like a sequence number, and longer.
                identifier: |_, _, index| format!("{}000000", kinesis::sequence_number(index)),
                ..STREAM
            },
            Source::Sns => ASYNCHRONOUS,
            Source::S3 => Facts {
                detected: Detected::S3,
                help: "Event notifications of Amazon S3",
                // S3 documents an array without a limit, but sends only a few records.
                batch: BatchSize {
                    usual: 1,
                    largest: 100,
                },
                event: s3::event,
                // Orders the events of one key; every object here has one event.
                identifier: |_, _, index| format!("{:018X}", 0x006A_C35B_EFA4_0000_u64 + index as u64),
                ..ASYNCHRONOUS
            },
            Source::CloudwatchEvents => Facts {
                detected: Detected::CloudwatchEvents,
                help: "CloudWatch Events, today Amazon EventBridge",
                object: Some("the detail of an event"),
                event: cloudwatch_events::event,
                ..ASYNCHRONOUS
            },
            Source::Ses => Facts {
                detected: Detected::Ses,
                help: "Mail that Amazon SES receives",
                event: ses::event,
                ..ASYNCHRONOUS
            },
            Source::PipeKinesis => Facts {
                name: Some("pipe-kinesis"),
                help: "A stream of Kinesis, as the target of EventBridge Pipes gets it",
                event: kinesis::piped,
                identifier: |_, _, index| kinesis::event_id(index),
                ..PIPE
            },
            Source::PipeDynamodb => Facts {
                detected: Detected::Dynamodb,
                name: Some("pipe-dynamodb"),
                help: "A stream of DynamoDB, as the target of EventBridge Pipes gets it",
                object: ITEM,
                event: dynamodb::piped,
                identifier: |_, _, index| dynamodb::event_id(index),
                ..PIPE
            },
            Source::PipeSqs => Facts {
                name: Some("pipe-sqs"),
                help: "A queue of SQS, as the target of EventBridge Pipes gets it",
                has_partial_answers: false,
                event: sqs::piped,
                ..QUEUE
            },
        }
    }

    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let Facts { detected, name, .. } = self.facts();
        name.unwrap_or(detected.as_str())
    }

    pub(super) fn kind(self) -> SourceKind {
        self.facts().kind
    }

    pub(super) fn is_ordered(self) -> bool {
        self.facts().is_ordered
    }

    /// The default batch size.
    pub(super) fn usual_batch_size(self) -> usize {
        self.facts().batch.usual
    }

    /// AWS's own limit.
    pub(super) fn largest_batch_size(self) -> usize {
        self.facts().batch.largest
    }
}

/// A UUID of a record.
pub(super) fn uuid(seed: u64, index: usize) -> String {
    let mut random = Rand64::new(u128::from(seed) << 64 | index as u128);
    let (high, low) = (random.rand_u64(), random.rand_u64());
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl ValueEnum for Source {
    fn value_variants<'a>() -> &'a [Self] {
        &Source::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let Facts {
            detected, name, help, ..
        } = self.facts();
        // Another name of the detected source does not choose a special case of it.
        let alias = detected.alias().filter(|_| name.is_none());
        Some(PossibleValue::new(self.as_str()).help(help).aliases(alias))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_the_same_name_in_options_and_reports() {
        for source in Source::ALL {
            let value = source.to_possible_value().unwrap();
            assert_eq!(value.get_name(), source.as_str());
            assert_eq!(serde_json::to_value(source).unwrap(), source.as_str());
        }
        let typed = |name| Source::from_str(name, false);
        assert_eq!(typed("cloudwatch_events"), Ok(Source::CloudwatchEvents));
        assert_eq!(typed("eventbridge"), Ok(Source::CloudwatchEvents));
        assert_eq!(typed("sqs-fifo"), Ok(Source::SqsFifo));
    }
}
