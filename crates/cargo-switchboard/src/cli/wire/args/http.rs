//! Arguments of the triggers that send HTTP requests.

use clap::{Args, ValueEnum};

use super::command::Common;

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(in crate::cli::wire) enum Auth {
    /// Require requests signed with IAM credentials
    Iam,
    /// Accept any request
    None,
}

#[derive(Args)]
pub(in crate::cli::wire) struct Http {
    #[command(flatten)]
    pub(in crate::cli::wire) kind: ApiArgs,
    /// Authorization of callers
    #[arg(long, value_enum, default_value_t = Auth::Iam)]
    pub(in crate::cli::wire) auth: Auth,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct ApiArgs {
    /// A REST API: payload format 1.0
    #[arg(long, conflicts_with = "http")]
    pub(in crate::cli::wire) rest: bool,
    /// An HTTP API: payload format 2.0 (the default)
    #[arg(long)]
    pub(in crate::cli::wire) http: bool,
    /// Stage of a REST API
    #[arg(long, value_name = "NAME", default_value = "v1", requires = "rest")]
    pub(in crate::cli::wire) stage: String,
}

#[derive(Args)]
pub(in crate::cli::wire) struct Url {
    /// Authorization of callers
    #[arg(long, value_enum, default_value_t = Auth::Iam)]
    pub(in crate::cli::wire) auth: Auth,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct Alb {
    /// Listener that gets a rule for the function: its ARN [default: no rule, the target group only]
    #[arg(long, value_name = "ARN")]
    pub(in crate::cli::wire) listener: Option<String>,
    /// Path pattern such as '/orders/*'; may be repeated, a request must match one of them [default: every path]
    #[arg(long, value_name = "PATTERN", requires = "listener")]
    pub(in crate::cli::wire) path: Vec<String>,
    /// Host pattern such as shop.example.com; may be repeated, a request must match one of them [default: every host]
    #[arg(long, value_name = "PATTERN", requires = "listener")]
    pub(in crate::cli::wire) host: Vec<String>,
    /// Priority of the rule [default: after the listener's other rules]
    #[arg(long, value_name = "N", requires = "listener", value_parser = clap::value_parser!(i32).range(1..=50_000))]
    pub(in crate::cli::wire) priority: Option<i32>,
    /// Send only the last of repeated headers and query parameters
    #[arg(long)]
    pub(in crate::cli::wire) no_multi_value_headers: bool,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireHttp {
    #[command(flatten)]
    pub(in crate::cli::wire) kind: ApiArgs,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireUrl {
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}

#[derive(Args)]
pub(in crate::cli::wire) struct UnwireAlb {
    /// Only the rule of this listener: its ARN; the target group goes with the last rule
    #[arg(long, value_name = "ARN")]
    pub(in crate::cli::wire) listener: Option<String>,
    #[command(flatten)]
    pub(in crate::cli::wire) common: Common,
}
