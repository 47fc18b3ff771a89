//! What a gateway reports about its requests.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};

use crate::FunctionError;

/// Called with each event of the gateway.
pub(crate) type OnEvent = Arc<dyn Fn(&GatewayEvent<'_>) + Send + Sync>;

/// An event that a gateway reports. `Display` formats it as a line.
pub enum GatewayEvent<'r> {
    /// A request was answered.
    Request(&'r AnsweredRequest),
    /// The function failed.
    FunctionError(&'r FunctionError),
    /// The function could not be invoked, or its reply is invalid.
    Error(&'r dyn std::error::Error),
}

/// A request that was answered. `Display` formats it as `GET /orders  200  1.2 ms`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AnsweredRequest {
    /// Its method.
    pub method: Method,
    /// Its path, as it was sent, without the query, which may hold secrets.
    pub path: String,
    /// The status of the response.
    pub status: StatusCode,
    /// The time until the response's head was ready.
    pub duration: Duration,
}

impl fmt::Display for AnsweredRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.duration.as_secs_f64() * 1000.0;
        let (method, path, status) = (&self.method, &self.path, self.status.as_u16());
        write!(f, "{method} {path}  {status}  {milliseconds:.1} ms")
    }
}

/// What was wrong with a reply.
pub(crate) enum Fault {
    /// It is an error.
    Function(FunctionError),
    /// It is invalid.
    Invalid(Box<dyn std::error::Error + Send + Sync>),
}

impl Fault {
    pub(crate) fn event(&self) -> GatewayEvent<'_> {
        match self {
            Self::Function(error) => GatewayEvent::FunctionError(error),
            Self::Invalid(error) => GatewayEvent::Error(&**error),
        }
    }
}

impl fmt::Display for GatewayEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GatewayEvent::Request(request) => request.fmt(f),
            GatewayEvent::FunctionError(error) => write!(f, "error: {error}"),
            GatewayEvent::Error(error) => write!(f, "error: {error}"),
        }
    }
}
