//! The event sources that can be simulated, one row of facts for each.

use std::fmt;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use oorandom::Rand64;
use serde::{Serialize, Serializer};
use serde_json::Value;
use switchboard::source::Source as Detected;

use super::payload::{Item, cloudwatch_events, dynamodb, kinesis, s3, sns, sqs};

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
}

/// How a source delivers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SourceKind {
    Stream,
    Queue,
    Asynchronous,
}

/// How many records are in an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BatchSize {
    /// A list of them, with the usual and the largest number.
    Records { usual: usize, largest: usize },
    /// One, which is the event.
    One,
}

/// All that is known of a simulated source. Like those of the library, rows have no default.
pub(super) struct Facts {
    /// What the function makes of its events.
    pub(super) detected: Detected,
    /// The name on the command line, where it is not that of the detected source.
    name: Option<&'static str>,
    help: &'static str,
    pub(super) kind: SourceKind,
    /// Whether records of a lane must stay in order. Then duplicates come from lost answers only.
    pub(super) is_ordered: bool,
    pub(super) batch: BatchSize,
    /// A record, or the event.
    pub(super) record: fn(&Item) -> Value,
    /// The identifier of a record, from the seed and its index.
    pub(super) identifier: fn(u64, usize) -> String,
}

const STREAMED: BatchSize = BatchSize::Records {
    usual: 10,
    largest: 10_000,
};

impl Source {
    /// Every source, in the order of the documentation.
    pub const ALL: [Source; 7] = [
        Source::Kinesis,
        Source::Dynamodb,
        Source::Sqs,
        Source::SqsFifo,
        Source::Sns,
        Source::S3,
        Source::CloudwatchEvents,
    ];

    /// The one table: nothing else in `simulate` asks which source it is.
    pub(super) fn facts(self) -> Facts {
        match self {
            Source::Kinesis => Facts {
                detected: Detected::Kinesis,
                name: None,
                help: "A shard of Kinesis Data Streams",
                kind: SourceKind::Stream,
                is_ordered: true,
                batch: STREAMED,
                record: kinesis::record,
                // 56 digits, of which the last ones grow in uneven steps.
                identifier: |_, index| {
                    format!("4966733827149025660855969{:031}", 1_000_003 * (index as u128 + 1))
                },
            },
            Source::Dynamodb => Facts {
                detected: Detected::Dynamodb,
                name: None,
                help: "A shard of DynamoDB Streams",
                kind: SourceKind::Stream,
                is_ordered: true,
                batch: STREAMED,
                record: dynamodb::record,
                identifier: |_, index| format!("44215845000000000{:011}", 7_919 * (index + 1)),
            },
            Source::Sqs => Facts {
                detected: Detected::Sqs,
                name: None,
                help: "A standard queue of Amazon SQS",
                kind: SourceKind::Queue,
                is_ordered: false,
                batch: STREAMED,
                record: sqs::standard,
                identifier: uuid,
            },
            Source::SqsFifo => Facts {
                detected: Detected::Sqs,
                name: Some("sqs-fifo"),
                help: "A FIFO queue of Amazon SQS",
                kind: SourceKind::Queue,
                is_ordered: true,
                batch: BatchSize::Records {
                    usual: 10,
                    largest: 10,
                },
                record: sqs::fifo,
                identifier: uuid,
            },
            Source::Sns => Facts {
                detected: Detected::Sns,
                name: None,
                help: "Notifications of Amazon SNS",
                kind: SourceKind::Asynchronous,
                is_ordered: false,
                batch: BatchSize::Records { usual: 1, largest: 1 },
                record: sns::record,
                identifier: uuid,
            },
            Source::S3 => Facts {
                detected: Detected::S3,
                name: None,
                help: "Event notifications of Amazon S3",
                kind: SourceKind::Asynchronous,
                is_ordered: false,
                // S3 documents an array without a limit, but sends only a few records.
                batch: BatchSize::Records {
                    usual: 1,
                    largest: 100,
                },
                record: s3::record,
                // Orders the events of one key; every object here has one event.
                identifier: |_, index| format!("{:018X}", 0x006A_C35B_EFA4_0000_u64 + index as u64),
            },
            Source::CloudwatchEvents => Facts {
                detected: Detected::CloudwatchEvents,
                name: None,
                help: "CloudWatch Events, today Amazon EventBridge",
                kind: SourceKind::Asynchronous,
                is_ordered: false,
                batch: BatchSize::One,
                record: cloudwatch_events::event,
                identifier: uuid,
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
        match self.facts().batch {
            BatchSize::Records { usual, .. } => usual,
            BatchSize::One => 1,
        }
    }

    /// AWS's own limit.
    pub(super) fn largest_batch_size(self) -> usize {
        match self.facts().batch {
            BatchSize::Records { largest, .. } => largest,
            BatchSize::One => 1,
        }
    }
}

fn uuid(seed: u64, index: usize) -> String {
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
        // Another name of the detected source stands for no special case of it.
        let alias = detected.alias().filter(|_| name.is_none());
        Some(PossibleValue::new(self.as_str()).help(help).aliases(alias))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_everywhere() {
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
