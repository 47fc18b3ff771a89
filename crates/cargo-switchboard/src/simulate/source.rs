//! The event sources that can be simulated.

use std::fmt;

use clap::ValueEnum;
use serde::Serialize;

/// An event source that a [`Simulation`](super::Simulation) can simulate.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
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
    /// Events of Amazon EventBridge.
    Eventbridge,
}

/// How a source delivers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SourceKind {
    Stream,
    Queue,
    Asynchronous,
}

impl Source {
    /// Every source, in the order of the documentation.
    pub const ALL: [Source; 7] = [
        Source::Kinesis,
        Source::Dynamodb,
        Source::Sqs,
        Source::SqsFifo,
        Source::Sns,
        Source::S3,
        Source::Eventbridge,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Kinesis => "kinesis",
            Source::Dynamodb => "dynamodb",
            Source::Sqs => "sqs",
            Source::SqsFifo => "sqs-fifo",
            Source::Sns => "sns",
            Source::S3 => "s3",
            Source::Eventbridge => "eventbridge",
        }
    }

    pub(super) fn kind(self) -> SourceKind {
        match self {
            Source::Kinesis | Source::Dynamodb => SourceKind::Stream,
            Source::Sqs | Source::SqsFifo => SourceKind::Queue,
            Source::Sns | Source::S3 | Source::Eventbridge => SourceKind::Asynchronous,
        }
    }

    /// Whether records of a lane must stay in order.
    pub(super) fn is_ordered(self) -> bool {
        matches!(self, Source::Kinesis | Source::Dynamodb | Source::SqsFifo)
    }

    /// The default batch size.
    pub(super) fn usual_batch_size(self) -> usize {
        match self.kind() {
            SourceKind::Stream | SourceKind::Queue => 10,
            SourceKind::Asynchronous => 1,
        }
    }

    /// AWS's own limit.
    pub(super) fn largest_batch_size(self) -> usize {
        match self {
            Source::Kinesis | Source::Dynamodb | Source::Sqs => 10_000,
            Source::SqsFifo => 10,
            // S3 documents an array without a limit, but sends only a few records.
            Source::S3 => 100,
            Source::Sns | Source::Eventbridge => 1,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
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
        assert_eq!(Source::ALL.len(), Source::value_variants().len());
    }
}
