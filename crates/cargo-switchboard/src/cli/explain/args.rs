//! The arguments of `explain`.

use std::path::PathBuf;

use clap::Args;

use super::super::output::OutputFormat;

pub(in crate::cli) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  cargo switchboard explain event.json
  cargo switchboard explain events --format json         every *.json below events, one object per line
  pbpaste | cargo switchboard explain -

Prints a line for each file, even if others fail.
Exit codes: 0 all files are JSON, 1 a file is not, 2 a file cannot be read.";

#[derive(Args)]
pub(in crate::cli) struct Explain {
    /// Files with one payload each; - is stdin, a directory means every *.json below it
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(in crate::cli) format: OutputFormat,
}
