//! Lambda's durable execution service: executions that are invoked again and again, from checkpoint to checkpoint.
//!
//! # Layout
//! In the order in which a request passes through:
//!
//! - `routes`, `api`: the HTTP API of `/2025-12-01`.
//! - `service`, `driver`: the clock, and the functions that are invoked. They have all I/O.
//! - `faults`, `rehearsal`: for those who drive it step by step, and make things go wrong.
//! - `machine`: all executions. It and everything below is a pure state machine: time and the seed of ids are given to it.
//! - `execution`: one execution. `checkpoint`, `timers` and `invocation` are what happens to it.
//! - `update`, `operation`: what a function says about an operation, and what is known of it.
//! - `history`, `listing`: what callers are told.

mod routes;

mod api;
pub(crate) use api::{body_limit, is_call};

mod refusal;
pub(crate) use refusal::DurableRefusal;

mod settings;
pub use settings::DurableSettings;

mod service;
pub use service::Durable;

mod driver;
mod waiting;

mod faults;
pub use faults::{CheckpointFault, DurableFaults};

mod rehearsal;
pub use rehearsal::OpenCallback;

mod clock;
mod time;

mod machine;

mod chained;

mod execution;

mod checkpoint;
mod invocation;
mod timers;

mod operation;
mod update;

mod history;
mod listing;

mod ids;

#[cfg(test)]
mod tests;
