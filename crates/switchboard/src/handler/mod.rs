//! The types that handlers and everything around them share: what is registered, called, answered and failed.
//!
//! Batches, idempotency and the router know these types, and not each other.

mod handle;
mod name;
mod options;
mod source_reply;
pub mod when;

#[cfg(feature = "claim_check")]
mod claim_check;
mod context;
mod invocation;
mod limits;
#[cfg(feature = "durable-start")]
mod start;
#[cfg(feature = "durable-start")]
mod start_name;

mod caller_context;
mod payload;

mod dead_letter;
#[cfg(feature = "durable")]
mod durable;
mod execution_client;
mod failure;
#[cfg(feature = "durable-client")]
mod lambda_client;

mod byte_stream;
mod names;
mod reply;
mod reply_stream;

#[cfg(feature = "testing")]
mod watch;

#[cfg(feature = "idempotency")]
mod memo;

pub use byte_stream::ByteStream;
pub(crate) use caller_context::CallerContext;
#[cfg(feature = "claim_check")]
pub use claim_check::{ClaimCheck, ClaimStore};
pub use context::Context;
pub(crate) use context::ContextRecord;
pub use dead_letter::DeadLetter;
#[cfg(feature = "testing")]
pub(crate) use dead_letter::SinkError;
pub(crate) use dead_letter::{Sink, SinklessSources};
#[cfg(feature = "durable")]
pub use durable::{
    DurableEngine, DurableScope, DurableWork, EngineFuture, ExecutionAnswer, ExecutionInvocation, StepWork,
    WorkFailure,
};
pub(crate) use execution_client::AnyExecutionClient;
pub use execution_client::{ExecutionClient, LargeResult, StatePage};
pub use failure::Failure;
pub use handle::Handler;
#[cfg(feature = "idempotency")]
pub use handle::Wrap;
pub(crate) use invocation::{Call, Dispatch, Dispatched, Invocation};
pub use limits::EnvelopeLimits;
#[cfg(feature = "idempotency")]
pub use memo::Memo;
#[cfg(feature = "idempotency")]
pub(crate) use memo::{Remember, Remembered};
#[cfg(feature = "http")]
pub(crate) use name::service_name;
pub(crate) use names::{Ids, Offset, Offsets};
#[cfg(feature = "durable")]
pub(crate) use options::Engine;
pub(crate) use options::Rest;
pub use options::{Configured, OnFault, Options};
pub use payload::Payload;
pub use reply::Reply;
pub(crate) use reply::{MAX_REPLY, ReplyKind};
pub(crate) use reply_stream::ReplyStream;
#[cfg(feature = "envelopes")]
pub use source_reply::Unwrapped;
pub use source_reply::{SourceHandler, SourceReply};
#[cfg(feature = "durable-start")]
pub use start::{ExecutionStart, Start, StartBody, StartClient, start};
#[cfg(feature = "testing")]
pub(crate) use watch::{Seen, SeenRecord, Settled, Watch};
pub(crate) use when::{ConditionDescription, When};
