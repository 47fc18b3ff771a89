//! The arguments of `wire` and `unwire`.

use clap::{Args, Subcommand};

use super::super::super::aws_args::AwsArgs;
use super::super::super::output::OutputFormat;
use super::super::help::{
    ALB_EXAMPLES, EVENTS_EXAMPLES, HTTP_EXAMPLES, KAFKA_EXAMPLES, LOGS_EXAMPLES, S3_EXAMPLES, SNS_EXAMPLES,
    SQS_EXAMPLES, STREAM_EXAMPLES, URL_EXAMPLES,
};
use super::http::{Alb, Http, UnwireAlb, UnwireHttp, UnwireUrl, Url};
use super::polled::{Dynamodb, Kafka, Kinesis, Sqs, UnwireDynamodb, UnwireKafka, UnwireKinesis, UnwireSqs};
use super::pushed::{Events, S3, Sns, UnwireEvents, UnwireLogs, UnwireS3, UnwireSns, WireLogs};
use switchboard::source::Source;

/// Other names of a trigger: those of its source, but for the one it has.
fn names(source: Source, own: &'static str) -> impl Iterator<Item = &'static str> {
    let names = std::iter::once(source.as_str()).chain(source.alias());
    names.filter(move |name| *name != own)
}

#[derive(Args)]
pub(in crate::cli) struct Wire {
    #[command(subcommand)]
    pub(in crate::cli::wire) trigger: WireTrigger,
}

#[derive(Subcommand)]
pub(in crate::cli::wire) enum WireTrigger {
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
    /// A Kafka topic's records, of MSK or of another cluster: an event source mapping
    #[command(after_help = KAFKA_EXAMPLES)]
    Kafka(Box<Kafka>),
    /// An SNS topic's messages: a subscription and a permission
    #[command(after_help = SNS_EXAMPLES)]
    Sns(Sns),
    /// A log group's events: a subscription filter and a permission
    #[command(after_help = LOGS_EXAMPLES, aliases = names(Source::CloudwatchLogs, "logs"))]
    Logs(WireLogs),
    /// EventBridge events or a schedule: a rule, its target and a permission
    #[command(after_help = EVENTS_EXAMPLES, aliases = names(Source::CloudwatchEvents, "events"))]
    Events(Events),
    /// HTTP requests: an API Gateway API, its integration, a permission and a stage
    #[command(after_help = HTTP_EXAMPLES)]
    Http(Http),
    /// HTTP requests to an Application Load Balancer: a target group, a permission and a rule of a listener
    #[command(after_help = ALB_EXAMPLES)]
    Alb(Alb),
    /// HTTP requests: a function URL
    #[command(after_help = URL_EXAMPLES)]
    Url(Url),
    /// List all triggers of a function, including those that others created
    List(List),
}

#[derive(Args)]
pub(in crate::cli) struct Unwire {
    #[command(subcommand)]
    pub(in crate::cli::wire) trigger: UnwireTrigger,
}

#[derive(Subcommand)]
pub(in crate::cli::wire) enum UnwireTrigger {
    /// A bucket's notifications to the function: all that `wire` created, or those with this prefix and suffix
    S3(UnwireS3),
    /// A table's event source mapping; its stream stays enabled
    Dynamodb(UnwireDynamodb),
    /// A Kinesis stream's event source mapping
    Kinesis(UnwireKinesis),
    /// A queue's event source mapping
    Sqs(UnwireSqs),
    /// A Kafka topic's event source mapping
    Kafka(UnwireKafka),
    /// An SNS topic's subscription
    Sns(UnwireSns),
    /// A log group's subscription filter
    #[command(aliases = names(Source::CloudwatchLogs, "logs"))]
    Logs(UnwireLogs),
    /// Rules that invoke the function: all that `wire` created on the bus, or this one
    #[command(aliases = names(Source::CloudwatchEvents, "events"))]
    Events(UnwireEvents),
    /// The API in front of the function
    Http(UnwireHttp),
    /// The function's target group and its rules, or the rule of one listener
    Alb(UnwireAlb),
    /// The function's URL
    Url(UnwireUrl),
}

/// Options of every command.
#[derive(Args)]
pub(in crate::cli::wire) struct Common {
    /// Name or ARN of the function, optionally with `:ALIAS` to give the alias the trigger
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) function: String,
    /// Show the plan without applying it
    #[arg(long, conflicts_with = "yes")]
    pub(in crate::cli::wire) dry_run: bool,
    /// Apply the plan without asking
    #[arg(long, short)]
    pub(in crate::cli::wire) yes: bool,
    #[command(flatten)]
    pub(in crate::cli::wire) place: AwsArgs,
}

#[derive(Args)]
pub(in crate::cli::wire) struct List {
    /// Name or ARN of the function, optionally with `:ALIAS` for that alias's triggers
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) function: String,
    /// Output format
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(in crate::cli::wire) format: OutputFormat,
    #[command(flatten)]
    pub(in crate::cli::wire) place: AwsArgs,
}

impl WireTrigger {
    /// The options that every trigger has; `None` for a list.
    pub(in crate::cli::wire) fn common(&self) -> Option<&Common> {
        match self {
            Self::S3(args) => Some(&args.common),
            Self::Dynamodb(args) => Some(&args.common),
            Self::Kinesis(args) => Some(&args.common),
            Self::Sqs(args) => Some(&args.common),
            Self::Kafka(args) => Some(&args.common),
            Self::Events(args) => Some(&args.common),
            Self::Sns(args) => Some(&args.common),
            Self::Logs(args) => Some(&args.common),
            Self::Http(args) => Some(&args.common),
            Self::Alb(args) => Some(&args.common),
            Self::Url(args) => Some(&args.common),
            Self::List(_) => None,
        }
    }
}

impl UnwireTrigger {
    /// The options that every trigger has.
    pub(in crate::cli::wire) fn common(&self) -> &Common {
        match self {
            Self::S3(args) => &args.common,
            Self::Dynamodb(args) => &args.common,
            Self::Kinesis(args) => &args.common,
            Self::Sqs(args) => &args.common,
            Self::Kafka(args) => &args.common,
            Self::Events(args) => &args.common,
            Self::Sns(args) => &args.common,
            Self::Logs(args) => &args.common,
            Self::Http(args) => &args.common,
            Self::Alb(args) => &args.common,
            Self::Url(args) => &args.common,
        }
    }
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
