//! The command line: `cargo switchboard run`, `invoke`, `explain`, `simulate`, `wire`, `unwire` and `doctor`.
//!
//! Exit codes: 0 for success, 1 when a function or a sample failed, 2 when the command could not do its work.

mod args;
mod contents;
mod diagnosis;
mod doctor;
mod explain;
mod invoke;
mod main;
mod output;
#[cfg(feature = "aws")]
mod place;
mod remote;
mod render;
mod run;
mod serve;
mod served;
mod setup;
mod signals;
mod simulate;
mod simulation;
mod tail;
#[cfg(feature = "aws")]
mod wire;
#[cfg(not(feature = "aws"))]
mod without_aws;

pub use main::main;
