//! What callbacks learn: a started environment, and a finished invocation with what only the process knows about it.

use std::time::Duration;

use bytes::Bytes;

use super::Outcome;

/// An execution environment that has been initialised, as [`Builder::on_start`](crate::Builder::on_start) reports it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StartedEnvironment<'e> {
    /// Its number, from 1 on. One that has ended is followed by another with the same number.
    pub environment: u32,
    /// The name of its log stream, by which logs tell environments apart: its `AWS_LAMBDA_LOG_STREAM_NAME`.
    pub log_stream: &'e str,
    /// How long the initialisation took.
    pub init_duration: Duration,
}

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
