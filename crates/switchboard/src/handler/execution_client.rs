//! What asks Lambda about durable executions: the client of the application. The library has none.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// Lambda's API for durable executions, by the client of the application: two calls that are only needed for what does
/// not fit into an envelope. See [`Router::execution_client`](crate::Router::execution_client).
pub trait ExecutionClient: Send + Sync + 'static {
    /// Why a call failed.
    type Error: Into<Box<dyn StdError + Send + Sync>>;

    /// Fetches the event that started an execution: `GetDurableExecutionState`, and of its operations the
    /// `InputPayload` of the one of type `EXECUTION`. `None` if there is none.
    fn input(&self, page: StatePage) -> impl Future<Output = Result<Option<String>, Self::Error>> + Send;

    /// Ends an execution with a result: `CheckpointDurableExecution` with one update of type `EXECUTION` and action
    /// `SUCCEED`.
    fn succeed(&self, result: LargeResult) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Where an execution's event is.
#[derive(Clone)]
#[non_exhaustive]
pub struct StatePage {
    /// The execution.
    pub execution_arn: String,
    /// What allows the call. Keep it out of logs.
    pub checkpoint_token: String,
    /// The page.
    pub marker: String,
}

/// Shows neither the token nor the marker.
impl fmt::Debug for StatePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut page = f.debug_struct("StatePage");
        page.field("execution_arn", &self.execution_arn)
            .finish_non_exhaustive()
    }
}

/// An answer that is too large for its envelope.
#[derive(Clone)]
#[non_exhaustive]
pub struct LargeResult {
    /// The execution.
    pub execution_arn: String,
    /// What allows the call. Keep it out of logs.
    pub checkpoint_token: String,
    /// The id of the update.
    pub operation_id: &'static str,
    /// The payload of the update.
    pub payload: String,
}

/// Shows neither the token nor the payload.
impl fmt::Debug for LargeResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut result = f.debug_struct("LargeResult");
        result.field("execution_arn", &self.execution_arn);
        result.field("bytes", &self.payload.len()).finish_non_exhaustive()
    }
}

type Asking<'c, T> = Pin<Box<dyn Future<Output = Result<T, Box<dyn StdError + Send + Sync>>> + Send + 'c>>;

/// A client with its types erased.
pub(crate) trait AnyExecutionClient: Send + Sync {
    fn input(&self, page: StatePage) -> Asking<'_, Option<String>>;

    fn succeed(&self, result: LargeResult) -> Asking<'_, ()>;
}

impl<C: ExecutionClient> AnyExecutionClient for C {
    fn input(&self, page: StatePage) -> Asking<'_, Option<String>> {
        Box::pin(async move { ExecutionClient::input(self, page).await.map_err(Into::into) })
    }

    fn succeed(&self, result: LargeResult) -> Asking<'_, ()> {
        Box::pin(async move { ExecutionClient::succeed(self, result).await.map_err(Into::into) })
    }
}
