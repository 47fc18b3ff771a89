//! A function in a process of its own: started, invoked, watched, killed and started again as Lambda would.
//!
//! [`Function`] is the handle; behind it stands at most one sandbox (Lambda's *execution environment*) at a time,
//! which holds the process, its Runtime API and its logs, and goes with the process.

mod builder;
mod environment;
mod event;
mod finished;
mod handle;
mod logs;
mod memory;
mod outcome;
mod process;
mod sandbox;

pub use builder::Builder;
pub(crate) use environment::region;
pub use event::InvokeEvent;
pub use finished::Finished;
pub use handle::Function;
pub use outcome::{FunctionError, Outcome, ResponseMode};
