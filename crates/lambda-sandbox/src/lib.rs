//! A Lambda execution environment on this machine: runs any binary that polls the Lambda Runtime API, as Lambda does.
//!
//! It runs on Unix and needs no AWS account, and the function may be written in any language. Use it to drive a function
//! in an integration test, or to build a tool on top of it.
//!
//! # Layout
//! In the order in which an event passes through:
//!
//! - [`Gateway`]: a function behind HTTP, and beside it [`invoke_api`], Lambda's Invoke API.
//! - [`Durable`]: Lambda's durable execution service, beside the Invoke API.
//! - [`Standby`]: answers for a function that is not there yet.
//! - [`guard`]: which requests from web pages the servers refuse.
//! - [`http`]: converts HTTP requests to API Gateway events, and replies to responses.
//! - [`Function`]: a function in a process: started, invoked, timed out, killed, restarted.
//! - `runtime_api`: the API that the process polls.
//! - [`Error`]: errors of the sandbox, as opposed to those of the function.
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
pub use gateway::Gateway;

mod standby;
pub use standby::Standby;

pub mod invoke_api;
pub use invoke_api::AsyncInvocations;

mod durable;
pub use durable::{CheckpointFault, Durable, DurableFaults, DurableSettings, OpenCallback};

mod connection;
mod reply_body;
mod report;
pub use report::{AnsweredRequest, GatewayEvent};
pub mod guard;

pub mod http;

mod function;
pub use function::{
    BufferedReply, Builder, Chunks, Finished, Function, FunctionError, InvokeEvent, Outcome, Reply,
    ResponseMode, StartedEnvironment,
};

mod runtime_api;

mod error;
pub use error::Error;

mod sync;

/// The largest payload of an invocation, in bytes.
pub const MAX_REQUEST: usize = 6 << 20;
/// The largest payload of an asynchronous invocation, in bytes.
pub const MAX_ASYNC_REQUEST: usize = 1 << 20;
/// The largest buffered reply, in bytes: slightly more than 6 MB, as in Lambda.
pub const MAX_RESPONSE: usize = (6 << 20) + 100;
/// The largest streamed reply, in bytes.
pub const MAX_STREAM: usize = 200 << 20;
