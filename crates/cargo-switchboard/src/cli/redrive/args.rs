//! The arguments of `redrive`.

use clap::Args;

use super::super::aws_args::AwsArgs;
use super::super::function_args::FunctionArgs;
use super::super::output::OutputFormat;

pub(in crate::cli) const REDRIVE_EXAMPLES: &str = "\
Examples:
  cargo switchboard redrive --queue orders-dead --list                       what lies there: sources, errors, ages
  cargo switchboard redrive --queue orders-dead                              through the function of this package
  cargo switchboard redrive --queue failures --to orders:live --rate 5       through the deployed function, five a second
  cargo switchboard redrive --queue failures --where source=kinesis --dry-run

The queue may hold: messages of a queue whose dead-letter queue it is; records of an on-failure destination, of asynchronous invocations and
of event source mappings, also as notifications of SNS or events of EventBridge; events of a function's dead-letter queue. Records of a
stream are read again from the stream; those that have expired are said, and stay.

Only what succeeded is deleted. What failed is visible again when the command ends, so that another run goes on with it. The ids of records
are those of the first delivery, and so are idempotency keys.

Exit codes: 0 success, 1 something failed or has expired, 2 the command itself failed.";

#[derive(Args)]
pub(in crate::cli) struct Redrive {
    /// The queue in which the failures lie: its name, URL or ARN
    #[arg(long, value_name = "NAME|URL|ARN")]
    pub(super) queue: String,
    /// Show what lies there, by source and error, and take nothing
    #[arg(long, conflicts_with_all = ["to", "dry_run", "rate"])]
    pub(super) list: bool,
    /// Where they go: `local`, the function of this package, or a deployed function by its name or ARN, with an alias if wanted
    #[arg(long, value_name = "local|FUNCTION", default_value = "local")]
    pub(super) to: String,
    /// Only failures of which this holds: source=NAME, error=TYPE or condition=NAME; may be repeated, all must hold
    #[arg(long = "where", value_name = "KEY=VALUE", value_parser = condition)]
    pub(super) conditions: Vec<(String, String)>,
    /// How many failures a second, at most [default: one after the other]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) rate: Option<u32>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// How to print what happens
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = OutputFormat::Text)]
    pub(super) format: OutputFormat,
    #[command(flatten)]
    pub(super) place: AwsArgs,
    #[command(flatten)]
    pub(super) function: FunctionArgs,
}

fn condition(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key @ ("source" | "error" | "condition"), value)) => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected source=NAME, error=TYPE or condition=NAME".to_owned()),
    }
}
