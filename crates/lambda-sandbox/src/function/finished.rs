//! An invocation that has ended, with what only the process can tell of it.

use std::time::Duration;

use bytes::Bytes;

use super::Outcome;

/// What [`Builder::on_end`](crate::Builder::on_end) is told of an invocation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Finished<'i> {
    /// What the function was invoked with.
    pub payload: &'i Bytes,
    /// What came of it.
    pub outcome: &'i Outcome,
    /// From the start of the process to its first poll, if this was the process's first invocation.
    pub init_duration: Option<Duration>,
    /// The most memory the process and all that it has started have held together so far, in bytes
    /// ([`Function::peak_memory`](crate::Function::peak_memory)). Known on Linux only, and not of a process that has ended.
    pub peak_memory: Option<u64>,
}
