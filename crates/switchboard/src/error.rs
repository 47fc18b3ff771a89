//! The library's error: why start-up or a whole invocation failed.

use crate::source::Source;
use lambda_runtime::Diagnostic;
use std::any::Any;
use std::error::Error as StdError;
use std::fmt;

/// Why start-up or an invocation failed.
///
/// `Display` and `Debug` both show the whole message with its causes, because Lambda and `main` print the latter. It
/// never includes payloads or credentials. [`Error::error_type`] is a stable constant for alarms and tests.
pub struct Error {
    kind: Box<ErrorKind>,
}

/// The type of the error after which Lambda should invoke the function again for the same execution.
const INTERRUPTED: &str = "ExecutionInterrupted";

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
        /// How many handlers of its source have a condition that the event does not meet.
        unmet: usize,
    },
    Failed {
        source: Source,
        /// The first failures.
        failures: Vec<String>,
        count: usize,
        of: usize,
        /// The error name that the handler chose.
        name: Option<&'static str>,
    },
    InvalidRoute {
        source: Source,
        handler: String,
        problem: String,
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
    /// A configuration variable has an invalid value. The message has the variable, its value (`None`: not set) and
    /// what is allowed. Pass `None` as the value of a secret.
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

    /// Start-up failed for another reason than configuration: a client could not be created, say.
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

    /// A handler can never get an event, or its condition does not apply to its source.
    pub(crate) fn invalid_route(source: Source, handler: &str, problem: impl Into<String>) -> Self {
        ErrorKind::InvalidRoute {
            source,
            handler: handler.to_owned(),
            problem: problem.into(),
        }
        .into()
    }

    pub(crate) fn unrouted(detected: impl fmt::Display, routed: Vec<Source>, unmet: usize) -> Self {
        ErrorKind::Unrouted {
            detected: detected.to_string(),
            routed,
            unmet,
        }
        .into()
    }

    /// `count` of `of` records of a batch failed; `failures` has the messages of the first ones.
    pub(crate) fn failed(source: Source, failures: Vec<String>, count: usize, of: usize) -> Self {
        ErrorKind::Failed {
            source,
            failures,
            count,
            of,
            name: None,
        }
        .into()
    }

    /// An event that is delivered whole failed.
    pub(crate) fn failed_whole(source: Source, name: Option<&'static str>, failure: String) -> Self {
        ErrorKind::Failed {
            source,
            failures: vec![failure],
            count: 1,
            of: 1,
            name,
        }
        .into()
    }

    /// The error that ended the polling. An [`Error`] is returned unchanged.
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

    /// Lambda refused a reply of this many bytes.
    pub(crate) fn reply_too_large(size: usize) -> Self {
        ErrorKind::Other {
            error_type: "ReplyTooLarge",
            error: format!("the reply has {size} bytes, which is more than Lambda returns: return less, stream it, or store it in S3 and return a reference").into(),
        }
        .into()
    }

    /// The envelope of a durable execution cannot be opened.
    pub(crate) fn envelope(problem: String) -> Self {
        ErrorKind::Other {
            error_type: "InvalidEnvelope",
            error: problem.into(),
        }
        .into()
    }

    /// The event that started a durable execution is not in its envelope.
    pub(crate) fn displaced_input() -> Self {
        ErrorKind::Other {
            error_type: "DisplacedInput",
            error: "the event that started the durable execution did not fit into its envelope, where only the marker of its \
                    page is (InitialExecutionState.NextMarker), and the router has no client that could ask Lambda for it: register \
                    one with `Router::execution_client`, or store the event in S3 and send a reference"
                .into(),
        }
        .into()
    }

    /// A durable handler has no execution.
    #[cfg(feature = "durable")]
    pub(crate) fn not_durable(source: Source, handler: &str) -> Self {
        ErrorKind::Other {
            error_type: "NotDurable",
            error: format!(
                "{handler} is a durable handler, but this event of {source} did not come in the envelope of a durable execution: \
                 give the function a `DurableConfig`, let its trigger name a version or an alias, and do not put the event into \
                 another one"
            )
            .into(),
        }
        .into()
    }

    /// An operation of the SDK failed that the library itself has begun.
    #[cfg(feature = "durable")]
    pub(crate) fn durable_operation(why: String) -> Self {
        ErrorKind::Other {
            error_type: "DurableOperationFailed",
            error: why.into(),
        }
        .into()
    }

    /// This invocation cannot go on, and another one may.
    #[cfg(feature = "durable")]
    pub(crate) fn interrupted(why: &(dyn StdError + 'static)) -> Self {
        ErrorKind::Other {
            error_type: INTERRUPTED,
            error: Chain(why).to_string().into(),
        }
        .into()
    }

    /// Whether Lambda should invoke the function again for the same execution.
    pub(crate) fn is_interruption(&self) -> bool {
        matches!(*self.kind, ErrorKind::Other { error_type, .. } if error_type == INTERRUPTED)
    }

    /// Lambda could not be asked about a durable execution.
    pub(crate) fn execution_client(call: &'static str, error: &(dyn StdError + 'static)) -> Self {
        ErrorKind::Other {
            error_type: "ExecutionClientFailed",
            error: format!("{call} failed: {}", Chain(error)).into(),
        }
        .into()
    }

    /// The answer of a durable execution has this many bytes in its envelope.
    pub(crate) fn result_too_large(size: usize) -> Self {
        ErrorKind::Other {
            error_type: "ReplyTooLarge",
            error: format!(
                "the reply has {size} bytes in the envelope of a durable execution, which is more than Lambda returns: return \
                 less, or store it in S3 and return a reference"
            )
            .into(),
        }
        .into()
    }

    /// A streamed response ended too early, which has been logged.
    pub(crate) fn stream_failed(name: Option<&'static str>, why: String) -> Self {
        ErrorKind::Other {
            error_type: name.unwrap_or("StreamFailed"),
            error: why.into(),
        }
        .into()
    }

    /// An invocation panicked outside any record or request.
    pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Self {
        ErrorKind::Panicked {
            message: crate::panics::panic_message(panic).to_owned(),
        }
        .into()
    }

    pub(crate) fn invalid_reply(source: Source, problem: String) -> Self {
        ErrorKind::InvalidReply { source, problem }.into()
    }

    /// What Lambda reports as `errorType`: one of `InvalidConfiguration`, `DuplicateRoute`, `InvalidRoute`, `SetupFailed`,
    /// `UnroutedEvent`, `HandlerFailed`, `Panicked`, `TimedOut`, `Stopped`, `InvalidReply`, `ReplyFailed`, `ReplyTooLarge`, `InvalidEnvelope`, `DisplacedInput`, `ExecutionClientFailed`,
    /// `NotDurable`, `DurableOperationFailed`, `ExecutionInterrupted`, `StreamFailed`,
    /// `HookFailed`, `RuntimeFailed`, or a name that a handler chose ([`Failure::named`](crate::Failure::named)).
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match &*self.kind {
            ErrorKind::Configuration { .. } => "InvalidConfiguration",
            ErrorKind::DuplicateRoute { .. } => "DuplicateRoute",
            ErrorKind::Unrouted { .. } => "UnroutedEvent",
            ErrorKind::Failed { name: Some(name), .. } => name,
            ErrorKind::Failed { name: None, .. } => "HandlerFailed",
            ErrorKind::InvalidRoute { .. } => "InvalidRoute",
            ErrorKind::InvalidReply { .. } => "InvalidReply",
            ErrorKind::Hook { .. } => "HookFailed",
            ErrorKind::TimedOut => "TimedOut",
            ErrorKind::Panicked { .. } => "Panicked",
            #[cfg(feature = "graceful-shutdown")]
            ErrorKind::Stopped => "Stopped",
            ErrorKind::Other { error_type, .. } => error_type,
        }
    }

    /// The error name that a handler chose.
    #[cfg(feature = "schemars")]
    pub(crate) fn name(&self) -> Option<&'static str> {
        match *self.kind {
            ErrorKind::Failed { name, .. } => name,
            _ => None,
        }
    }

    /// Whether the error has been logged already: each failed record, the rejected reply and the panic have lines of
    /// their own.
    pub(crate) fn is_logged(&self) -> bool {
        matches!(
            *self.kind,
            ErrorKind::Failed { .. } | ErrorKind::InvalidReply { .. } | ErrorKind::Panicked { .. }
        )
    }

    /// No handler is registered for the payload's source, or the source could not be identified.
    #[must_use]
    pub fn is_unrouted(&self) -> bool {
        matches!(*self.kind, ErrorKind::Unrouted { .. })
    }

    /// A configuration variable has an invalid value.
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
            ErrorKind::InvalidRoute {
                source,
                handler,
                problem,
            } => {
                write!(f, "the handler {handler} of {source} {problem}")
            }
            ErrorKind::Unrouted { detected, unmet, .. } if *unmet > 0 => write!(
                f,
                "no handler for {detected}; it meets the condition of none of the {unmet} handlers of its source: take the \
                 rest by another one after them, with `.otherwise()`"
            ),
            ErrorKind::Unrouted { detected, routed, .. } => {
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
            } if failures.len() == 1 => match source.waits() {
                // Its caller reads this.
                true => f.write_str(&failures[0]),
                false => write!(f, "{source}: {}", failures[0]),
            },
            ErrorKind::Failed {
                source,
                failures,
                count,
                of,
                ..
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
                Chain(&**error).fmt(f)
            }
            ErrorKind::TimedOut => f.write_str("the invocation ran out of time: its handler was dropped"),
            ErrorKind::Panicked { message } => write!(f, "the invocation panicked: {message}"),
            #[cfg(feature = "graceful-shutdown")]
            ErrorKind::Stopped => f.write_str("the process was stopped before the invocation ended"),
            ErrorKind::Other { error, .. } => Chain(&**error).fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {}

/// What is reported to Lambda for a failed invocation.
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

/// An error and its causes, joined by `: `.
pub(crate) struct Chain<'e>(pub(crate) &'e (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
