//! Errors of this program itself, as opposed to those of the function it runs.

use std::fmt;
use std::io;

/// An error of this program: it could not build, start or reach the function, or could not read a file.
///
/// A failed *invocation*, including a crash or a timeout, is not an `Error` but a
/// [`FunctionError`](lambda_sandbox::FunctionError) in the [`Outcome`](lambda_sandbox::Outcome).
pub struct Error {
    kind: ErrorKind,
}

enum ErrorKind {
    Sandbox(lambda_sandbox::Error),
    Io { what: String, source: io::Error },
    Build(String),
    Other(String),
}

impl Error {
    /// The sandbox's error, if it is one.
    pub(crate) fn sandbox(&self) -> Option<&lambda_sandbox::Error> {
        match &self.kind {
            ErrorKind::Sandbox(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the function failed to initialise: that is a failure of the function.
    pub(crate) fn failed_init(&self) -> bool {
        self.sandbox().is_some_and(|error| error.init().is_some())
    }

    /// Whether another version of the function's sources may mend it.
    pub(crate) fn is_of_the_sources(&self) -> bool {
        matches!(self.kind, ErrorKind::Build(_)) || self.failed_init()
    }

    /// The function's sources cannot be built.
    pub(crate) fn build(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Build(message.into()),
        }
    }

    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        let what = what.into();
        Self {
            kind: ErrorKind::Io { what, source },
        }
    }

    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Other(message.into()),
        }
    }
}

impl From<lambda_sandbox::Error> for Error {
    fn from(error: lambda_sandbox::Error) -> Self {
        Self {
            kind: ErrorKind::Sandbox(error),
        }
    }
}

#[cfg(feature = "aws")]
impl From<switchboard_aws::Failure> for Error {
    fn from(failure: switchboard_aws::Failure) -> Self {
        Self::other(failure.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Sandbox(error) => error.fmt(f),
            ErrorKind::Io { what, source } => write!(f, "{what}: {source}"),
            ErrorKind::Build(message) | ErrorKind::Other(message) => f.write_str(message),
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
            ErrorKind::Sandbox(error) => error.source(),
            ErrorKind::Io { source, .. } => Some(source),
            ErrorKind::Build(_) | ErrorKind::Other(_) => None,
        }
    }
}
