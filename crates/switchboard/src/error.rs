//! The library's error: what went wrong with a start-up or an invocation as a whole.

use crate::source::Source;
use lambda_runtime::Diagnostic;
use std::any::Any;
use std::error::Error as StdError;
use std::fmt;

/// Why start-up or an invocation failed.
///
/// `Display` and `Debug` both give the whole message, causes included, because Lambda and `main` print the latter.
/// Payloads and credentials are never part of it. [`Error::error_type`] is a stable constant for alarms and tests.
pub struct Error {
    kind: Box<ErrorKind>,
}

enum ErrorKind {
    Configuration {
        variable: &'static str,
        value: Option<String>,
        allowed: String,
    },
    DuplicateRoute {
        source: Source,
    },
    Unrouted {
        detected: String,
        routed: Vec<Source>,
    },
    Failed {
        source: Source,
        /// The first of them.
        failures: Vec<String>,
        count: usize,
        of: usize,
    },
    InvalidReply {
        source: Source,
        problem: String,
    },
    Hook {
        hook: &'static str,
        error: Box<dyn StdError + Send + Sync>,
    },
    TimedOut,
    Panicked {
        message: String,
    },
    #[cfg(feature = "graceful-shutdown")]
    Stopped,
    Other {
        error_type: &'static str,
        error: Box<dyn StdError + Send + Sync>,
    },
}

impl Error {
    /// A configuration variable holds what it may not: names the variable, the value (`None`: not set) and what
    /// is allowed. Pass no value for a secret.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::Error;
    ///
    /// let error = Error::configuration("TABLE_TTL", Some("x".to_owned()), "a whole number of days");
    /// assert_eq!(error.to_string(), "TABLE_TTL is \"x\", but must be a whole number of days");
    /// assert_eq!(error.error_type(), "InvalidConfiguration");
    /// ```
    #[must_use]
    pub fn configuration(variable: &'static str, value: Option<String>, allowed: impl Into<String>) -> Self {
        ErrorKind::Configuration {
            variable,
            value,
            allowed: allowed.into(),
        }
        .into()
    }

    /// Start-up failed for another reason than configuration: a client that could not be made, say.
    #[must_use]
    pub fn setup(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        ErrorKind::Other {
            error_type: "SetupFailed",
            error: error.into(),
        }
        .into()
    }

    pub(crate) fn duplicate_route(source: Source) -> Self {
        ErrorKind::DuplicateRoute { source }.into()
    }

    pub(crate) fn unrouted(detected: impl fmt::Display, routed: Vec<Source>) -> Self {
        ErrorKind::Unrouted {
            detected: detected.to_string(),
            routed,
        }
        .into()
    }

    /// So many records of a batch failed; what the first of them failed by.
    pub(crate) fn failed(source: Source, failures: Vec<String>, count: usize, of: usize) -> Self {
        ErrorKind::Failed {
            source,
            failures,
            count,
            of,
        }
        .into()
    }

    /// What ended the polling: an error of this type stays what it is.
    pub(crate) fn runtime(error: Box<dyn StdError + Send + Sync>) -> Self {
        let other = |error| ErrorKind::Other {
            error_type: "RuntimeFailed",
            error,
        };
        error
            .downcast::<Self>()
            .map_or_else(|error| other(error).into(), |error| *error)
    }

    /// A hook of the application failed.
    pub(crate) fn hook(hook: &'static str, error: Box<dyn StdError + Send + Sync>) -> Self {
        ErrorKind::Hook { hook, error }.into()
    }

    pub(crate) fn timed_out() -> Self {
        ErrorKind::TimedOut.into()
    }

    #[cfg(feature = "graceful-shutdown")]
    pub(crate) fn stopped() -> Self {
        ErrorKind::Stopped.into()
    }

    pub(crate) fn reply(error: serde_json::Error) -> Self {
        ErrorKind::Other {
            error_type: "ReplyFailed",
            error: error.into(),
        }
        .into()
    }

    /// Lambda did not take a reply of this many bytes.
    pub(crate) fn reply_too_large(size: usize) -> Self {
        ErrorKind::Other {
            error_type: "ReplyTooLarge",
            error: format!("the reply has {size} bytes, which is more than Lambda returns").into(),
        }
        .into()
    }

    /// An invocation panicked where no record and no request was at fault.
    pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Self {
        ErrorKind::Panicked {
            message: crate::panics::panic_message(panic).to_owned(),
        }
        .into()
    }

    pub(crate) fn invalid_reply(source: Source, problem: String) -> Self {
        ErrorKind::InvalidReply { source, problem }.into()
    }

    /// What Lambda reports as `errorType`: one of `InvalidConfiguration`, `DuplicateRoute`, `SetupFailed`,
    /// `UnroutedEvent`, `HandlerFailed`, `Panicked`, `TimedOut`, `Stopped`, `InvalidReply`, `ReplyFailed`, `ReplyTooLarge`,
    /// `HookFailed`, `RuntimeFailed`.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match &*self.kind {
            ErrorKind::Configuration { .. } => "InvalidConfiguration",
            ErrorKind::DuplicateRoute { .. } => "DuplicateRoute",
            ErrorKind::Unrouted { .. } => "UnroutedEvent",
            ErrorKind::Failed { .. } => "HandlerFailed",
            ErrorKind::InvalidReply { .. } => "InvalidReply",
            ErrorKind::Hook { .. } => "HookFailed",
            ErrorKind::TimedOut => "TimedOut",
            ErrorKind::Panicked { .. } => "Panicked",
            #[cfg(feature = "graceful-shutdown")]
            ErrorKind::Stopped => "Stopped",
            ErrorKind::Other { error_type, .. } => error_type,
        }
    }

    /// Whether it has its lines in the log already: one of each record that failed, of the reply that was checked, of the
    /// panic.
    pub(crate) fn is_told(&self) -> bool {
        matches!(
            *self.kind,
            ErrorKind::Failed { .. } | ErrorKind::InvalidReply { .. } | ErrorKind::Panicked { .. }
        )
    }

    /// No handler is registered for the payload's source, or its source cannot be told.
    #[must_use]
    pub fn is_unrouted(&self) -> bool {
        matches!(*self.kind, ErrorKind::Unrouted { .. })
    }

    /// A configuration variable holds what it may not.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(*self.kind, ErrorKind::Configuration { .. })
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind: Box::new(kind) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.kind {
            ErrorKind::Configuration {
                variable,
                value: Some(value),
                allowed,
            } => {
                write!(f, "{variable} is {value:?}, but must be {allowed}")
            }
            ErrorKind::Configuration {
                variable,
                value: None,
                allowed,
            } => {
                write!(f, "{variable} is not set, but must be {allowed}")
            }
            ErrorKind::DuplicateRoute { source } => {
                write!(f, "two handlers are registered for {source}: keep one of them")
            }
            ErrorKind::Unrouted { detected, routed } => {
                write!(
                    f,
                    "no handler for {detected}; handlers are registered for {}",
                    list(routed)
                )
            }
            ErrorKind::Failed {
                source,
                failures,
                of: 1,
                ..
            } if failures.len() == 1 => {
                write!(f, "{source}: {}", failures[0])
            }
            ErrorKind::Failed {
                source,
                failures,
                count,
                of,
            } => {
                write!(
                    f,
                    "{source}: {count} of {of} records failed: {}",
                    failures.join("; ")
                )?;
                match count - failures.len().min(*count) {
                    0 => Ok(()),
                    more => write!(f, "; and {more} more"),
                }
            }
            ErrorKind::InvalidReply { source, problem } => {
                write!(f, "{source}: the reply breaks its source's contract: {problem}")
            }
            ErrorKind::Hook { hook, error } => {
                write!(f, "the hook {hook} failed: ")?;
                write_chain(f, &**error)
            }
            ErrorKind::TimedOut => f.write_str("the invocation's time is over: its handler was dropped"),
            ErrorKind::Panicked { message } => write!(f, "the invocation panicked: {message}"),
            #[cfg(feature = "graceful-shutdown")]
            ErrorKind::Stopped => f.write_str("the process is stopped before the invocation has ended"),
            ErrorKind::Other { error, .. } => write_chain(f, &**error),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {}

/// What Lambda is told of a failed invocation.
impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        Diagnostic {
            error_type: error.error_type().to_owned(),
            error_message: error.to_string(),
        }
    }
}

fn list(sources: &[Source]) -> String {
    if sources.is_empty() {
        return "no source".to_owned();
    }
    sources
        .iter()
        .map(|source| source.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Writes an error and its causes, joined by `: `.
pub(crate) fn write_chain(f: &mut fmt::Formatter<'_>, error: &(dyn StdError + 'static)) -> fmt::Result {
    write!(f, "{error}")?;
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(f, ": {error}")?;
        cause = error.source();
    }
    Ok(())
}
