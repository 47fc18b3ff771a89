//! The command line: `cargo switchboard new`, `run`, `invoke`, `event`, `explain`, `simulate`, `durable`, `poll`, `redrive`, `wire`, `unwire`, `doctor`, `completions` and `man`.
//!
//! Exit codes: 0 for success, 1 if a function or a sample failed, 2 if the command itself failed.

#[cfg(feature = "aws")]
mod ask;
#[cfg(feature = "aws")]
mod aws_args;
mod cargo;
mod doctor;
mod durable;
mod durable_args;
mod ended;
mod event;
mod explain;
mod function_args;
mod invoke;
mod json;
mod main;
mod new;
mod output;
#[cfg(feature = "aws")]
mod poll;
#[cfg(feature = "aws")]
mod redrive;
mod render;
mod run;
mod setup;
mod shell;
mod signals;
mod simulate;
mod source_name;
#[cfg(feature = "aws")]
mod wire;
#[cfg(not(feature = "aws"))]
mod without_aws;

pub use main::main;
