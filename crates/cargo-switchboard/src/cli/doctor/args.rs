//! The arguments of `doctor`.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;

use crate::doctor::{ReportFormat, Rule};

pub(in crate::cli) const DOCTOR_EXAMPLES: &str = "\
Examples:
  cargo switchboard doctor                                  template.yaml here, and the function of this package
  cargo switchboard doctor --template infra/stack.json --no-routes
  cargo switchboard doctor --template cdk.out               every stack that `cdk synth` wrote
  cargo switchboard doctor --template template.yaml --binary Orders=target/lambda/orders/bootstrap
  cargo switchboard doctor --function orders:live --profile production
  cargo switchboard doctor --format sarif > doctor.sarif    for code scanning
  cargo switchboard doctor --baseline doctor.json           without the findings that are accepted there
  cargo switchboard doctor --fix                            mend the template where that needs no decision

Each finding has a code, a location, a reason and a fix:
  template.yaml:41:9: error SB0101: OrdersStream has no FunctionResponseTypes: [ReportBatchItemFailures]
    why   The function answers with batchItemFailures, but Lambda treats every answer as success: …
    fix   Give the mapping FunctionResponseTypes: [ReportBatchItemFailures].
docs/doctor.md lists all codes, and --explain SB0101 prints the page of one.

Some rules compare the template with the routes that the code registers. A function whose template names its binary
(Metadata: BuildProperties: Binary) is built and run with SWITCHBOARD_DESCRIBE=1, and so is the package here if the template
has one function. For others pass --binary or --routes. Without routes these rules are skipped, which the report says.

Exit codes: 0 no errors (there may be warnings), 1 errors, or changes that --fix only showed, 2 the command itself failed.";

#[derive(Args)]
pub(in crate::cli) struct Doctor {
    /// SAM or CloudFormation template in YAML or JSON, or CDK's output directory [default: template.yaml, template.yml or template.json here]
    #[arg(long, value_name = "FILE|DIR")]
    pub(in crate::cli) template: Option<PathBuf>,
    /// Check this deployed function or alias instead of a template (requires the feature aws)
    #[arg(long, value_name = "NAME[:ALIAS]", conflicts_with_all = ["template", "parameters"])]
    pub(in crate::cli) function: Option<String>,
    /// Value of a template parameter; may be repeated [default: the parameter's default]
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    parameters: Vec<(String, String)>,
    /// Check the functions that CDK and the Serverless Framework add for themselves, too
    #[arg(long)]
    pub(in crate::cli) all_functions: bool,
    /// Ask this executable for its routes, as the code of the function NAME; may be repeated
    #[arg(long = "binary", value_name = "[NAME=]PATH", value_parser = named)]
    pub(in crate::cli) binaries: Vec<FunctionPath>,
    /// The code's routes, as it prints them with SWITCHBOARD_DESCRIBE=1; - is stdin
    #[arg(long, value_name = "[NAME=]FILE", value_parser = named)]
    pub(in crate::cli) routes: Vec<FunctionPath>,
    /// Do not build or run code; skip the rules about routes
    #[arg(long, conflicts_with_all = ["binaries", "routes", "bin", "cargo_args"])]
    pub(in crate::cli) no_routes: bool,
    /// Binary of the package to build and ask for its routes [default: default-run, or the only one]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) bin: Option<String>,
    /// JSON file with the findings that are accepted, each with a reason and a date
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Change the template where that needs no decision: shows the changes first, and asks
    #[arg(long, conflicts_with = "function")]
    pub(in crate::cli) fix: bool,
    /// With --fix: change the template without asking
    #[arg(long, requires = "fix")]
    pub(in crate::cli) yes: bool,
    /// With --fix: only show the changes
    #[arg(long, requires = "fix", conflicts_with = "yes")]
    pub(in crate::cli) dry_run: bool,
    /// Print what a code means, why it matters and how to fix it, and check nothing
    #[arg(long, value_name = "CODE", value_parser = rule, exclusive = true)]
    pub(in crate::cli) explain: Option<&'static Rule>,
    /// Output format
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(in crate::cli) format: ReportFormat,
    /// Arguments for cargo build
    #[arg(last = true, value_name = "CARGO_ARGS")]
    pub(in crate::cli) cargo_args: Vec<String>,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    pub(in crate::cli) place: super::super::aws_args::AwsArgs,
}

/// A path, and the function it applies to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::cli) struct FunctionPath {
    pub(in crate::cli) function: Option<String>,
    pub(in crate::cli) path: PathBuf,
}

impl Doctor {
    pub(in crate::cli) fn parameters(&self) -> HashMap<String, String> {
        self.parameters.iter().cloned().collect()
    }
}

fn rule(text: &str) -> Result<&'static Rule, String> {
    Rule::of(text).ok_or_else(|| "no such code; docs/doctor.md lists all".to_owned())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or_else(|| "expected NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The part before `=` is a function's name if it looks like one, because paths may contain `=` too.
fn named(text: &str) -> Result<FunctionPath, String> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let (function, path) = match text.split_once('=') {
        Some((name, path)) if is_name(name) => (Some(name.to_owned()), path),
        _ => (None, text),
    };
    match path {
        "" => Err("expected a path".to_owned()),
        path => Ok(FunctionPath {
            function,
            path: PathBuf::from(path),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_be_for_one_function() {
        let of = |text: &str| named(text).unwrap();
        let plain = FunctionPath {
            function: None,
            path: "target/a".into(),
        };
        assert_eq!(of("target/a"), plain);
        assert_eq!(
            of("./a=b"),
            FunctionPath {
                function: None,
                path: "./a=b".into()
            }
        );
        assert_eq!(
            of("Orders=a"),
            FunctionPath {
                function: Some("Orders".to_owned()),
                path: "a".into()
            }
        );
        assert!(named("Orders=").is_err());
        assert!(pair("=x").is_err());
    }
}
