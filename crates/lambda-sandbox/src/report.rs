//! What a gateway reports about its requests.

use std::fmt;
use std::sync::Arc;

use crate::FunctionError;

/// Called with each event of the gateway.
pub(crate) type OnEvent = Arc<dyn Fn(&GatewayEvent<'_>) + Send + Sync>;

/// An event that a gateway reports. `Display` formats it as a line.
pub enum GatewayEvent<'r> {
    /// A request was answered.
    Request(&'r str),
    /// The function failed.
    FunctionError(&'r FunctionError),
    /// The function could not be invoked, or its reply is invalid.
    Error(&'r dyn std::error::Error),
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
            GatewayEvent::Request(line) => f.write_str(line),
            GatewayEvent::FunctionError(error) => write!(f, "error: {error}"),
            GatewayEvent::Error(error) => write!(f, "error: {error}"),
        }
    }
}
