//! Arguments of the triggers that Lambda polls: streams, queues and Kafka topics.

use clap::{Args, ValueEnum};

use super::super::parse::{access, json, position};
use super::command::Common;
use switchboard_aws::wire::{SourceAccess, Start};

#[derive(Args)]
pub(in crate::cli::wire) struct Dynamodb {
    /// The table
    #[arg(long)]
    pub(in crate::cli::wire) table: String,
    #[command(flatten)]
    pub(in crate::cli::wire) stream: Stream,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct Kinesis {
    /// The stream: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) stream: String,
    #[command(flatten)]
    pub(in crate::cli::wire) settings: Stream,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

/// Settings of mappings of streams.
#[derive(Args)]
pub(in crate::cli::wire) struct Stream {
    #[command(flatten)]
    pub(in crate::cli::wire) polling: Polling,
    /// Concurrent batches of a shard
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=10))]
    pub(in crate::cli::wire) parallelization_factor: i32,
}

/// Settings of mappings of streams and Kafka topics.
#[derive(Args)]
pub(in crate::cli::wire) struct Polling {
    /// Where a new mapping starts to read: trim-horizon, latest, or an RFC 3339 time, except for DynamoDB
    #[arg(long, value_name = "POSITION", value_parser = position, default_value = "trim-horizon")]
    pub(in crate::cli::wire) starting_position: Start,
    /// Maximum number of records in a batch
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=10_000))]
    pub(in crate::cli::wire) batch_size: i32,
    /// Seconds to wait for a fuller batch
    #[arg(long, value_name = "SECS", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=300))]
    pub(in crate::cli::wire) batch_window: i32,
    /// Retry failed batches whole instead of splitting them in two
    #[arg(long)]
    pub(in crate::cli::wire) no_bisect: bool,
    /// Maximum number of retries of a batch [default: unlimited]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..=10_000))]
    pub(in crate::cli::wire) max_retries: Option<i32>,
    /// Maximum age of a record in seconds [default: the stream's retention]
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(i32).range(60..=604_800))]
    pub(in crate::cli::wire) max_age: Option<i32>,
    /// Destination for failed batches: name or ARN of a queue, ARN of an SNS topic or a bucket, or for Kafka kafka://TOPIC
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) on_failure: Option<String>,
    /// Event filter pattern in JSON; may be repeated, a record must match one of them
    #[arg(long = "filter", value_name = "JSON", value_parser = json)]
    pub(in crate::cli::wire) filters: Vec<String>,
}

#[derive(Args)]
pub(in crate::cli::wire) struct Sqs {
    /// The queue: its name, URL or ARN
    #[arg(long, value_name = "NAME|URL|ARN")]
    pub(in crate::cli::wire) queue: String,
    /// Maximum number of messages in a batch; more than 10 require --batch-window
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(i32).range(1..=10_000))]
    pub(in crate::cli::wire) batch_size: i32,
    /// Seconds to wait for a fuller batch; not for FIFO queues
    #[arg(long, value_name = "SECS", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=300))]
    pub(in crate::cli::wire) batch_window: i32,
    /// Maximum number of concurrent invocations [default: the function's concurrency]
    #[arg(long, value_name = "N", conflicts_with_all = ["min_pollers", "max_pollers"], value_parser = clap::value_parser!(i32).range(2..=1000))]
    pub(in crate::cli::wire) max_concurrency: Option<i32>,
    /// Provisioned mode: smallest number of event pollers, which run and cost all the time [default with --max-pollers: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(2..=200))]
    pub(in crate::cli::wire) min_pollers: Option<i32>,
    /// Provisioned mode: largest number of event pollers [default with --min-pollers: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(2..=10_000))]
    pub(in crate::cli::wire) max_pollers: Option<i32>,
    /// Event filter pattern in JSON; may be repeated, a message must match one of them
    #[arg(long = "filter", value_name = "JSON", value_parser = json)]
    pub(in crate::cli::wire) filters: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct Kafka {
    #[command(flatten)]
    pub(in crate::cli::wire) topic: KafkaTopic,
    /// Consumer group; it cannot be changed later [default: one that Lambda chooses]
    #[arg(long, value_name = "ID")]
    pub(in crate::cli::wire) consumer_group: Option<String>,
    /// Authentication with the cluster, such as SASL_SCRAM_512_AUTH=SECRET_ARN; may be repeated
    #[arg(long, value_name = "TYPE=SECRET", value_parser = access)]
    pub(in crate::cli::wire) access: Vec<SourceAccess>,
    /// Subnets in which Lambda reaches the bootstrap servers, separated by commas
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        conflicts_with = "cluster",
        requires = "security_group"
    )]
    pub(in crate::cli::wire) subnet: Vec<String>,
    /// Security groups of the connections to the bootstrap servers, separated by commas
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        conflicts_with = "cluster",
        requires = "subnet"
    )]
    pub(in crate::cli::wire) security_group: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli::wire) polling: Polling,
    /// Provisioned mode: smallest number of event pollers, which run and cost all the time [default with --max-pollers: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=200))]
    pub(in crate::cli::wire) min_pollers: Option<i32>,
    /// Provisioned mode: largest number of event pollers [default with --min-pollers: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=2000))]
    pub(in crate::cli::wire) max_pollers: Option<i32>,
    /// Provisioned mode: share the pollers with the mappings of this group
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli::wire) poller_group: Option<String>,
    #[command(flatten)]
    pub(in crate::cli::wire) registry: RegistryArgs,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

/// A topic and its cluster.
#[derive(Args)]
pub(in crate::cli::wire) struct KafkaTopic {
    /// MSK cluster: its ARN, or the ARN of a VPC connection to it
    #[arg(long, value_name = "ARN", required_unless_present = "bootstrap_servers")]
    pub(in crate::cli::wire) cluster: Option<String>,
    /// Cluster outside MSK: its bootstrap servers, separated by commas
    #[arg(
        long,
        value_name = "HOST:PORT",
        value_delimiter = ',',
        conflicts_with = "cluster"
    )]
    pub(in crate::cli::wire) bootstrap_servers: Vec<String>,
    /// The topic
    #[arg(long)]
    pub(in crate::cli::wire) topic: String,
}

/// A schema registry, which requires provisioned mode.
#[derive(Args)]
pub(in crate::cli::wire) struct RegistryArgs {
    /// Registry by whose schemas Lambda validates records: ARN of a Glue registry, or URL of a Confluent one
    #[arg(long, value_name = "ARN|URL")]
    pub(in crate::cli::wire) schema_registry: Option<String>,
    /// Form in which the function gets validated records
    #[arg(long, value_enum, default_value_t = RecordFormat::Json, requires = "schema_registry")]
    pub(in crate::cli::wire) schema_format: RecordFormat,
    /// Parts of records that are validated, separated by commas
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "value",
        requires = "schema_registry"
    )]
    pub(in crate::cli::wire) schema_validate: Vec<RecordPart>,
    /// Authentication with a Confluent registry, such as BASIC_AUTH=SECRET_ARN; may be repeated
    #[arg(long, value_name = "TYPE=SECRET", value_parser = access, requires = "schema_registry")]
    pub(in crate::cli::wire) schema_access: Vec<SourceAccess>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(in crate::cli::wire) enum RecordFormat {
    /// JSON, whatever the schema's format
    Json,
    /// The record's own format, without the schema's id
    Source,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(in crate::cli::wire) enum RecordPart {
    Key,
    Value,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireDynamodb {
    /// The table
    #[arg(long)]
    pub(in crate::cli::wire) table: String,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireKinesis {
    /// The stream: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(in crate::cli::wire) stream: String,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireSqs {
    /// The queue: its name, URL or ARN
    #[arg(long, value_name = "NAME|URL|ARN")]
    pub(in crate::cli::wire) queue: String,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireKafka {
    #[command(flatten)]
    pub(in crate::cli::wire) topic: KafkaTopic,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}
