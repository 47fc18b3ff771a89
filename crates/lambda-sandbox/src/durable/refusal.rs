//! Why the service refuses a request.

use std::fmt;

use http::StatusCode;

/// A refused request, by the errors of AWS's model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum DurableRefusal {
    /// `InvalidParameterValueException`.
    Invalid(String),
    /// The same: the token of a checkpoint is not the current one.
    StaleToken(&'static str),
    /// `ResourceNotFoundException`.
    NotFound(String),
    /// `CallbackTimeoutException`.
    CallbackTimeout,
    /// `DurableExecutionAlreadyStartedException`.
    AlreadyStarted(String),
    /// `TooManyRequestsException`.
    TooMany(String),
}

impl DurableRefusal {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }

    /// Its status and its name in AWS's model.
    pub(crate) fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Invalid(_) | Self::StaleToken(_) => {
                (StatusCode::BAD_REQUEST, "InvalidParameterValueException")
            }
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "ResourceNotFoundException"),
            Self::CallbackTimeout => (StatusCode::BAD_REQUEST, "CallbackTimeoutException"),
            Self::AlreadyStarted(_) => (StatusCode::CONFLICT, "DurableExecutionAlreadyStartedException"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
        }
    }

    pub(super) fn no_execution() -> Self {
        Self::NotFound(
            "there is no such durable execution; `ListDurableExecutionsByFunction` has all that there are"
                .to_owned(),
        )
    }
}

impl fmt::Display for DurableRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) | Self::NotFound(text) | Self::AlreadyStarted(text) | Self::TooMany(text) => {
                f.write_str(text)
            }
            Self::StaleToken(why) => f.write_str(why),
            Self::CallbackTimeout => f.write_str("the callback has timed out"),
        }
    }
}
