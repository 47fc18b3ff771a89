//! `cargo switchboard simulate`: plays an event source against a function.

use std::io::{IsTerminal as _, Write as _, stderr};

use super::args::Format;
use super::main::Ended;
use super::output::{self, BAD, GOOD};
use super::setup::Setup;
use super::signals::Stop;
use super::simulation::Simulate;
use crate::Error;
use crate::simulate::Report;

pub(super) async fn simulate(args: Simulate) -> Result<Ended, Error> {
    let mut simulation = args.simulation();
    simulation.check()?;
    let setup = Setup::new(&args.function())?;
    let mut stop = Stop::new()?;
    let shows_progress = stderr().is_terminal() && !args.logs;
    if shows_progress {
        let records = args.records();
        simulation = simulation.on_progress(move |done| counter(&format!("{done} of {records}")));
    }
    let mut builder = setup.builder();
    for argument in args.arguments() {
        builder = builder.arg(argument);
    }
    if args.logs {
        builder = builder.on_log(output::log);
    }
    let report = tokio::select! {
        report = simulation.run(builder) => report,
        () = stop.asked() => return Ok(Ended::Failed),
    };
    if shows_progress {
        counter("");
    }
    print(&report?, args.format)
}

/// Over itself, on the terminal.
fn counter(text: &str) {
    let _ = write!(stderr(), "\r\x1b[K{text}");
}

/// # Errors
/// When the report cannot be written as JSON.
fn print(report: &Report, format: Format) -> Result<Ended, Error> {
    match format {
        Format::Text => print_text(report),
        Format::Json => {
            let json = serde_json::to_string(report).map_err(|e| Error::other(e.to_string()))?;
            output::line(&json);
        }
    }
    Ok(if report.is_sound() {
        Ended::Well
    } else {
        Ended::Failed
    })
}

fn print_text(report: &Report) {
    output::line(&format!("{}, seed {}", report.source, report.seed));
    for (name, figure) in report.figures() {
        let style = match name {
            "lost" | "out of order" if figure > 0 => BAD,
            "lost" | "out of order" => GOOD,
            _ => anstyle::Style::new(),
        };
        output::line(&format!("  {name:<14}{style}{figure:>8}{style:#}"));
    }
    for (what, ids, of) in [
        ("lost", &report.lost_ids, report.lost),
        ("out of order", &report.out_of_order_ids, report.out_of_order),
    ] {
        if !ids.is_empty() {
            let more = if of > ids.len() { " …" } else { "" };
            output::line(&format!("{BAD}{what}{BAD:#}: {}{more}", ids.join(" ")));
        }
    }
    if report.unknown > 0 {
        let lines = report.unknown;
        output::line(&format!(
            "{BAD}unknown{BAD:#}: {lines} lines of the ledger name no record that was sent"
        ));
    }
    if report.is_silent() {
        output::line(
            "No record was finished: does the function write the file named by FAULTY_LEDGER? See --help.",
        );
    }
    output::line(&format!("repeat with: {}", command()));
}

/// This command, to be pasted into a shell.
fn command() -> String {
    let arguments = std::env::args().skip(1);
    let words: Vec<String> = arguments.map(|argument| quoted(&argument)).collect();
    format!("cargo {}", words.join(" "))
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_the_shell_needs_it() {
        assert_eq!(quoted("--seed=7"), "--seed=7");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
