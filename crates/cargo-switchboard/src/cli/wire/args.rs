//! The arguments of `wire` and `unwire`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::super::aws_args::AwsArgs;
use super::super::output::OutputFormat;
use super::help::{EVENTS_EXAMPLES, HTTP_EXAMPLES, S3_EXAMPLES, SQS_EXAMPLES, STREAM_EXAMPLES, URL_EXAMPLES};
use super::parse::{account, json, position, s3_event};
use switchboard::source::Source;
use switchboard_aws::wire::Start;

/// Other names of a trigger: those of its source.
fn names(source: Source) -> impl Iterator<Item = &'static str> {
    std::iter::once(source.as_str()).chain(source.alias())
}

#[derive(Args)]
pub(in crate::cli) struct Wire {
    #[command(subcommand)]
    pub(super) trigger: WireTrigger,
}

#[derive(Subcommand)]
pub(super) enum WireTrigger {
    /// A bucket's objects: a permission and a notification, merged with the bucket's others
    #[command(after_help = S3_EXAMPLES)]
    S3(S3),
    /// A table's changes: its stream, and an event source mapping
    #[command(after_help = STREAM_EXAMPLES)]
    Dynamodb(Dynamodb),
    /// A Kinesis stream's records: an event source mapping
    #[command(after_help = STREAM_EXAMPLES)]
    Kinesis(Kinesis),
    /// A queue's messages: an event source mapping
    #[command(after_help = SQS_EXAMPLES)]
    Sqs(Sqs),
    /// EventBridge events or a schedule: a rule, its target and a permission
    #[command(after_help = EVENTS_EXAMPLES, aliases = names(Source::CloudwatchEvents))]
    Events(Events),
    /// HTTP requests: an API Gateway API, its integration, a permission and a stage
    #[command(after_help = HTTP_EXAMPLES)]
    Http(Http),
    /// HTTP requests: a function URL
    #[command(after_help = URL_EXAMPLES)]
    Url(Url),
    /// List all triggers of a function, including those that others created
    List(List),
}

#[derive(Args)]
pub(in crate::cli) struct Unwire {
    #[command(subcommand)]
    pub(super) trigger: UnwireTrigger,
}

#[derive(Subcommand)]
pub(super) enum UnwireTrigger {
    /// A bucket's notifications to the function: all that `wire` created, or those with this prefix and suffix
    S3(UnwireS3),
    /// A table's event source mapping; its stream stays enabled
    Dynamodb(UnwireDynamodb),
    /// A Kinesis stream's event source mapping
    Kinesis(UnwireKinesis),
    /// A queue's event source mapping
    Sqs(UnwireSqs),
    /// Rules that invoke the function: all that `wire` created on the bus, or this one
    #[command(aliases = names(Source::CloudwatchEvents))]
    Events(UnwireEvents),
    /// The API in front of the function
    Http(UnwireHttp),
    /// The function's URL
    Url(UnwireUrl),
}

/// Options of every command.
#[derive(Args)]
pub(super) struct Common {
    /// Name or ARN of the function, optionally with `:ALIAS` to give the alias the trigger
    #[arg(long, value_name = "NAME|ARN")]
    pub(super) function: String,
    /// Show the plan without applying it
    #[arg(long, conflicts_with = "yes")]
    pub(super) dry_run: bool,
    /// Apply the plan without asking
    #[arg(long, short)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) place: AwsArgs,
}

#[derive(Args)]
pub(super) struct S3 {
    /// The bucket, in the function's region
    #[arg(long)]
    pub(super) bucket: String,
    /// The account that must own the bucket [default: the function's]
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub(super) bucket_owner: Option<String>,
    /// Events, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = s3_event, default_value = "ObjectCreated:*,ObjectRemoved:*")]
    pub(super) events: Vec<String>,
    /// Prefix of the keys
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) prefix: String,
    /// Suffix of the keys
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) suffix: String,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct Dynamodb {
    /// The table
    #[arg(long)]
    pub(super) table: String,
    #[command(flatten)]
    pub(super) stream: Stream,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct Kinesis {
    /// The stream: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(super) stream: String,
    #[command(flatten)]
    pub(super) settings: Stream,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Settings of mappings of streams.
#[derive(Args)]
pub(super) struct Stream {
    /// Where a new mapping starts to read: trim-horizon, latest, or for Kinesis an RFC 3339 time
    #[arg(long, value_name = "POSITION", value_parser = position, default_value = "trim-horizon")]
    pub(super) starting_position: Start,
    /// Maximum number of records in a batch
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=10_000))]
    pub(super) batch_size: i32,
    /// Seconds to wait for a fuller batch
    #[arg(long, value_name = "SECS", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=300))]
    pub(super) batch_window: i32,
    /// Concurrent batches of a shard
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=10))]
    pub(super) parallelization_factor: i32,
    /// Retry failed batches whole instead of splitting them in two
    #[arg(long)]
    pub(super) no_bisect: bool,
    /// Maximum number of retries of a batch [default: unlimited]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..=10_000))]
    pub(super) max_retries: Option<i32>,
    /// Maximum age of a record in seconds [default: the stream's retention]
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(i32).range(60..=604_800))]
    pub(super) max_age: Option<i32>,
    /// Destination for failed batches: name or ARN of a queue, or ARN of a topic or a bucket
    #[arg(long, value_name = "NAME|ARN")]
    pub(super) on_failure: Option<String>,
    /// Event filter pattern in JSON; may be repeated, a record must match one of them
    #[arg(long = "filter", value_name = "JSON", value_parser = json)]
    pub(super) filters: Vec<String>,
}

#[derive(Args)]
pub(super) struct Sqs {
    /// The queue: its name, URL or ARN
    #[arg(long, value_name = "NAME|URL|ARN")]
    pub(super) queue: String,
    /// Maximum number of messages in a batch; more than 10 require --batch-window
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(i32).range(1..=10_000))]
    pub(super) batch_size: i32,
    /// Seconds to wait for a fuller batch; not for FIFO queues
    #[arg(long, value_name = "SECS", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=300))]
    pub(super) batch_window: i32,
    /// Maximum number of concurrent invocations [default: the function's concurrency]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(2..=1000))]
    pub(super) max_concurrency: Option<i32>,
    /// Event filter pattern in JSON; may be repeated, a message must match one of them
    #[arg(long = "filter", value_name = "JSON", value_parser = json)]
    pub(super) filters: Vec<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct Events {
    #[command(flatten)]
    pub(super) when: RuleArgs,
    /// Maximum number of retries of an event
    #[arg(long, value_name = "N", default_value_t = 185, value_parser = clap::value_parser!(i32).range(0..=185))]
    pub(super) max_retries: i32,
    /// Maximum age of an event in seconds
    #[arg(long, value_name = "SECS", default_value_t = 86_400, value_parser = clap::value_parser!(i32).range(60..=86_400))]
    pub(super) max_age: i32,
    /// Dead-letter queue: its name, URL or ARN
    #[arg(long, value_name = "NAME|URL|ARN")]
    pub(super) dead_letter_queue: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Options that choose a rule.
#[derive(Args)]
pub(super) struct RuleArgs {
    /// File with an event pattern in JSON
    #[arg(long, value_name = "FILE", conflicts_with = "schedule")]
    pub(super) pattern: Option<PathBuf>,
    /// `rate(…)` or `cron(…)`; on the default bus only
    #[arg(long, value_name = "EXPR", conflicts_with = "bus")]
    pub(super) schedule: Option<String>,
    /// Event bus: its name or ARN [default: the default bus]
    #[arg(long, value_name = "NAME|ARN")]
    pub(super) bus: Option<String>,
    /// The rule's name [default: derived from the function and the pattern or schedule]
    #[arg(long, value_name = "NAME")]
    pub(super) rule: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Auth {
    /// Require requests signed with IAM credentials
    Iam,
    /// Accept any request
    None,
}

#[derive(Args)]
pub(super) struct Http {
    #[command(flatten)]
    pub(super) kind: ApiArgs,
    /// Authorization of callers
    #[arg(long, value_enum, default_value_t = Auth::Iam)]
    pub(super) auth: Auth,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct ApiArgs {
    /// A REST API: payload format 1.0
    #[arg(long, conflicts_with = "http")]
    pub(super) rest: bool,
    /// An HTTP API: payload format 2.0 (the default)
    #[arg(long)]
    pub(super) http: bool,
    /// Stage of a REST API
    #[arg(long, value_name = "NAME", default_value = "v1", requires = "rest")]
    pub(super) stage: String,
}

#[derive(Args)]
pub(super) struct Url {
    /// Authorization of callers
    #[arg(long, value_enum, default_value_t = Auth::Iam)]
    pub(super) auth: Auth,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct List {
    /// Name or ARN of the function, optionally with `:ALIAS` for that alias's triggers
    #[arg(long, value_name = "NAME|ARN")]
    pub(super) function: String,
    /// Output format
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(super) format: OutputFormat,
    #[command(flatten)]
    pub(super) place: AwsArgs,
}

#[derive(Args)]
pub(super) struct UnwireS3 {
    /// The bucket
    #[arg(long)]
    pub(super) bucket: String,
    /// The account that must own the bucket [default: the function's]
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub(super) bucket_owner: Option<String>,
    /// Only the notification with this prefix
    #[arg(long)]
    pub(super) prefix: Option<String>,
    /// Only the notification with this suffix
    #[arg(long)]
    pub(super) suffix: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct UnwireDynamodb {
    /// The table
    #[arg(long)]
    pub(super) table: String,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct UnwireKinesis {
    /// The stream: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(super) stream: String,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct UnwireSqs {
    /// The queue: its name, URL or ARN
    #[arg(long, value_name = "NAME|URL|ARN")]
    pub(super) queue: String,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct UnwireEvents {
    #[command(flatten)]
    pub(super) when: RuleArgs,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct UnwireHttp {
    #[command(flatten)]
    pub(super) kind: ApiArgs,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct UnwireUrl {
    #[command(flatten)]
    pub(super) common: Common,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        wire: Wire,
    }

    #[test]
    fn events_have_the_names_of_their_source() {
        for name in ["events", "cloudwatch_events", "eventbridge"] {
            let args = ["wire", name, "--function", "orders", "--schedule", "rate(1 day)"];
            let cli = Cli::try_parse_from(args).unwrap();
            assert!(matches!(cli.wire.trigger, WireTrigger::Events(_)), "{name}");
        }
    }
}
