//! The outcome of an invocation.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::sandbox::Delivery;

/// The outcome of an invocation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The request id that the function received.
    pub request_id: String,
    /// The function's reply as it was sent, or the function error.
    pub result: Result<Bytes, FunctionError>,
    /// How the function sent the reply.
    pub mode: ResponseMode,
    /// The time from the delivery of the event to the end of the reply, to the crash or to the timeout.
    pub duration: Duration,
    /// The time from the start of the process to its first poll, if this invocation had to start it.
    pub init_duration: Option<Duration>,
    /// The number of the execution environment that ran it, from 1 on.
    pub environment: u32,
    /// The peak memory of that environment's processes so far, in bytes. Known on Linux only, and not for an exited process.
    pub peak_memory: Option<u64>,
    /// The lines that the process wrote to stdout and stderr during the invocation. Only the last 1 MB is kept, after a
    /// line that says how many lines were dropped.
    pub logs: Vec<String>,
}

/// How a function sent its reply.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResponseMode {
    /// Buffered, in one piece.
    #[default]
    Buffered,
    /// Streamed, with `Lambda-Runtime-Function-Response-Mode: streaming`.
    Streaming {
        /// The stream's content type. `application/vnd.awslambda.http-integration-response` announces a JSON prelude
        /// with status and headers, then 8 NUL bytes, then the body.
        content_type: String,
    },
}

/// A function error: the function answered with an error, crashed or timed out.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FunctionError {
    /// The `errorType`: the function's own, or `Runtime.ExitError`, `Sandbox.Timedout`, `Function.ResponseSizeTooLarge`,
    /// `Extension.Crash` and the like.
    pub error_type: String,
    /// The `errorMessage`.
    pub message: String,
    /// The whole error as JSON, as callers of Lambda's Invoke API receive it.
    pub payload: Bytes,
}

/// The error JSON that runtimes send. All fields are optional in practice.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ErrorPayload {
    error_type: Option<String>,
    error_message: Option<String>,
}

impl FunctionError {
    /// Creates an error as Lambda itself composes it.
    #[must_use]
    pub fn new(error_type: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let payload = json!({"errorType": error_type, "errorMessage": message});
        Self {
            error_type: error_type.to_owned(),
            message,
            payload: payload.to_string().into(),
        }
    }

    /// Creates an error from a runtime's report. `header` is `Lambda-Runtime-Function-Error-Type`.
    #[must_use]
    pub fn reported(payload: Bytes, header: Option<&str>) -> Self {
        let diagnostic: ErrorPayload = serde_json::from_slice(&payload).unwrap_or_default();
        let named = |name: &&str| !name.is_empty();
        let error_type = (diagnostic.error_type.as_deref().filter(named))
            .or(header.filter(named))
            .unwrap_or("Unhandled");
        if payload.is_empty() {
            return Self::new(error_type, "");
        }
        Self {
            error_type: error_type.to_owned(),
            message: diagnostic.error_message.unwrap_or_default(),
            payload,
        }
    }

    /// Adds the request id to an error that Lambda composes.
    pub(crate) fn concerning(self, request_id: &str) -> Self {
        if self.error_type != "Runtime.ExitError" && !self.error_type.starts_with("Extension.") {
            return self;
        }
        Self::new(
            &self.error_type,
            format!("RequestId: {request_id} {}", self.message),
        )
    }

    pub(crate) fn response_too_large(limit: usize) -> Self {
        let message = format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).");
        Self::new("Function.ResponseSizeTooLarge", message)
    }

    pub(crate) fn truncated() -> Self {
        Self::new("Runtime.TruncatedResponse", "the function broke off its reply")
    }

    pub(crate) fn timed_out(request_id: &str, timeout: Duration) -> Self {
        let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let seconds = timeout.as_secs_f64();
        let message = format!("{now} {request_id} Task timed out after {seconds:.2} seconds");
        Self::new("Sandbox.Timedout", message)
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.as_str() {
            "" => f.write_str(&self.error_type),
            message => write!(f, "{}: {message}", self.error_type),
        }
    }
}

impl std::error::Error for FunctionError {}

/// The outcome of an invocation that was offered to a sandbox. Its logs and memory are added later.
pub(super) fn outcome(request_id: &str, environment: u32, delivery: Delivery) -> Outcome {
    let exited = |exit| {
        let message = format!("RequestId: {request_id} Error: {exit}");
        Err(FunctionError::new("Runtime.ExitError", message))
    };
    let (result, duration, mode) = match delivery {
        Delivery::Answered(answer, duration) => (answer.result, duration, answer.mode),
        Delivery::Exited(exit, duration) => (exited(exit), duration, ResponseMode::Buffered),
        Delivery::Untaken(exit) => (exited(exit), Duration::ZERO, ResponseMode::Buffered),
        Delivery::ExtensionFailed(error, duration) => (
            Err(error.concerning(request_id)),
            duration,
            ResponseMode::Buffered,
        ),
        Delivery::TimedOut(limit) => (
            Err(FunctionError::timed_out(request_id, limit)),
            limit,
            ResponseMode::Buffered,
        ),
    };
    Outcome {
        result,
        mode,
        duration,
        ..blank(request_id, environment)
    }
}

pub(super) fn blank(request_id: &str, environment: u32) -> Outcome {
    Outcome {
        request_id: request_id.to_owned(),
        result: Ok(Bytes::new()),
        mode: ResponseMode::Buffered,
        duration: Duration::ZERO,
        init_duration: None,
        environment,
        peak_memory: None,
        logs: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_overrides_the_header() {
        let payload = Bytes::from_static(br#"{"errorType":"Mine","errorMessage":"no"}"#);
        let error = FunctionError::reported(payload.clone(), Some("Runtime.Unknown"));
        assert_eq!(error.to_string(), "Mine: no");
        assert_eq!(error.payload, payload);
    }

    #[test]
    fn an_error_without_a_body_still_has_a_type_and_json() {
        let error = FunctionError::reported(Bytes::new(), Some("Runtime.Odd"));
        assert_eq!(error.error_type, "Runtime.Odd");
        assert!(serde_json::from_slice::<serde_json::Value>(&error.payload).is_ok());
        assert_eq!(FunctionError::reported("x".into(), None).error_type, "Unhandled");
    }

    #[test]
    fn an_empty_type_counts_as_missing() {
        let payload = Bytes::from_static(br#"{"errorType":"","errorMessage":""}"#);
        let said = |header| FunctionError::reported(payload.clone(), header).to_string();
        assert_eq!(said(Some("Runtime.Odd")), "Runtime.Odd");
        assert_eq!(said(Some("")), "Unhandled");
        assert_eq!(said(None), "Unhandled");
    }
}
