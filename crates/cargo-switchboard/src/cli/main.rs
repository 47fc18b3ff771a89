//! The entry point: runs a command and determines the exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use super::cargo::{Cargo, Command};
use super::ended::Ended;
use super::{doctor, durable, event, explain, invoke, new, output, run, shell, simulate};
use crate::Error;

/// Runs the command that the process's arguments name and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let Cargo::Switchboard(switchboard) = Cargo::parse_from(words());
    let ended = match switchboard.command {
        Command::New(args) => new::new(&args),
        Command::Run(args) => in_runtime(run::run(*args)),
        Command::Invoke(args) => in_runtime(invoke::invoke(*args)),
        Command::Event(args) => event::event(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Simulate(args) => in_runtime(simulate::simulate(*args)),
        Command::Durable(args) => in_runtime(durable::durable(*args)),
        #[cfg(feature = "aws")]
        Command::Poll(args) => in_runtime(super::poll::poll(*args)),
        #[cfg(feature = "aws")]
        Command::Redrive(args) => in_runtime(super::redrive::redrive(*args)),
        #[cfg(feature = "aws")]
        Command::Wire(args) => in_runtime(output::waiting("calling AWS", super::wire::wire(*args))),
        #[cfg(feature = "aws")]
        Command::Unwire(args) => in_runtime(output::waiting("calling AWS", super::wire::unwire(*args))),
        #[cfg(not(feature = "aws"))]
        Command::Poll(words) => super::without_aws::refuse("poll", &words),
        #[cfg(not(feature = "aws"))]
        Command::Redrive(words) => super::without_aws::refuse("redrive", &words),
        #[cfg(not(feature = "aws"))]
        Command::Wire(words) => super::without_aws::refuse("wire", &words),
        #[cfg(not(feature = "aws"))]
        Command::Unwire(words) => super::without_aws::refuse("unwire", &words),
        Command::Doctor(args) => in_runtime(doctor::doctor(*args)),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
    };
    match ended {
        Ok(Ended::Success) => ExitCode::SUCCESS,
        Ok(Ended::Failed) => ExitCode::from(1),
        Ok(Ended::Unreadable) => ExitCode::from(2),
        Err(error) => {
            output::error(&error);
            // A function that fails to start is a failed function.
            ExitCode::from(if error.failed_init() { 1 } else { 2 })
        }
    }
}

/// The words of the command line, with the one that cargo adds: completions and manual pages also know `cargo-switchboard run`.
fn words() -> Vec<OsString> {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    let own = words.get(1).is_none_or(|word| word != "switchboard");
    if own {
        words.insert(words.len().min(1), "switchboard".into());
    }
    words
}

fn in_runtime(command: impl Future<Output = Result<Ended, Error>>) -> Result<Ended, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .map_err(|e| Error::io("cannot start the I/O runtime", e))?
        .block_on(command)
}
