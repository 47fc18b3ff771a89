//! The arguments of `new`.

use std::path::PathBuf;

use clap::Args;

use super::super::source_name;
use crate::scaffold::{SourceTemplate, find, sources};

pub(in crate::cli) const NEW_EXAMPLES: &str = "\
Examples:
  cargo switchboard new orders                           one handler, for SQS messages
  cargo switchboard new orders --sources http,sqs,s3     a module for each source
  cargo switchboard new services/orders                  a package in another directory

The package has a handler for each source and tests that pass, a sample event of each source, a SAM template in which `cargo
switchboard doctor` finds nothing, and the release profile that a Lambda binary needs.

Sources: api_gateway_http (http), api_gateway_rest (rest), function_url, s3, sqs, sns, dynamodb, kinesis,
cloudwatch_events (eventbridge), cloudwatch_logs (logs), kinesis_firehose (firehose), kafka, ses.
They have the names that `cargo switchboard explain` prints.";

/// The longest name: Lambda's limit for functions.
const LONGEST: usize = 64;
/// Names that cargo refuses, or that would hide a crate of the same name.
const RESERVED: [&str; 12] = [
    "alloc",
    "aws_lambda_events",
    "axum",
    "core",
    "lambda_sandbox",
    "proc_macro",
    "std",
    "switchboard",
    "test",
    "tokio",
    "tracing",
    "serde",
];

#[derive(Args)]
pub(in crate::cli) struct New {
    /// The new directory. Its last part names the package and the function
    #[arg(value_name = "NAME", value_parser = directory)]
    pub(in crate::cli) directory: PathBuf,
    /// The event sources, separated by commas
    #[arg(long, value_name = "SOURCE,…", value_delimiter = ',', default_value = "sqs", value_parser = source)]
    pub(in crate::cli) sources: Vec<&'static SourceTemplate>,
    /// Depend on the clone of Switchboard in DIR instead of the published crates
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) path: Option<PathBuf>,
}

fn source(name: &str) -> Result<&'static SourceTemplate, String> {
    let source = source_name::source(name, sources())?;
    find(source).ok_or_else(|| format!("`new` has no handler for {source}"))
}

fn directory(path: &str) -> Result<PathBuf, String> {
    let directory = PathBuf::from(path);
    let name = directory.file_name().and_then(|name| name.to_str());
    let name = name.ok_or("it has no name")?;
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if !name.starts_with(|letter: char| letter.is_ascii_alphabetic()) || !name.chars().all(letters) {
        return Err("a package's name has letters, digits, - and _, and begins with a letter".to_owned());
    }
    if name.len() > LONGEST {
        return Err(format!("a function's name has at most {LONGEST} characters"));
    }
    match RESERVED.contains(&name.replace('-', "_").as_str()) {
        true => Err("this is the name of a crate that the function needs; choose another".to_owned()),
        false => Ok(directory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_of_a_package_and_of_a_function() {
        for name in ["orders", "my-orders_2", "services/orders"] {
            assert_eq!(directory(name).unwrap(), PathBuf::from(name));
        }
        for name in [
            "",
            "..",
            "2nd",
            "a b",
            "tokio",
            "lambda-sandbox",
            "Bücher",
            &"f".repeat(65),
        ] {
            assert!(directory(name).is_err(), "{name}");
        }
    }

    #[test]
    fn the_help_names_every_source() {
        for source in sources() {
            assert!(NEW_EXAMPLES.contains(source.as_str()), "{source}");
        }
    }
}
