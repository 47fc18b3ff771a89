//! Runs AWS Lambda functions on a laptop and in tests, as Lambda would.
pub mod cli;
mod error;
mod function;
pub mod http;
mod runtime_api;
mod sync;

pub use error::Error;
pub use function::{Builder, Function, FunctionError, InvokeEvent, Outcome, ResponseMode};

/// The largest payload of an invocation, in bytes.
pub const MAX_REQUEST: usize = 6 << 20;
/// The largest buffered reply, in bytes: 6 MB and a little, as Lambda has it.
pub const MAX_RESPONSE: usize = (6 << 20) + 100;
/// The largest streamed reply, in bytes.
pub const MAX_STREAM: usize = 200 << 20;
