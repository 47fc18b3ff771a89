//! What the commands print: results on the standard output, everything else on the standard error. Colour only where
//! a terminal shows it, or where `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` want it.

use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::render;
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

/// A line of the function's log, made readable, on the standard error.
pub(super) fn log(text: &str) {
    let bar = format!("{DIM}  |{DIM:#} ");
    let shown = render::line(text).replace('\n', &format!("\n{bar}"));
    note(&format!("{bar}{shown}"));
}

/// What the function writes as it is, on the standard output.
pub(super) fn raw_line(bytes: &[u8]) {
    as_it_is(io::stdout().lock(), bytes);
}

/// What the function writes as it is, on the standard error.
pub(super) fn raw_note(bytes: &[u8]) {
    as_it_is(io::stderr().lock(), bytes);
}

fn as_it_is(mut to: impl Write, bytes: &[u8]) {
    // Pieces end anywhere; whoever reads should not wait for the next.
    let _ = to.write_all(bytes).and_then(|()| to.flush());
}

/// What the command could not do, with the function's log where that explains it.
pub(super) fn error(error: &Error) {
    note(&format!(
        "{BAD}error{BAD:#}: {}",
        render::harmless(&error.to_string())
    ));
    for text in error.sandbox().map_or(&[][..], lambda_sandbox::Error::logs) {
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

/// Output format results.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum OutputFormat {
    /// Human-readable text
    Text,
    /// One JSON object per line
    Json,
}
