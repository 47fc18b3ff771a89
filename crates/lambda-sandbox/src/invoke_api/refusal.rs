//! Refused calls, answered as Lambda does.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use super::response::json_response;
use crate::{Error, MAX_REQUEST, durable};

/// A refused call.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error_type: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn bad_request(error_type: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error_type,
            message: message.into(),
        }
    }

    /// A parameter that violates the API's constraint.
    pub(super) fn invalid(value: &str, parameter: &str, constraint: &str) -> Self {
        let message = format!(
            "1 validation error detected: Value '{value}' at '{parameter}' failed to satisfy constraint: {constraint}"
        );
        Self::bad_request("ValidationException", message)
    }

    pub(super) fn too_large(limit: usize) -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            error_type: "RequestTooLargeException",
            message: format!("Request must be smaller than {limit} bytes for the InvokeFunction operation"),
        }
    }

    pub(super) fn no_events_in_streams() -> Self {
        let message = "the invocation type of InvokeWithResponseStream is RequestResponse or DryRun";
        Self::bad_request("InvalidParameterValueException", message)
    }

    pub(super) fn not_durable() -> Self {
        let message = "DurableExecutionName is for durable functions, and this function is none: is it served without --durable?";
        Self::bad_request("InvalidParameterValueException", message)
    }

    pub(super) fn not_served(method: &http::Method, path: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            error_type: "UnknownOperationException",
            message: format!(
                "{method} {path} is an operation of Lambda's API that is not served here; only Invoke, InvokeWithResponseStream and ListFunctions are, and those of durable executions for a durable function"
            ),
        }
    }

    pub(super) fn response(self) -> Response<Bytes> {
        let fault = if self.status.is_server_error() {
            "Service"
        } else {
            "User"
        };
        let body = json!({"Type": fault, "message": self.message}).to_string();
        let mut response = json_response(self.status, body);
        let error_type = HeaderValue::from_static(self.error_type);
        response.headers_mut().insert("x-amzn-errortype", error_type);
        response
    }
}

impl From<durable::DurableRefusal> for Refusal {
    fn from(refusal: durable::DurableRefusal) -> Self {
        let (status, error_type) = refusal.kind();
        Self {
            status,
            error_type,
            message: refusal.to_string(),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if error.is_payload_too_large() {
            return Self::too_large(MAX_REQUEST);
        }
        if error.is_tenancy() {
            return Self::bad_request("InvalidParameterValueException", error.to_string());
        }
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            error_type: "ServiceException",
            message: error.to_string(),
        }
    }
}
