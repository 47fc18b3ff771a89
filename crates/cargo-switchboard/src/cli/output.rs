//! Prints results to stdout and everything else to stderr. Colours are used on terminals, or as `NO_COLOR`, `CLICOLOR` and
//! `CLICOLOR_FORCE` say.

use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::render;
use crate::Error;

/// How long a person waits without asking why.
const MOMENT: Duration = Duration::from_secs(1);

/// How an escape sequence begins.
const ESCAPE: char = '\u{1b}';

pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Prints a line to stdout. Ignores a closed pipe.
pub(super) fn line(text: &str) {
    let _ = match AutoStream::choice(&io::stdout()) {
        ColorChoice::Never => writeln!(io::stdout(), "{}", without_colours(text)),
        _ => writeln!(anstream::stdout(), "{text}"),
    };
}

/// The text without the sequences that colour it, which are looked for as a whole: a report may be long.
fn without_colours(text: &str) -> Cow<'_, str> {
    let Some((start, styled)) = text.split_once(ESCAPE) else {
        return Cow::Borrowed(text);
    };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(start);
    for part in styled.split(ESCAPE) {
        match part.split_once('m').filter(|(style, _)| is_style(style)) {
            Some((_, rest)) => plain.push_str(rest),
            // Another sequence, such as the title of a window.
            None => plain.extend(strip_str(&format!("{ESCAPE}{part}"))),
        }
    }
    Cow::Owned(plain)
}

/// Whether this is what stands between the start of a sequence that sets a style and its end, such as `[1;31`.
fn is_style(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b';');
    text.strip_prefix('[').is_some_and(digits)
}

/// Prints a line to stderr.
pub(super) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Prints a line of the function's log to stderr in readable form.
pub(super) fn log(text: &str) {
    log_of("", text);
}

/// Prints a line of the log of this execution environment.
pub(super) fn log_of(environment: &str, text: &str) {
    let bar = format!("{DIM}{environment:>2}|{DIM:#} ");
    let shown = render::line(text).replace('\n', &format!("\n{bar}"));
    note(&format!("{bar}{shown}"));
}

/// Prints the function's output to stdout unchanged.
pub(super) fn raw_line(bytes: &[u8]) {
    as_it_is(io::stdout().lock(), bytes);
}

/// Prints the function's output to stderr unchanged.
pub(super) fn raw_note(bytes: &[u8]) {
    as_it_is(io::stderr().lock(), bytes);
}

fn as_it_is(mut to: impl Write, bytes: &[u8]) {
    // Pieces may end anywhere. Flush, so that readers need not wait for the next one.
    let _ = to.write_all(bytes).and_then(|()| to.flush());
}

/// Waits for `work`, and says so if that takes longer than a moment. Says nothing if `what` is empty.
pub(super) async fn waiting<T>(what: &str, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    match tokio::time::timeout(MOMENT, &mut work).await {
        Ok(done) => done,
        Err(_) if what.is_empty() => work.await,
        Err(_) => {
            note(&format!("{DIM}{what} …{DIM:#}"));
            work.await
        }
    }
}

/// Prints an error, with the function's log if that explains it.
pub(super) fn error(error: &Error) {
    note(&format!(
        "{BAD}error{BAD:#}: {}",
        render::harmless(&error.to_string())
    ));
    for text in error.sandbox().map_or(&[][..], lambda_sandbox::Error::logs) {
        log(text);
    }
}

/// A duration for display.
pub(super) fn readable(duration: Duration) -> String {
    match duration.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds => format!("{:.1} ms", seconds * 1000.0),
    }
}

/// How to print results.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum OutputFormat {
    /// Human-readable text
    Text,
    /// One JSON object per line
    Json,
}

/// How to show the output of a function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Show {
    /// Readable, with summaries.
    Text,
    /// Unchanged, on a stream that is reserved for it.
    Raw,
    /// In objects, on stdout.
    Json,
}

impl Show {
    pub(super) fn of(raw: bool, format: OutputFormat) -> Self {
        match format {
            _ if raw => Self::Raw,
            OutputFormat::Text => Self::Text,
            OutputFormat::Json => Self::Json,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_colours_has_its_lines_as_they_were() {
        let styled = format!("a: {BAD}error{BAD:#} x\nb\n  {DIM}why{DIM:#}   c\n\nd");
        assert_eq!(without_colours(&styled), "a: error x\nb\n  why   c\n\nd");
        assert_eq!(without_colours("\u{1b}[1;31mm\u{1b}[0m\u{1b}[2Kx\u{1b}"), "mx");
        assert!(matches!(without_colours("a\nb"), Cow::Borrowed("a\nb")));
    }
}
