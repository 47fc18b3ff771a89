//! The arguments of `durable`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::super::output::OutputFormat;

pub(in crate::cli) const DURABLE_EXAMPLES: &str = "\
Examples:
  cargo switchboard run --durable                        in one terminal; the rest in another
  cargo switchboard durable start order.json --name order-7
  cargo switchboard durable list --status running
  cargo switchboard durable show order-7                 its operations as a tree: durations, attempts, results
  cargo switchboard durable show                         the newest execution
  cargo switchboard durable history order-7 --format json | jq -c 'select(.EventType == \"StepFailed\")'
  cargo switchboard durable callback succeed Y2FsbGJhY2s= '\"paid\"'
  cargo switchboard durable callback fail Y2FsbGJhY2s= --type Declined --message 'no money'
  cargo switchboard durable next-timer                   skip a wait, a retry's delay or a timeout
  cargo switchboard durable stop order-7

An execution is meant by its name, its id or its ARN. `show` prints the ids of callbacks that are waited for. A callback's result is the
text that the function gets, as it is: whether it has to be JSON is the SDK's choice.

The operations are those of Lambda's API of 2025-12-01, except next-timer: it moves the clock of `run --durable` to the moment at which
something happens by itself. With --format json stdout has what the API says, an object on each line; `show` has the execution with its
operations, each with its children.";

#[derive(Args)]
pub(in crate::cli) struct DurableCommand {
    #[command(subcommand)]
    pub(super) verb: Verb,
    /// Where `run --durable` serves
    #[arg(
        long,
        global = true,
        value_name = "URL",
        default_value = "http://127.0.0.1:9000"
    )]
    pub(super) endpoint: String,
    /// Output format
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t = OutputFormat::Text)]
    pub(super) format: OutputFormat,
}

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Start an execution without waiting for its end
    Start {
        /// File with its input; - is stdin [default: {}]
        #[arg(value_name = "FILE")]
        input: Option<PathBuf>,
        /// Its name: a second start with the same name and input starts nothing
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// The function [default: that of `run`]
        #[arg(long, value_name = "NAME", default_value = "function")]
        function: String,
    },
    /// List executions, the oldest first
    List {
        /// Only those that stand like this; may be repeated
        #[arg(long = "status", value_enum, value_name = "STATUS")]
        statuses: Vec<Status>,
        /// Only those of this function
        #[arg(long, value_name = "NAME")]
        function: Option<String>,
    },
    /// Show an execution with its operations
    Show {
        /// Name, id or ARN [default: the newest]
        execution: Option<String>,
    },
    /// Show what happened in an execution, in order
    History {
        /// Name, id or ARN [default: the newest]
        execution: Option<String>,
    },
    /// Complete a callback, or say that it is still worked on
    Callback {
        #[command(subcommand)]
        end: CallbackEnd,
    },
    /// Stop an execution
    Stop {
        /// Name, id or ARN
        execution: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// Skip to the moment at which something happens by itself
    NextTimer,
}

#[derive(Subcommand)]
pub(super) enum CallbackEnd {
    /// Complete it with a result
    Succeed {
        /// The callback's id
        id: String,
        /// The result, as the function gets it; - is stdin [default: none]
        result: Option<String>,
    },
    /// Complete it with an error
    Fail {
        /// The callback's id
        id: String,
        /// The error's type
        #[arg(long = "type", value_name = "TYPE")]
        error_type: Option<String>,
        /// The error's message
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
        /// What else the function is told
        #[arg(long, value_name = "TEXT")]
        data: Option<String>,
    },
    /// Say that it is still worked on, before its heartbeat timeout
    Heartbeat {
        /// The callback's id
        id: String,
    },
}

/// How an execution stands.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Stopped,
}

impl Status {
    /// The API's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Stopped => "STOPPED",
        }
    }
}
