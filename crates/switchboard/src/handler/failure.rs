//! The error of a handler: why a record was not handled, and whether to retry it.

use crate::event::UNAUTHORIZED;
#[cfg(any(feature = "claim_check", feature = "envelopes"))]
use crate::event::Unreadable;
use crate::panics::Panic;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a record or an event was not handled. By default it is delivered again.
///
/// `?` converts any error into a `Failure`, including boxed errors (`Box<dyn Error + Send + Sync>`, `anyhow::Error`,
/// `eyre::Report`) and strings, so handlers rarely need to construct one. Like other catch-all error types, `Failure`
/// does not implement [`std::error::Error`], which is what makes that conversion possible.
///
/// # Example
///
/// ```
/// use anyhow::Context as _;
/// use switchboard::Failure;
///
/// fn parse(text: &str) -> anyhow::Result<u32> {
///     text.parse().context("invalid number of pieces")
/// }
///
/// fn pieces(text: &str) -> Result<u32, Failure> {
///     if text.is_empty() {
///         return Err(Failure::reject("the record is empty"));
///     }
///     Ok(parse(text)?)
/// }
///
/// let failure = pieces("x").unwrap_err();
/// assert_eq!(failure.to_string(), "invalid number of pieces: invalid digit found in string");
/// assert!(pieces("").unwrap_err().is_rejection());
/// ```
pub struct Failure {
    /// Shared, so that several records can have the same failure.
    error: Arc<dyn StdError + Send + Sync>,
    kind: FailureKind,
    name: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum FailureKind {
    Retry,
    After(Duration),
    Reject,
    /// The record is not what the handler asks for, which was seen only when the handler was to be called.
    #[cfg(any(feature = "claim_check", feature = "envelopes"))]
    Unreadable,
}

impl Failure {
    /// Wraps an error and its causes, for a retry. This is what `?` does; use it in `map_err`.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::Failure;
    ///
    /// let parsed = "x".parse::<u32>().map_err(|error| Failure::new(error).rejecting());
    /// assert!(parsed.unwrap_err().is_rejection());
    /// ```
    #[must_use]
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            error: Arc::from(error.into()),
            kind: FailureKind::Retry,
            name: None,
        }
    }

    /// A failure with a message only, for a retry. The message is logged: keep payloads and credentials out of it.
    #[must_use]
    pub fn msg(message: impl Into<String>) -> Self {
        Self::of(message.into(), FailureKind::Retry)
    }

    /// A failure with an error name of your own. If the event is delivered whole, Lambda reports the name as `errorType`, and a
    /// state machine of Step Functions can catch it. The message is the name, unless [`because`](Self::because) adds a cause.
    ///
    /// Choose names that [`Error::error_type`](crate::Error::error_type) does not use, without the prefixes `States.` and
    /// `Lambda.`, which Step Functions reserves. For a record of a batch, the name only appears in spans.
    ///
    /// Step Functions Developer Guide, “Handling errors in Step Functions workflows”.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::{Context, Failure};
    ///
    /// async fn charge(cents: u32, _cx: Context<()>) -> Result<u32, Failure> {
    ///     pay(cents).map_err(|error| Failure::named("CardDeclined").because(error))
    /// }
    ///
    /// fn pay(cents: u32) -> Result<u32, std::io::Error> {
    ///     Ok(cents)
    /// }
    ///
    /// let failure = Failure::named("CardDeclined").because("the card has expired");
    /// assert_eq!(failure.name(), Some("CardDeclined"));
    /// assert_eq!(failure.to_string(), "the card has expired");
    /// # let _ = switchboard::Router::new(()).direct(charge);
    /// ```
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Self {
            name: Some(name),
            ..Self::msg(name)
        }
    }

    /// The caller is not known at all, for authorizers: REST and WebSocket APIs answer 401. An HTTP API has no such answer of an
    /// authorizer, and neither has AppSync: there the caller is denied.
    ///
    /// API Gateway Developer Guide, “Use API Gateway Lambda authorizers”.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::named(UNAUTHORIZED)
    }

    /// The same failure with this error as its message and cause.
    #[must_use]
    pub fn because(self, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            error: Arc::from(error.into()),
            ..self
        }
    }

    /// The error name from [`Failure::named`], if there is one.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// Retry, but not before `delay` has passed, because something else is using the resource or throttles. The source
    /// decides when it delivers the record again: the delay is only logged, and available from [`Failure::delay`].
    #[must_use]
    pub fn after(delay: Duration) -> Self {
        Self::of(
            format!("not before {} ms have passed", delay.as_millis()),
            FailureKind::After(delay),
        )
    }

    /// Do not retry. The record goes to the router's dead-letter sink
    /// ([`Router::dead_letters`](crate::Router::dead_letters)) and then counts as done. If there is no sink, or the
    /// sink fails, the record is delivered again, so that it is not lost. The reason is logged: keep payloads out of
    /// it.
    #[must_use]
    pub fn reject(reason: impl Into<String>) -> Self {
        Self::of(reason.into(), FailureKind::Reject)
    }

    /// The same error, as a rejection.
    #[must_use]
    pub fn rejecting(mut self) -> Self {
        self.kind = FailureKind::Reject;
        self
    }

    /// Adds context to the error, which becomes the cause.
    pub(crate) fn within(self, what: impl Into<String>) -> Self {
        let (what, cause) = (what.into(), Arc::clone(&self.error));
        Self {
            error: Arc::new(ErrorContext { what, cause }),
            ..self
        }
    }

    /// The record is not what the handler asks for: its options say what becomes of it.
    #[cfg(any(feature = "claim_check", feature = "envelopes"))]
    pub(crate) fn unreadable(error: Unreadable) -> Self {
        Self {
            kind: FailureKind::Unreadable,
            ..Self::new(error)
        }
    }

    /// Whether the record is not what the handler asks for.
    pub(crate) fn is_unreadable(&self) -> bool {
        #[cfg(any(feature = "claim_check", feature = "envelopes"))]
        return matches!(self.kind, FailureKind::Unreadable);
        #[cfg(not(any(feature = "claim_check", feature = "envelopes")))]
        false
    }

    /// The handler, or the other call that `what` names, panicked.
    pub(crate) fn panicked(what: &str, panic: Panic) -> Self {
        let what = what.to_owned();
        Self::new(Panicked { what, panic })
    }

    /// The panic that caused it, if any.
    pub(crate) fn panic(&self) -> Option<&Panic> {
        let mut error: Option<&(dyn StdError + 'static)> = Some(&*self.error);
        while let Some(this) = error {
            if let Some(panicked) = this.downcast_ref::<Panicked>() {
                return Some(&panicked.panic);
            }
            error = this.source();
        }
        None
    }

    /// The same error, for a retry.
    pub(crate) fn retrying(mut self) -> Self {
        self.kind = FailureKind::Retry;
        self
    }

    /// A copy for another record: the same error with the same consequence.
    pub(crate) fn again(&self) -> Self {
        Self {
            error: Arc::clone(&self.error),
            kind: self.kind,
            name: self.name,
        }
    }

    /// The error that the handler returned, which can be downcast to its type. For a boxed error that is the type
    /// inside the box. `anyhow::Error` and `eyre::Report` wrap their error in a type of their own, which only shows its
    /// message and causes: look for your type in [`source`](StdError::source), or before the conversion.
    #[must_use]
    pub fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.error
    }

    /// The error type that a span records.
    pub(crate) fn error_type(&self) -> &'static str {
        match (self.name, self.is_rejection()) {
            (Some(name), _) => name,
            (None, true) => "Rejected",
            (None, false) => "HandlerFailed",
        }
    }

    /// Whether the record must not be retried.
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        matches!(self.kind, FailureKind::Reject)
    }

    /// How long to wait before the retry, if the handler said so.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        match self.kind {
            FailureKind::After(delay) => Some(delay),
            _ => None,
        }
    }

    fn of(message: String, kind: FailureKind) -> Self {
        Self {
            kind,
            ..Self::new(message)
        }
    }
}

/// From anything that converts into a boxed error: every error, boxed errors, strings.
impl<E> From<E> for Failure
where
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

/// The error and its causes, joined by `: `.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::error::Chain(&*self.error).fmt(f)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A panic as an error.
#[derive(Debug)]
struct Panicked {
    what: String,
    panic: Panic,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} panicked: {}", self.what, self.panic.message())
    }
}

impl StdError for Panicked {}

/// Context around an error.
#[derive(Debug)]
struct ErrorContext {
    what: String,
    cause: Arc<dyn StdError + Send + Sync>,
}

impl fmt::Display for ErrorContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for ErrorContext {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;
    use std::io;

    type Boxed = Box<dyn StdError + Send + Sync>;

    fn refused() -> io::Error {
        io::Error::from(io::ErrorKind::ConnectionRefused)
    }

    fn by_question_mark<E>(error: E) -> Failure
    where
        Failure: From<E>,
    {
        let fail = || -> Result<(), Failure> { Err(error)? };
        fail().unwrap_err()
    }

    fn kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
        error.downcast_ref::<io::Error>().map(io::Error::kind)
    }

    #[test]
    fn what_a_box_holds_is_found_again() {
        for failure in [
            by_question_mark(refused()),
            by_question_mark(Boxed::from(refused())),
            Failure::new(refused()),
            Failure::new(Boxed::from(refused())),
        ] {
            assert_eq!(kind(failure.error()), Some(io::ErrorKind::ConnectionRefused));
            assert_eq!(failure.to_string(), "connection refused");
        }
    }

    #[test]
    fn an_error_of_anyhow_keeps_its_chain() {
        let error = Err::<(), _>(refused())
            .context("no table")
            .context("no order")
            .unwrap_err();
        let failure = by_question_mark(error);
        assert_eq!(failure.to_string(), "no order: no table: connection refused");
        let causes = std::iter::successors(Some(failure.error() as &dyn StdError), |error| (*error).source());
        assert_eq!(
            causes.last().and_then(kind),
            Some(io::ErrorKind::ConnectionRefused)
        );
        // Without a cause around it there is a way that keeps the type.
        let bare = anyhow::Error::new(refused()).reallocate_into_boxed_dyn_error_without_backtrace();
        assert!(kind(Failure::new(bare).error()).is_some());
    }

    #[test]
    fn a_text_is_a_failure() {
        assert_eq!(by_question_mark("no order").to_string(), "no order");
        assert_eq!(by_question_mark("no order".to_owned()).to_string(), "no order");
    }

    #[test]
    fn what_is_said_around_a_failure_keeps_its_causes() {
        let failure = Failure::new(refused())
            .rejecting()
            .within("record 3 of the aggregate");
        assert_eq!(
            failure.to_string(),
            "record 3 of the aggregate: connection refused"
        );
        let again = failure.again();
        assert!(again.is_rejection());
        assert_eq!(
            again.error().source().and_then(kind),
            Some(io::ErrorKind::ConnectionRefused)
        );
    }
}
