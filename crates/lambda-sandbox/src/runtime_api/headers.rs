//! The headers that Lambda sends with an event: request id, deadline, ARN, trace.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderValue, Response, response};
use uuid::Uuid;

use crate::function::InvokeEvent;
use crate::function::region;

/// The account that the function seems to be in.
pub(super) const ACCOUNT: &str = "000000000000";
/// Identifies one attempt of a request. A runtime sends it back with its answer.
pub(super) const INVOCATION_ID: &str = "lambda-runtime-invocation-id";

/// What a delivery of an event fixes, for the runtime and for extensions.
pub(super) struct Delivered {
    /// In milliseconds since the epoch.
    pub(super) deadline_ms: u64,
    pub(super) function_arn: String,
    pub(super) trace_id: String,
}

impl Delivered {
    /// The event is delivered now.
    pub(super) fn now(event: &InvokeEvent, function: &str, timeout: Duration) -> Self {
        let deadline = since_epoch() + timeout;
        Self {
            deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
            function_arn: arn(function),
            trace_id: event.trace_id.clone().unwrap_or_else(new_trace_id),
        }
    }

    /// The head of the response to a poll.
    pub(super) fn head(
        &self,
        request_id: &str,
        invocation_id: &str,
        event: &InvokeEvent,
    ) -> response::Builder {
        let mut head = Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", request_id)
            .header(INVOCATION_ID, invocation_id)
            .header("lambda-runtime-deadline-ms", self.deadline_ms.to_string())
            .header("lambda-runtime-invoked-function-arn", text(&self.function_arn))
            .header("lambda-runtime-trace-id", text(&self.trace_id));
        let optional = [
            ("lambda-runtime-client-context", &event.client_context),
            ("lambda-runtime-cognito-identity", &event.cognito_identity),
            ("lambda-runtime-aws-tenant-id", &event.tenant_id),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                head = head.header(name, text(value));
            }
        }
        head
    }
}

/// A header value. Characters that it cannot hold become spaces, which JSON and names survive.
fn text(value: &str) -> HeaderValue {
    let bytes: Vec<u8> = value
        .bytes()
        .map(|byte| if byte < 0x20 || byte == 0x7f { b' ' } else { byte })
        .collect();
    HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The ARN of a function in the configured region and account 000000000000.
pub(crate) fn arn(function: &str) -> String {
    format!("arn:aws:lambda:{}:{ACCOUNT}:function:{function}", region())
}

/// A new X-Ray trace that is not sampled.
pub(crate) fn new_trace_id() -> String {
    let seconds = since_epoch().as_secs();
    let random = Uuid::new_v4().simple().to_string();
    let parent = Uuid::new_v4().simple().to_string();
    format!(
        "Root=1-{seconds:08x}-{};Parent={};Sampled=0",
        &random[..24],
        &parent[..16]
    )
}

pub(super) fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_has_the_documented_shape() {
        let id = new_trace_id();
        let parts: Vec<&str> = id.split(';').collect();
        let root: Vec<&str> = parts[0].split('-').collect();
        assert_eq!((root[0], root[1].len(), root[2].len()), ("Root=1", 8, 24));
        assert_eq!(parts[1].len(), "Parent=".len() + 16);
        assert_eq!(parts[2], "Sampled=0");
    }

    #[test]
    fn a_client_context_of_several_lines_is_a_valid_header() {
        assert_eq!(text("{\n\"a\": 1}"), "{ \"a\": 1}");
    }
}
