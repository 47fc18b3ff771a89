//! The command line's entry: `cargo switchboard` and its verbs.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use super::doctor::{DOCTOR_EXAMPLES, Doctor};
use super::durable::{DURABLE_EXAMPLES, DurableCommand};
use super::event::{EVENT_EXAMPLES, EventArgs};
use super::explain::{EXPLAIN_EXAMPLES, Explain};
use super::invoke::{INVOKE_EXAMPLES, Invoke};
use super::new::{NEW_EXAMPLES, New};
#[cfg(feature = "aws")]
use super::poll::{POLL_EXAMPLES, Poll};
#[cfg(feature = "aws")]
use super::redrive::{REDRIVE_EXAMPLES, Redrive};
use super::run::{RUN_EXAMPLES, Run};
use super::shell::{COMPLETIONS_EXAMPLES, Completions, MAN_EXAMPLES, Man};
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

const ABOUT: &str =
    "Make, run, invoke, explain and simulate AWS Lambda functions on this machine, and wire deployed ones";

const EXAMPLES: &str = "\
Examples:
  cargo switchboard new orders --sources http,sqs        a new function, ready to run and to deploy
  cargo switchboard run                                  build, start, serve on http://127.0.0.1:9000
  cargo switchboard run --events events --exit           deliver every sample, exit 1 if one failed
  cargo switchboard invoke events/s3/put.json            one event, the reply goes to stdout
  cargo switchboard explain events/s3/put.json           the event source and the evidence
  cargo switchboard event sqs --body '{\"order\":1001}'  an event of any source, to standard output
  cargo switchboard simulate --source kinesis --seed 7   test with failures, crashes and duplicates
  cargo switchboard durable show                         the newest durable execution of `run --durable`
  cargo switchboard poll --queue orders                  a real queue's messages to the function on this machine
  cargo switchboard redrive --queue orders-dead --list   what lies in a queue of failures
  cargo switchboard wire s3 --function thumbnails --bucket photos
  cargo switchboard doctor                               find what loses events in template.yaml

Exit codes: 0 success, 1 a function or a sample failed, 2 the command itself failed.";

/// The command line as cargo passes it: the first word is the subcommand's name.
#[derive(Parser)]
#[command(name = "cargo", bin_name = "cargo", styles = STYLES)]
pub(super) enum Cargo {
    #[command(version, about = ABOUT, after_help = EXAMPLES)]
    Switchboard(Switchboard),
}

#[derive(Args)]
pub(super) struct Switchboard {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make the package of a new function, with tests, sample events and a SAM template
    #[command(after_help = NEW_EXAMPLES)]
    New(New),
    /// Build a function, start it and serve it over HTTP until Ctrl-C
    #[command(after_help = RUN_EXAMPLES)]
    Run(Box<Run>),
    /// Invoke a function with events from files
    #[command(after_help = INVOKE_EXAMPLES)]
    Invoke(Box<Invoke>),
    /// Identify the event source of a payload, with the evidence
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// Print an event of a source, complete as AWS sends it
    #[command(after_help = EVENT_EXAMPLES)]
    Event(Box<EventArgs>),
    /// Simulate an event source, and report lost, repeated and reordered records
    #[command(after_help = SIMULATE_EXAMPLES)]
    Simulate(Box<Simulate>),
    /// Look at durable executions of `run --durable`, complete their callbacks, skip their waits
    #[command(after_help = DURABLE_EXAMPLES)]
    Durable(Box<DurableCommand>),
    /// Deliver messages and records of real queues and streams to the function on this machine
    #[cfg(feature = "aws")]
    #[command(after_help = POLL_EXAMPLES)]
    Poll(Box<Poll>),
    /// Deliver failures that lie in a queue once more, to the function on this machine or a deployed one
    #[cfg(feature = "aws")]
    #[command(after_help = REDRIVE_EXAMPLES)]
    Redrive(Box<Redrive>),
    /// Add a trigger to a deployed function, or list its triggers
    #[cfg(feature = "aws")]
    #[command(after_help = WIRE_EXAMPLES)]
    Wire(Box<Wire>),
    /// Remove what `wire` added
    #[cfg(feature = "aws")]
    #[command(after_help = UNWIRE_EXAMPLES)]
    Unwire(Box<Unwire>),
    /// Deliver messages and records of real queues and streams to the function on this machine (requires the feature `aws`)
    #[cfg(not(feature = "aws"))]
    Poll(Anything),
    /// Deliver failures that lie in a queue once more, to the function on this machine or a deployed one (requires the feature `aws`)
    #[cfg(not(feature = "aws"))]
    Redrive(Anything),
    /// Add a trigger to a deployed function, or list its triggers (requires the feature `aws`)
    #[cfg(not(feature = "aws"))]
    Wire(Anything),
    /// Remove what `wire` added (requires the feature `aws`)
    #[cfg(not(feature = "aws"))]
    Unwire(Anything),
    /// Find what loses events in a deployment
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(Box<Doctor>),
    /// Print the completions of this command for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Write the manual pages of this command
    #[command(after_help = MAN_EXAMPLES)]
    Man(Man),
}

/// The command line.
pub(super) fn command() -> clap::Command {
    Cargo::command()
}

/// The command line without cargo before it.
pub(super) fn own_command() -> clap::Command {
    let own = clap::Command::new("cargo-switchboard")
        .bin_name("cargo-switchboard")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(EXAMPLES);
    Switchboard::augment_args(own)
}

#[cfg(test)]
mod tests {
    use super::*;
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
