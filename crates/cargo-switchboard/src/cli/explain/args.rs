//! The arguments of `explain`.

use std::path::PathBuf;

use clap::Args;

use super::super::output::OutputFormat;

pub(in crate::cli) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  cargo switchboard explain event.json
  cargo switchboard explain events --format json         every *.json below events, one object a line
  pbpaste | cargo switchboard explain -

Each file has a line, whatever becomes of the others.
Exit codes: 0 all are JSON, 1 one is not, 2 one cannot be read.";

#[derive(Args)]
pub(in crate::cli) struct Explain {
    /// Files with a payload each; - is the standard input, a directory means every *.json below it
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(in crate::cli) format: OutputFormat,
}
