//! What can go wrong in the sandbox itself, as opposed to in the function it runs.

use std::fmt;
use std::io;

use crate::function::FunctionError;

/// An error of the sandbox: the function could not be started or reached.
///
/// What a *function* answers, a crash and a timeout included, is no error here but a [`FunctionError`] in the
/// [`Outcome`](crate::Outcome). The one exception is the first initialisation: see [`Error::init`].
pub struct Error {
    kind: Kind,
}

enum Kind {
    Io { what: String, source: io::Error },
    Init { error: FunctionError, logs: Vec<String> },
    PayloadTooLarge { size: usize, limit: usize },
    Closed,
    Other(String),
}

impl Error {
    /// What the function answered when it failed to initialise, or how it ended before its first poll.
    #[must_use]
    pub fn init(&self) -> Option<&FunctionError> {
        match &self.kind {
            Kind::Init { error, .. } => Some(error),
            _ => None,
        }
    }

    /// What the function wrote before it failed to initialise, a line each; empty for other errors.
    #[must_use]
    pub fn logs(&self) -> &[String] {
        match &self.kind {
            Kind::Init { logs, .. } => logs,
            _ => &[],
        }
    }

    /// The same error without what the function wrote, for who has shown it.
    #[must_use]
    pub fn without_logs(mut self) -> Self {
        if let Kind::Init { logs, .. } = &mut self.kind {
            logs.clear();
        }
        self
    }

    /// Whether the payload is over the size Lambda accepts; the function has not seen it.
    #[must_use]
    pub fn is_payload_too_large(&self) -> bool {
        matches!(self.kind, Kind::PayloadTooLarge { .. })
    }

    /// Whether the function was shut down before or during the invocation.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.kind, Kind::Closed)
    }

    /// The error a caller of Lambda would have been refused with, if the payload is at fault.
    #[must_use]
    pub fn refusal(&self) -> Option<FunctionError> {
        let refusal = || FunctionError::new("RequestTooLargeException", self.to_string());
        self.is_payload_too_large().then(refusal)
    }

    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        let what = what.into();
        Self {
            kind: Kind::Io { what, source },
        }
    }

    pub(crate) fn failed_init(error: FunctionError, logs: Vec<String>) -> Self {
        Self {
            kind: Kind::Init { error, logs },
        }
    }

    pub(crate) fn payload_too_large(size: usize, limit: usize) -> Self {
        Self {
            kind: Kind::PayloadTooLarge { size, limit },
        }
    }

    pub(crate) fn closed() -> Self {
        Self { kind: Kind::Closed }
    }

    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Other(message.into()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Io { what, source } => write!(f, "{what}: {source}"),
            Kind::Init { error, .. } => write!(f, "the function failed to initialise: {error}"),
            Kind::PayloadTooLarge { size, limit } => {
                write!(f, "the payload has {size} bytes, Lambda accepts at most {limit}")
            }
            Kind::Closed => f.write_str("the function has been shut down"),
            Kind::Other(message) => f.write_str(message),
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
            Kind::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
