//! The arguments of `invoke`.

use std::path::PathBuf;

use clap::Args;

use super::super::function_args::FunctionArgs;

pub(in crate::cli) const INVOKE_EXAMPLES: &str = "\
Examples:
  cargo switchboard invoke events/s3/put.json
  cargo switchboard invoke events/kinesis/*.json --timeout 5
  echo '{}' | cargo switchboard invoke - | jq .
  cargo switchboard invoke --raw event.json 2>lines.log  what the function wrote, byte by byte
  cargo switchboard invoke --endpoint http://127.0.0.1:9001 event.json

Where the events go:
  with --endpoint, to the function served there;
  with an option about building or running, to a function built and started for this command;
  with neither, to `cargo switchboard run` on http://127.0.0.1:9000 if one answers there, else as before.
The first line on the standard error says which.

The reply alone goes to the standard output. On the standard error, what the function writes is made readable: see
`cargo switchboard run --help`. Of a function served elsewhere it is the last 4 KB.";

/// The options that only make sense for a function started here.
const LOCAL: [&str; 8] = [
    "bin",
    "binary",
    "store",
    "timeout",
    "memory",
    "max_concurrency",
    "env",
    "cargo_args",
];

#[derive(Args)]
pub(in crate::cli) struct Invoke {
    /// Files with an event each; - is the standard input, a directory means every *.json below it
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Invoke the function served at this address
    #[arg(long, value_name = "URL", conflicts_with_all = LOCAL)]
    pub(in crate::cli) endpoint: Option<String>,
    /// Leave the standard error to what the function writes, as it is; no summaries
    #[arg(long)]
    pub(in crate::cli) raw: bool,
    #[command(flatten)]
    pub(in crate::cli) function: FunctionArgs,
}
