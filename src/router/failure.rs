//! What a handler says of a record it could not finish.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// Why a record, or an event, was not handled, and what is to become of it: by default it is delivered again.
///
/// Every error converts by `?`; so handlers seldom name this type. As with other catch-all error types,
/// `Failure` is not itself a [`std::error::Error`], which is what makes that conversion possible.
///
/// # Example
///
/// ```
/// use switchboard::Failure;
///
/// fn parse(text: &str) -> Result<u32, Failure> {
///     if text.is_empty() {
///         return Err(Failure::reject("the record is empty"));
///     }
///     Ok(text.parse::<u32>()?)
/// }
///
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// assert!(parse("").unwrap_err().is_rejection());
/// ```
pub struct Failure {
    error: Box<dyn StdError + Send + Sync>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Retry,
    After(Duration),
    Reject,
}

impl Failure {
    /// A failure that carries no error but a message: try again. Keep payloads and credentials out of it: it is
    /// logged.
    #[must_use]
    pub fn msg(message: impl Into<String>) -> Self {
        Self::of(message.into(), Kind::Retry)
    }

    /// Try again, but not before `delay` has passed: something else is at it, or throttles. When the record comes
    /// again is the source's decision; the delay is logged, and for whoever looks at [`Failure::delay`].
    #[must_use]
    pub fn after(delay: Duration) -> Self {
        Self::of(
            format!("not before {} ms have passed", delay.as_millis()),
            Kind::After(delay),
        )
    }

    /// Never try again: the record goes to the dead-letter sink of the router
    /// ([`Router::dead_letters`](crate::Router::dead_letters)), then counts as done. Without a sink, or if it fails,
    /// the record is delivered again, because nothing may be lost. The reason is logged: keep payloads out of it.
    #[must_use]
    pub fn reject(reason: impl Into<String>) -> Self {
        Self::of(reason.into(), Kind::Reject)
    }

    /// The same error, as a rejection.
    #[must_use]
    pub fn rejecting(mut self) -> Self {
        self.kind = Kind::Reject;
        self
    }

    /// The same failure, saying where.
    #[cfg(feature = "envelopes")]
    pub(crate) fn within(self, what: &str) -> Self {
        Self::of(format!("{what}: {self}"), self.kind)
    }

    /// The same once more, for another record: its message and what is to become of it.
    pub(crate) fn again(&self) -> Self {
        Self::of(self.to_string(), self.kind)
    }

    /// The error the handler returned.
    #[must_use]
    pub fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.error
    }

    /// Whether the record is never to be tried again.
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        matches!(self.kind, Kind::Reject)
    }

    /// How long to wait before trying again, if the handler said so.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        match self.kind {
            Kind::After(delay) => Some(delay),
            _ => None,
        }
    }

    fn of(message: String, kind: Kind) -> Self {
        Self {
            error: message.into(),
            kind,
        }
    }
}

impl<E> From<E> for Failure
where
    E: StdError + Send + Sync + 'static,
{
    fn from(error: E) -> Self {
        Self {
            error: Box::new(error),
            kind: Kind::Retry,
        }
    }
}

/// The error and its causes, joined by `: `.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::error::write_chain(f, &*self.error)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
