//! A finished invocation, with what only the process knows about it.

use std::time::Duration;

use bytes::Bytes;

use super::Outcome;

/// A finished invocation, as [`Builder::on_end`](crate::Builder::on_end) reports it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Finished<'i> {
    /// The payload that the function was invoked with.
    pub payload: &'i Bytes,
    /// The outcome.
    pub outcome: &'i Outcome,
    /// The time from the start of the process to its first poll, if this was the process's first invocation.
    pub init_duration: Option<Duration>,
    /// The number of the execution environment, from 1 on.
    pub environment: u32,
    /// The peak memory of the process and its descendants so far, in bytes
    /// ([`Function::peak_memory`](crate::Function::peak_memory)). Known on Linux only, and not for an exited process.
    pub peak_memory: Option<u64>,
}
