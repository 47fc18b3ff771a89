//! The arguments of `invoke`.

use std::path::PathBuf;

use clap::Args;

use super::super::durable_args::DurableArgs;
use super::super::function_args::FunctionArgs;
use super::super::output::{OutputFormat, Show};

pub(in crate::cli) const INVOKE_EXAMPLES: &str = "\
Examples:
  cargo switchboard invoke events/s3/put.json
  cargo switchboard invoke events/kinesis/*.json --timeout 5
  echo '{}' | cargo switchboard invoke - | jq .
  cargo switchboard invoke --raw event.json 2>lines.log  the function's output, unchanged
  cargo switchboard invoke --format json events | jq -c 'select(.failed) | .file'
  cargo switchboard invoke --durable --time-scale 3600 event.json   a durable execution, from its start to its end
  cargo switchboard invoke --endpoint http://127.0.0.1:9001 event.json

Where the events go:
  with --endpoint, to the function served there;
  with an option for building or running, to a function built and started for this command;
  with neither, to `cargo switchboard run` on http://127.0.0.1:9000 if it is running, else as before.
The first line on stderr says which.

Only the reply goes to stdout. The function's output goes to stderr in readable form: see `cargo switchboard run --help`.
For a function that is served elsewhere it is the last 4 KB. With --format json stdout has an object for each event, on a line:
file, source, outcome, failed, duration_ms, init_ms, peak_memory_mb, memory_mb, environment, request_id, log (the lines that the
function wrote), and reply or error.";

/// The options that apply only to a function started here.
const LOCAL: [&str; 10] = [
    "durable",
    "bin",
    "binary",
    "store",
    "timeout",
    "memory",
    "max_concurrency",
    "extensions",
    "env",
    "cargo_args",
];

#[derive(Args)]
pub(in crate::cli) struct Invoke {
    /// Files with one event each; - is stdin, a directory means every *.json below it
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Invoke the function served at this address
    #[arg(long, value_name = "URL", conflicts_with_all = LOCAL)]
    pub(in crate::cli) endpoint: Option<String>,
    /// Invoke the function on behalf of this tenant, with tenant isolation
    #[arg(long, value_name = "ID", conflicts_with = "max_concurrency")]
    pub(in crate::cli) tenant_id: Option<String>,
    /// Write the function's output to stderr unchanged, without summaries
    #[arg(long)]
    raw: bool,
    /// How to print replies
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = OutputFormat::Text, conflicts_with = "raw")]
    format: OutputFormat,
    #[command(flatten)]
    pub(in crate::cli) durable: DurableArgs,
    #[command(flatten)]
    pub(in crate::cli) function: FunctionArgs,
}

impl Invoke {
    pub(in crate::cli) fn show(&self) -> Show {
        Show::of(self.raw, self.format)
    }
}
