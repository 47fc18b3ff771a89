//! What a handler says of a record it could not finish.

use std::error::Error as StdError;
use std::fmt;

/// A record, or an event, that could not be handled and is to be tried again.
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
///         return Err(Failure::msg("the record is empty"));
///     }
///     Ok(text.parse::<u32>()?)
/// }
///
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub struct Failure {
    error: Box<dyn StdError + Send + Sync>,
}

impl Failure {
    /// A failure that carries no error but a message. Keep payloads and credentials out of it: it is logged.
    #[must_use]
    pub fn msg(message: impl Into<String>) -> Self {
        Self {
            error: message.into().into(),
        }
    }

    /// The error the handler returned.
    #[must_use]
    pub fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.error
    }
}

impl<E> From<E> for Failure
where
    E: StdError + Send + Sync + 'static,
{
    fn from(error: E) -> Self {
        Self {
            error: Box::new(error),
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
