//! Durable handlers: what an SDK for durable functions has to do for them, and what it does it with.
//!
//! The library knows no SDK. An engine wraps one, hands it the envelope of each invocation, and gives handlers its context.

use super::Context;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A boxed future of an engine.
pub type EngineFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A piece of an execution: it gets the scope that its operations belong to, and ends with a JSON text.
pub type DurableWork =
    Box<dyn FnOnce(Arc<dyn DurableScope>) -> EngineFuture<Result<String, WorkFailure>> + Send>;

/// What is done in a step.
pub type StepWork = Box<dyn FnOnce() -> EngineFuture<Result<(), WorkFailure>> + Send>;

/// An SDK for durable functions. Applications take one from a crate such as `lambda-switchboard-durable`; this trait is for those
/// that wrap another SDK.
pub trait DurableEngine: Send + Sync + 'static {
    /// Hands the envelope of an invocation to the SDK, and calls `work` with the execution's own scope. On suspension the work's
    /// future is dropped.
    ///
    /// # Errors
    /// The invocation is interrupted: Lambda invokes the function again for the same execution.
    fn invoke(
        &self,
        invocation: ExecutionInvocation,
        work: DurableWork,
    ) -> EngineFuture<Result<ExecutionAnswer, Box<dyn StdError + Send + Sync>>>;
}

/// A place in an execution that operations belong to.
pub trait DurableScope: Send + Sync + 'static {
    /// The SDK's own context, for [`Context::durable`].
    fn context(&self) -> &(dyn Any + Send + Sync);

    /// Whether what happens here has happened in an earlier invocation.
    fn is_replaying(&self) -> bool;

    /// Runs work in a child context of this name, and records how it ends. Its operation is claimed when this is called.
    fn child(&self, name: String, work: DurableWork) -> EngineFuture<Result<String, WorkFailure>>;

    /// Runs several pieces of work side by side, each in a child context of its name: while some are suspended, others go on.
    /// All of them end, whether one fails or not. At most `limit` are under way at a time.
    ///
    /// # Errors
    /// What ended the operation itself.
    fn side_by_side(
        &self,
        works: Vec<(String, DurableWork)>,
        limit: Option<usize>,
    ) -> EngineFuture<Result<Vec<Result<String, WorkFailure>>, WorkFailure>>;

    /// Does something in a step: once, as far as an execution can know.
    fn step(&self, name: &'static str, work: StepWork) -> EngineFuture<Result<(), WorkFailure>>;
}

/// What an engine is invoked with.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExecutionInvocation {
    /// The envelope. It has the token that allows calls about the execution: keep it out of logs.
    pub envelope: Bytes,
    /// The invocation's context.
    pub lambda: lambda_runtime::Context,
}

impl ExecutionInvocation {
    pub(crate) fn new(envelope: Bytes, lambda: lambda_runtime::Context) -> Self {
        Self { envelope, lambda }
    }
}

/// How an invocation of an execution ended.
#[derive(Debug)]
pub enum ExecutionAnswer {
    /// The work has ended.
    Ended,
    /// The SDK's answer: the execution is suspended, or the SDK has ended it.
    Sdk(String),
}

/// Why a piece of work failed, as it is recorded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WorkFailure {
    /// What went wrong.
    pub message: String,
}

impl WorkFailure {
    /// A failure with this message.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message }
    }
}

impl fmt::Display for WorkFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for WorkFailure {}

impl<S> Context<S> {
    /// The context of the SDK for durable functions, in the type of that SDK. `None` in a handler that is not durable.
    #[must_use]
    pub fn durable<D: Any>(&self) -> Option<&D> {
        self.scope()?.context().downcast_ref()
    }
}
