//! `cargo switchboard`: runs, invokes and explains AWS Lambda functions on this machine, simulates event sources, and finds what
//! loses events in a deployment.
//!
//! The library [`lambda_sandbox`] runs the functions: any binary that polls the Lambda Runtime API. The calls to AWS are in
//! `switchboard_aws` (feature `aws`).
//!
//! # Layout
//! In the order in which a command passes through:
//!
//! - [`cli`]: the commands `new`, `run`, `invoke`, `explain`, `simulate`, `poll`, `redrive`, `wire`, `unwire` and `doctor`, their options and what they
//!   print.
//! - `scaffold`: makes the package of a new function.
//! - `compile`: builds the function with cargo and finds the executable; `watch` notices that its sources change.
//! - `describe`: asks a function for its routes.
//! - `doctor`: reads a deployment and finds what loses events.
//! - `samples`, `recording`, `deliver`: read payloads from files, deliver them and judge the outcome; `run --record` writes such a file.
//! - `console`: the web page of `run`, and its data.
//! - [`simulate`]: simulates an event source, and counts lost records.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod cli;

mod scaffold;

mod compile;
mod describe;
mod watch;

mod doctor;

mod deliver;
mod recording;
mod samples;

mod console;

pub mod simulate;

mod error;
pub use error::Error;

mod http_client;
mod sync;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
