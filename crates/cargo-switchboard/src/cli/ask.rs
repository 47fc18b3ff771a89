//! Asks the person at the terminal.

use std::io::{self, IsTerminal as _, Write as _};

use crate::Error;

/// Whether there is somebody to ask.
pub(super) fn may_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question whose answer is yes or no; no is the default.
///
/// # Errors
/// If the terminal cannot be read or written.
pub(super) fn agreed(question: &str) -> Result<bool, Error> {
    let failed = |e| Error::io("cannot ask", e);
    let mut terminal = anstream::stderr();
    write!(terminal, "{question} [y/N] ")
        .and_then(|()| terminal.flush())
        .map_err(failed)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(failed)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
