//! The arguments of `poll`.

use std::path::PathBuf;

use clap::Args;
use switchboard_aws::wire::Start;

use super::super::aws_args::AwsArgs;
use super::super::function_args::FunctionArgs;
use super::super::output::OutputFormat;
use super::super::wire::{json, position};

pub(in crate::cli) const POLL_EXAMPLES: &str = "\
Examples:
  cargo switchboard poll --queue orders --peek                 look, and take nothing
  cargo switchboard poll --queue orders                        deliver to the function of this package, until Ctrl-C
  cargo switchboard poll --queue orders --exit-when-empty      deliver what is there, exit 1 if something failed
  cargo switchboard poll --stream clicks --start trim-horizon --bisect --max-retries 3 --on-failure failed.jsonl
  cargo switchboard poll --table orders --checkpoints poll.json
  cargo switchboard poll --mapping 6f0e…                       with the source and the settings of a deployed mapping
  cargo switchboard poll --queue orders --print-policy         the rights that it needs

Delivers as Lambda's event source mapping would: batches, filters, partial answers, message groups, retries, bisection, age,
windows, checkpoints. Messages that the function has done are deleted from the queue; all others become visible again when their
visibility timeout ends, and each receive counts towards the queue's dead-letter queue. Streams are only read.

If a deployed mapping reads the same queue, messages go to either of the two: the command asks first (--yes).
Ctrl-C ends after the invocations under way and gives back what was received and not delivered; a second Ctrl-C ends at once.

Exit codes: 0 success, 1 something failed (with --exit-when-empty), 2 the command itself failed.";

#[derive(Args)]
pub(in crate::cli) struct Poll {
    #[command(flatten)]
    pub(super) source: PollSource,
    /// Show what is there, oldest first, and take nothing. Messages of a queue are invisible to others for a moment, and it counts as a receive
    #[arg(long)]
    pub(super) peek: bool,
    /// How many messages or records to peek at
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) limit: u32,
    /// End when nothing is left, with code 1 if something failed
    #[arg(long, conflicts_with = "peek")]
    pub(super) exit_when_empty: bool,
    /// Read a queue that a deployed mapping reads, without asking
    #[arg(long)]
    pub(super) yes: bool,
    /// Print the rights that the command needs as an IAM policy, and end
    #[arg(long)]
    pub(super) print_policy: bool,
    #[command(flatten)]
    pub(super) mapping: MappingArgs,
    /// How to print what happens
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = OutputFormat::Text)]
    pub(super) format: OutputFormat,
    #[command(flatten)]
    pub(super) place: AwsArgs,
    #[command(flatten)]
    pub(super) function: FunctionArgs,
}

/// What to read.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct PollSource {
    /// Queue of SQS, standard or FIFO: its name, URL or ARN
    #[arg(long, value_name = "NAME|URL|ARN")]
    pub(super) queue: Option<String>,
    /// Stream of Kinesis: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(super) stream: Option<String>,
    /// Table of DynamoDB with a stream: its name, or the ARN of the stream
    #[arg(long, value_name = "NAME|ARN")]
    pub(super) table: Option<String>,
    /// What a deployed event source mapping reads, with its settings; options here override them
    #[arg(long, value_name = "UUID")]
    pub(super) mapping: Option<String>,
}

/// The settings of the mapping.
#[derive(Args)]
#[command(next_help_heading = "Mapping")]
pub(super) struct MappingArgs {
    /// Maximum number of records in a batch [default: 10 for a queue, 100 for a stream]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) batch_size: Option<u32>,
    /// Seconds to wait for a fuller batch; not for FIFO queues [default: 0]
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u32).range(0..=300))]
    pub(super) batch_window: Option<u32>,
    /// Event filter pattern in JSON; may be repeated, a record must match one. A queue's messages that match none are deleted
    #[arg(long = "filter", value_name = "JSON", value_parser = json)]
    pub(super) filters: Vec<String>,
    /// Ignore which records an answer names: the mapping lacks ReportBatchItemFailures
    #[arg(long)]
    pub(super) no_partial_answers: bool,
    /// Queues: how many invocations may run at once [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) concurrency: Option<u32>,
    /// Streams: where to start: latest, trim-horizon, or for Kinesis an RFC 3339 time [default: latest, or trim-horizon with --peek]
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub(super) start: Option<Start>,
    /// Streams: keep in FILE how far each shard is read, and go on there the next time
    #[arg(long, value_name = "FILE")]
    pub(super) checkpoints: Option<PathBuf>,
    /// Streams: concurrent batches of a shard [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(super) parallelization_factor: Option<u32>,
    /// Streams: split a failed batch in two
    #[arg(long)]
    pub(super) bisect: bool,
    /// Streams: maximum number of retries of a batch [default: unlimited]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(super) max_retries: Option<u32>,
    /// Streams: maximum age of a record in seconds [default: unlimited]
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u32).range(60..=604_800))]
    pub(super) max_age: Option<u32>,
    /// Streams: length of tumbling windows in seconds
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u32).range(1..=900))]
    pub(super) tumbling_window: Option<u32>,
    /// Streams: where the record of a batch goes that is given up: a file, which gets a line of JSON with the event, as a bucket does, or a queue
    #[arg(long, value_name = "FILE|ARN")]
    pub(super) on_failure: Option<String>,
}
