//! What the commands print: results on the standard output, everything else on the standard error. Colour only where
//! a terminal shows it.

use std::io::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use crate::Error;

pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// A line on the standard output. Whether the reader is still there is not this command's concern.
pub(super) fn line(text: &str) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// A line on the standard error.
pub(super) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// A line of the function's log, on the standard error.
pub(super) fn log(text: &str) {
    note(&format!("{DIM}  | {text}{DIM:#}"));
}

/// What the command could not do, with the function's log where that explains it.
pub(super) fn error(error: &Error) {
    note(&format!("{BAD}error{BAD:#}: {error}"));
    for text in error.logs() {
        log(text);
    }
}

/// A duration as people read it.
pub(super) fn readable(duration: Duration) -> String {
    match duration.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds => format!("{:.1} ms", seconds * 1000.0),
    }
}
