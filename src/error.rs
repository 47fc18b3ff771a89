//! The library's error.

use std::error::Error as StdError;
use std::fmt;

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
