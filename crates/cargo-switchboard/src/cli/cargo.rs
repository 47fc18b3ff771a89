//! The command line's entry: `cargo switchboard` and its verbs.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};

use super::doctor::{DOCTOR_EXAMPLES, Doctor};
use super::explain::{EXPLAIN_EXAMPLES, Explain};
use super::invoke::{INVOKE_EXAMPLES, Invoke};
use super::run::{RUN_EXAMPLES, Run};
use super::simulate::{SIMULATE_EXAMPLES, Simulate};
#[cfg(feature = "aws")]
use super::wire::{UNWIRE_EXAMPLES, Unwire, WIRE_EXAMPLES, Wire};
#[cfg(not(feature = "aws"))]
use super::without_aws::Anything;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  cargo switchboard run                                  build, start, serve on http://127.0.0.1:9000
  cargo switchboard run --events events --exit           deliver every sample, exit 1 if one failed
  cargo switchboard invoke events/s3/put.json            one event, its reply on the standard output
  cargo switchboard explain events/s3/put.json           which source, and what gives it away
  cargo switchboard simulate --source kinesis --seed 7   failures, crashes, duplicates: is anything lost?
  cargo switchboard wire s3 --function thumbnails --bucket photos
  cargo switchboard doctor                               what of template.yaml loses events?

Exit codes: 0 success, 1 a function or a sample failed, 2 the command could not do its work.";

/// What cargo calls: its first word is the subcommand's own name.
#[derive(Parser)]
#[command(name = "cargo", bin_name = "cargo", styles = STYLES)]
pub(super) enum Cargo {
    /// Run, invoke, explain and simulate AWS Lambda functions on this machine, and wire deployed ones
    #[command(version, after_help = EXAMPLES)]
    Switchboard(Switchboard),
}

#[derive(Args)]
pub(super) struct Switchboard {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Build a function, start it and serve it over HTTP until Ctrl-C
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Invoke a function with events from files
    #[command(after_help = INVOKE_EXAMPLES)]
    Invoke(Invoke),
    /// Tell which event source composed a payload, and why
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// Play an event source against a function: what is lost, repeated, out of order?
    #[command(after_help = SIMULATE_EXAMPLES)]
    Simulate(Box<Simulate>),
    /// Put a trigger on a deployed function, or list its triggers
    #[cfg(feature = "aws")]
    #[command(after_help = WIRE_EXAMPLES)]
    Wire(Box<Wire>),
    /// Take off what `wire` put on
    #[cfg(feature = "aws")]
    #[command(after_help = UNWIRE_EXAMPLES)]
    Unwire(Box<Unwire>),
    /// Put a trigger on a deployed function, or list its triggers (feature `aws`; this build is without)
    #[cfg(not(feature = "aws"))]
    Wire(Anything),
    /// Take off what `wire` put on (feature `aws`; this build is without)
    #[cfg(not(feature = "aws"))]
    Unwire(Anything),
    /// Find what loses events in a deployment
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(Box<Doctor>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use std::time::Duration;

    #[test]
    fn the_arguments_are_consistent() {
        Cargo::command().debug_assert();
    }

    #[test]
    fn the_first_word_is_the_subcommands_name() {
        let words = [
            "cargo",
            "switchboard",
            "run",
            "--timeout",
            "2.5",
            "--max-concurrency",
            "64",
            "--env",
            "A=b=c",
            "--",
            "--release",
        ];
        let Ok(Cargo::Switchboard(Switchboard {
            command: Command::Run(run),
        })) = Cargo::try_parse_from(words)
        else {
            panic!("the words do not parse");
        };
        assert_eq!(run.function.timeout, Some(Duration::from_millis(2500)));
        assert_eq!(run.function.max_concurrency, Some(64));
        assert_eq!(run.function.env, [("A".into(), "b=c".into())]);
        assert_eq!(run.function.cargo_args, ["--release"]);
        assert!(Cargo::try_parse_from(["cargo", "switchboard", "run", "--exit"]).is_err());
    }
}
