//! The verbs that call AWS, in a build without them: they say how to get them.

use clap::Args;

use super::ended::Ended;
use crate::Error;

/// Whatever stands behind the verb.
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
        "this build calls no AWS service, so it has no `{verb}`; with it: cargo install --path cargo-switchboard --features aws, \
         or in this repository: cargo run --package cargo-switchboard --features aws -- switchboard {verb} --help"
    )))
}
