//! A Lambda execution environment on this machine: runs any binary that polls the Lambda Runtime API, as Lambda would.
//!
//! It runs on Unix and knows nothing of AWS but its protocols: a function in any language will do. Use it to drive a function
//! in an integration test, or to build a tool on it.
//!
//! # Layout
//! In the order in which an event meets them:
//!
//! - [`Gateway`]: a function behind HTTP, and beside it [`invoke_api`], Lambda's Invoke API.
//! - [`guard`]: which requests of web pages the servers here refuse.
//! - [`http`]: HTTP requests as API Gateway events, replies as responses. Pure.
//! - [`Function`]: a function in a process: started, invoked, timed out, killed, started again.
//! - `runtime_api`: what the process polls.
//! - [`Error`]: what can go wrong here, as opposed to in the function.
//!
//! # Example
//! ```no_run
//! # async fn example() -> Result<(), lambda_sandbox::Error> {
//! let function = lambda_sandbox::Function::builder("target/debug/my-function").start().await?;
//! let outcome = function.invoke(r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#).await?;
//! assert!(outcome.result.is_ok(), "{:?}", outcome.logs);
//! # Ok(())
//! # }
//! ```

mod gateway;
pub use gateway::{Gateway, Reported};

pub mod invoke_api;

mod connection;
pub mod guard;

pub mod http;

mod function;
pub use function::{Builder, Finished, Function, FunctionError, InvokeEvent, Outcome, ResponseMode};

mod runtime_api;

mod error;
pub use error::Error;

mod sync;

/// The largest payload of an invocation, in bytes.
pub const MAX_REQUEST: usize = 6 << 20;
/// The largest payload of an asynchronous invocation, in bytes.
pub const MAX_ASYNC_REQUEST: usize = 1 << 20;
/// The largest buffered reply, in bytes: 6 MB and a little, as Lambda has it.
pub const MAX_RESPONSE: usize = (6 << 20) + 100;
/// The largest streamed reply, in bytes.
pub const MAX_STREAM: usize = 200 << 20;
