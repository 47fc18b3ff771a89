//! `cargo switchboard`: runs, invokes and explains AWS Lambda functions on a laptop, plays event sources against them, and looks
//! for what would lose events.
//!
//! What runs a function is [`lambda_sandbox`], a library of its own; any binary that polls the Lambda Runtime API will do. What
//! speaks to AWS is in `switchboard_aws` (feature `aws`).
//!
//! # Layout
//! In the order in which a command goes through them:
//!
//! - [`cli`]: the commands `run`, `invoke`, `explain`, `simulate`, `wire`, `unwire` and `doctor`, their options and what they
//!   print.
//! - `compile`: builds the function with cargo and finds the executable.
//! - `describe`: asks a function which handler takes which source.
//! - `doctor`: reads what is deployed, and finds what loses events.
//! - `samples`, `deliver`: payloads in files; delivering them and judging the outcome.
//! - [`simulate`]: plays an event source against a function, and counts what was lost.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod cli;

mod compile;
mod describe;

mod doctor;

mod deliver;
mod samples;

pub mod simulate;

mod error;
pub use error::Error;

mod sync;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
