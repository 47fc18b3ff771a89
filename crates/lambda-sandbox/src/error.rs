//! Errors of the sandbox itself, as opposed to those of the function it runs.

use std::fmt;
use std::io;

use crate::function::FunctionError;

/// An error of the sandbox: it could not start or reach the function.
///
/// A failed *invocation*, including a crash or a timeout, is not an `Error` but a [`FunctionError`] in the
/// [`Outcome`](crate::Outcome). The one exception is the first initialisation: see [`Error::init`].
pub struct Error {
    kind: ErrorKind,
}

enum ErrorKind {
    Io { what: String, source: io::Error },
    Init { error: FunctionError, logs: Vec<String> },
    PayloadTooLarge { size: usize, limit: usize },
    Tenancy(Tenancy),
    Closed,
    Other(String),
}

/// How an invocation and the function disagree about tenants. Worded as Lambda does.
#[derive(Clone, Copy)]
pub(crate) enum Tenancy {
    Required,
    NotAccepted,
}

impl fmt::Display for Tenancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => {
                "The invoked function is enabled with tenancy configuration. \
                 Add a valid tenant ID in your request and try again."
            }
            Self::NotAccepted => {
                "The invoked function is not enabled with tenancy configuration. \
                 Remove the tenant ID from your request and try again."
            }
        })
    }
}

impl Error {
    /// The error that the function reported when its initialisation failed, or how it exited before its first poll.
    #[must_use]
    pub fn init(&self) -> Option<&FunctionError> {
        match &self.kind {
            ErrorKind::Init { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The lines that the function wrote before its initialisation failed; empty for other errors.
    #[must_use]
    pub fn logs(&self) -> &[String] {
        match &self.kind {
            ErrorKind::Init { logs, .. } => logs,
            _ => &[],
        }
    }

    /// Removes the logs, for callers that have already shown them.
    #[must_use]
    pub fn without_logs(mut self) -> Self {
        if let ErrorKind::Init { logs, .. } = &mut self.kind {
            logs.clear();
        }
        self
    }

    /// Whether the payload exceeds Lambda's limit. The function has not received it.
    #[must_use]
    pub fn is_payload_too_large(&self) -> bool {
        matches!(self.kind, ErrorKind::PayloadTooLarge { .. })
    }

    /// Whether the invocation lacks a tenant id that the function requires, or has one that it does not accept. The function
    /// has not received it.
    #[must_use]
    pub fn is_tenancy(&self) -> bool {
        matches!(self.kind, ErrorKind::Tenancy(_))
    }

    /// Whether the function was shut down before or during the invocation.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.kind, ErrorKind::Closed)
    }

    /// The error with which Lambda refuses the invocation, if the payload or the tenant id is to blame.
    #[must_use]
    pub fn refusal(&self) -> Option<FunctionError> {
        let error_type = match self.kind {
            ErrorKind::PayloadTooLarge { .. } => "RequestTooLargeException",
            ErrorKind::Tenancy(_) => "InvalidParameterValueException",
            _ => return None,
        };
        Some(FunctionError::new(error_type, self.to_string()))
    }

    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        let what = what.into();
        Self {
            kind: ErrorKind::Io { what, source },
        }
    }

    pub(crate) fn failed_init(error: FunctionError, logs: Vec<String>) -> Self {
        Self {
            kind: ErrorKind::Init { error, logs },
        }
    }

    pub(crate) fn payload_too_large(size: usize, limit: usize) -> Self {
        Self {
            kind: ErrorKind::PayloadTooLarge { size, limit },
        }
    }

    pub(crate) fn tenancy(tenancy: Tenancy) -> Self {
        Self {
            kind: ErrorKind::Tenancy(tenancy),
        }
    }

    pub(crate) fn closed() -> Self {
        Self {
            kind: ErrorKind::Closed,
        }
    }

    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Other(message.into()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Io { what, source } => write!(f, "{what}: {source}"),
            ErrorKind::Init { error, .. } => write!(f, "the function failed to initialise: {error}"),
            ErrorKind::PayloadTooLarge { size, limit } => {
                write!(f, "the payload has {size} bytes; Lambda accepts at most {limit}")
            }
            ErrorKind::Tenancy(tenancy) => tenancy.fmt(f),
            ErrorKind::Closed => f.write_str("the function has been shut down"),
            ErrorKind::Other(message) => f.write_str(message),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
