//! Arguments of the triggers that push events: buckets, rules, topics and log groups.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::parse::{account, json, s3_event};
use super::command::Common;

#[derive(Args)]
pub(in crate::cli::wire) struct S3 {
    /// The bucket, in the function's region
    #[arg(long)]
    pub(in crate::cli::wire) bucket: String,
    /// The account that must own the bucket [default: the function's]
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub(in crate::cli::wire) bucket_owner: Option<String>,
    /// Events, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = s3_event, default_value = "ObjectCreated:*,ObjectRemoved:*")]
    pub(in crate::cli::wire) events: Vec<String>,
    /// Prefix of the keys
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(in crate::cli::wire) prefix: String,
    /// Suffix of the keys
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(in crate::cli::wire) suffix: String,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct Events {
    #[command(flatten)]
    pub(in crate::cli::wire) when: RuleArgs,
    /// Maximum number of retries of an event
    #[arg(long, value_name = "N", default_value_t = 185, value_parser = clap::value_parser!(i32).range(0..=185))]
    pub(in crate::cli::wire) max_retries: i32,
    /// Maximum age of an event in seconds
    #[arg(long, value_name = "SECS", default_value_t = 86_400, value_parser = clap::value_parser!(i32).range(60..=86_400))]
    pub(in crate::cli::wire) max_age: i32,
    /// Dead-letter queue: its name, URL or ARN
    #[arg(long, value_name = "NAME|URL|ARN")]
    pub(in crate::cli::wire) dead_letter_queue: Option<String>,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

/// Options that choose a rule.
#[derive(Args)]
pub(in crate::cli::wire) struct RuleArgs {
    /// File with an event pattern in JSON
    #[arg(long, value_name = "FILE", conflicts_with = "schedule")]
    pub(in crate::cli::wire) pattern: Option<PathBuf>,
    /// `rate(…)` or `cron(…)`; on the default bus only
    #[arg(long, value_name = "EXPR", conflicts_with = "bus")]
    pub(in crate::cli::wire) schedule: Option<String>,
    /// Event bus: its name or ARN [default: the default bus]
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) bus: Option<String>,
    /// The rule's name [default: derived from the function and the pattern or schedule]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli::wire) rule: Option<String>,
}

#[derive(Args)]
pub(in crate::cli::wire) struct Sns {
    /// The topic: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) topic: String,
    /// Filter policy in JSON; only messages that match it are sent [default: every message]
    #[arg(long, value_name = "JSON", value_parser = json)]
    pub(in crate::cli::wire) filter_policy: Option<String>,
    /// What the filter policy is applied to
    #[arg(long, value_enum, default_value_t = FilterScope::MessageAttributes, requires = "filter_policy")]
    pub(in crate::cli::wire) filter_scope: FilterScope,
    /// Queue for messages that SNS cannot deliver: its name, URL or ARN
    #[arg(long, value_name = "NAME|URL|ARN")]
    pub(in crate::cli::wire) dead_letter_queue: Option<String>,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(in crate::cli::wire) enum FilterScope {
    MessageAttributes,
    MessageBody,
}

#[derive(Args)]
pub(in crate::cli::wire) struct WireLogs {
    /// The log group: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) log_group: String,
    /// Filter pattern; only events that match it are sent [default: every event]
    #[arg(long, value_name = "PATTERN", default_value = "", hide_default_value = true)]
    pub(in crate::cli::wire) filter_pattern: String,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireS3 {
    /// The bucket
    #[arg(long)]
    pub(in crate::cli::wire) bucket: String,
    /// The account that must own the bucket [default: the function's]
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub(in crate::cli::wire) bucket_owner: Option<String>,
    /// Only the notification with this prefix
    #[arg(long)]
    pub(in crate::cli::wire) prefix: Option<String>,
    /// Only the notification with this suffix
    #[arg(long)]
    pub(in crate::cli::wire) suffix: Option<String>,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireEvents {
    #[command(flatten)]
    pub(in crate::cli::wire) when: RuleArgs,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireSns {
    /// The topic: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) topic: String,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireLogs {
    /// The log group: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) log_group: String,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}
