//! Runs AWS Lambda functions on a laptop and in tests, as Lambda would.
//!
//! The binary is the cargo subcommand `cargo switchboard`; this library is what it is made of, and what integration
//! tests and benchmarks drive a function with. It runs on Unix and knows nothing of AWS but its protocols: any binary
//! that polls the Lambda Runtime API will do, in whatever language it is written.
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
//! - [`Gateway`]: a function behind HTTP, and beside it `invoke_api`, Lambda's Invoke API.
//! - [`http`]: HTTP requests as API Gateway events, replies as responses. Pure.
//! - [`Function`]: a function in a process: started, invoked, timed out, killed, started again.
//! - `runtime_api`: what the process polls.
//! - `connection`, `guard`: one connection of either server, and which requests web pages must not send there.
//! - [`simulate`]: plays an event source against a function, and counts what was lost.
//! - `wire`, `aws` (feature `aws`): triggers of a deployed function, put on, taken off and listed; what it takes to call AWS.
//!
//! # Example
//! ```no_run
//! # async fn example() -> Result<(), cargo_switchboard::Error> {
//! let function = cargo_switchboard::Function::builder("target/debug/switchboard").start().await?;
//! let outcome = function.invoke(r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#).await?;
//! assert!(outcome.result.is_ok(), "{:?}", outcome.logs);
//! # Ok(())
//! # }
//! ```

pub mod cli;

mod compile;
mod describe;

mod doctor;

mod deliver;
mod samples;

mod gateway;
mod invoke_api;
pub use gateway::Gateway;

pub mod http;

mod function;
pub use function::{Builder, Finished, Function, FunctionError, InvokeEvent, Outcome, ResponseMode};

mod runtime_api;

mod connection;
mod guard;

pub mod simulate;

#[cfg(feature = "aws")]
mod wire;

#[cfg(feature = "aws")]
mod aws;

mod error;
pub use error::Error;

mod sync;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

/// The largest payload of an invocation, in bytes.
pub const MAX_REQUEST: usize = 6 << 20;
/// The largest payload of an asynchronous invocation, in bytes.
pub const MAX_ASYNC_REQUEST: usize = 1 << 20;
/// The largest buffered reply, in bytes: 6 MB and a little, as Lambda has it.
pub const MAX_RESPONSE: usize = (6 << 20) + 100;
/// The largest streamed reply, in bytes.
pub const MAX_STREAM: usize = 200 << 20;
