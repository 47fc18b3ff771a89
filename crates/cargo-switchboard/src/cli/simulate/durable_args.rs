//! The arguments of `simulate --durable`.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::super::setup::{Setup, found};
use crate::Error;
use crate::simulate::{DurableSchedule, DurableSimulation, Starts};
use lambda_sandbox::Builder;

/// The options of sources, which make no sense here.
const OF_SOURCES: [&str; 14] = [
    "records",
    "bodies",
    "proof",
    "no_partial_answers",
    "batch_size",
    "fail_rate",
    "duplicate_rate",
    "crash_rate",
    "timeout_rate",
    "reject_rate",
    "max_retries",
    "max_age",
    "bisect",
    "parallelization_factor",
];

#[derive(Args)]
#[command(next_help_heading = "Durable functions")]
pub(in crate::cli) struct DurableSimulateArgs {
    /// Simulate the life of a durable function instead of an event source
    #[arg(long, requires = "event", conflicts_with_all = OF_SOURCES, conflicts_with = "no_repeats")]
    durable: bool,
    /// The event that starts the execution, or - for the standard input; {{id}} in it is an id that no other run has
    #[arg(long, value_name = "FILE", requires = "durable")]
    event: Option<PathBuf>,
    /// Result of callbacks; {{id}} as in the event [default: {}]
    #[arg(long, value_name = "TEXT", requires = "durable")]
    callback: Option<String>,
    /// What it means that the starting event comes again [default: event for events of sources that deliver at least once, else named]
    #[arg(long, value_enum, value_name = "HOW", requires = "durable")]
    starts: Option<StartsArg>,
    /// Mishaps of a seed at most, beside those of callbacks: 1 to 4 [default: 3]
    #[arg(long, value_name = "N", requires = "durable", value_parser = clap::value_parser!(u64).range(1..=4))]
    mishaps: Option<u64>,
    /// Play this instead of what the seeds make, such as crash-before:3,callback-late:1
    #[arg(long, value_name = "SCHEDULE", requires = "durable", value_parser = schedule)]
    schedule: Option<DurableSchedule>,
    /// Accept executions that end otherwise than without mishaps, as those with steps that must not be tried again do
    #[arg(long, requires = "durable")]
    accept_other_ends: bool,
    /// Time out executions after this many seconds [default: never]
    #[arg(long, value_name = "SECS", requires = "durable", value_parser = clap::value_parser!(u32).range(1..=31_622_400))]
    execution_timeout: Option<u32>,
    /// Another durable function, for invokes by its name; may be repeated. All other names are the function itself
    #[arg(long = "durable-function", value_name = "NAME=PATH", requires = "durable", value_parser = super::super::durable_args::named)]
    durable_functions: Vec<(String, PathBuf)>,
    /// Another function that is not durable; may be repeated
    #[arg(long = "plain-function", value_name = "NAME=PATH", requires = "durable", value_parser = super::super::durable_args::named)]
    plain_functions: Vec<(String, PathBuf)>,
}

/// How executions start.
#[derive(Clone, Copy, ValueEnum)]
enum StartsArg {
    /// A client starts one by its name, and tries again by the same name
    Named,
    /// An event source delivers at least once: each delivery is an execution
    Event,
}

impl DurableSimulateArgs {
    pub(super) fn is_set(&self) -> bool {
        self.durable
    }

    /// Whether one schedule is played.
    pub(super) fn has_schedule(&self) -> bool {
        self.schedule.is_some()
    }

    /// # Errors
    /// If a file cannot be read or found.
    pub(super) fn simulation(
        &self,
        setup: &Setup,
        function: Builder,
        timeout: Option<Duration>,
    ) -> Result<DurableSimulation, Error> {
        let event = self.event.as_deref().unwrap_or(Path::new("-"));
        let mut simulation = DurableSimulation::new(function, read(event)?);
        if let Some(timeout) = timeout {
            simulation = simulation.timeout(timeout);
        }
        if let Some(result) = &self.callback {
            simulation = simulation.callback(result);
        }
        if let Some(starts) = self.starts {
            simulation = simulation.starts(match starts {
                StartsArg::Named => Starts::Named,
                StartsArg::Event => Starts::Event,
            });
        }
        if let Some(most) = self.mishaps {
            simulation = simulation.mishaps(most);
        }
        if let Some(schedule) = &self.schedule {
            simulation = simulation.schedule(schedule.clone());
        }
        if self.accept_other_ends {
            simulation = simulation.accept_other_ends();
        }
        if let Some(seconds) = self.execution_timeout {
            simulation = simulation.execution_timeout(Duration::from_secs(seconds.into()));
        }
        let durable = self.durable_functions.iter().map(|other| (other, true));
        let plain = self.plain_functions.iter().map(|other| (other, false));
        for ((name, path), is_durable) in durable.chain(plain) {
            simulation = simulation.other_function(setup.builder_of(&found(path)?).name(name), is_durable);
        }
        Ok(simulation)
    }
}

fn read(file: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let read = match file.as_os_str() == "-" {
        true => std::io::stdin().read_to_string(&mut text).map(|_| text),
        false => fs::read_to_string(file),
    };
    read.map_err(|e| Error::io(format!("cannot read {}", file.display()), e))
}

fn schedule(text: &str) -> Result<DurableSchedule, String> {
    text.parse().map_err(|error: Error| error.to_string())
}
