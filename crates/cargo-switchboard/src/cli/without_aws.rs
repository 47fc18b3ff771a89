//! The commands that call AWS, in a build without the feature `aws`: they say how to install them.

use clap::Args;

use super::ended::Ended;
use crate::Error;

/// Any arguments after the command.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(super) struct Anything {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    words: Vec<String>,
}

/// # Errors
/// Always.
pub(super) fn refuse(verb: &str, _: &Anything) -> Result<Ended, Error> {
    Err(Error::other(format!(
        "`{verb}` requires the feature `aws`, which this build does not have: cargo install cargo-switchboard --features aws, \
         or in this repository: cargo run --package cargo-switchboard --features aws -- switchboard {verb} --help"
    )))
}
