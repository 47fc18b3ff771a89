//! Runs `simulate`.

use std::io::{IsTerminal as _, Write as _, stderr};

use tokio::task::JoinSet;

use super::super::ended::Ended;
use super::super::output::{self, BAD, GOOD, OutputFormat};
use super::super::setup::Setup;
use super::super::signals::Stop;
use super::args::Simulate;
use crate::Error;
use crate::simulate::{Proof, Report, Simulation};
use lambda_sandbox::Builder;

/// How many seeds run concurrently: a run mostly waits.
const AT_ONCE: usize = 8;

pub(in crate::cli) async fn simulate(args: Simulate) -> Result<Ended, Error> {
    if args.durable.is_set() {
        return super::durable::simulate(&args).await;
    }
    let mut simulation = args.simulation()?;
    simulation.check()?;
    let setup = Setup::new(&args.function()).await?;
    let mut stop = Stop::new()?;
    let shows_progress = args.seeds == 1 && stderr().is_terminal() && !args.logs;
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
    let ended = tokio::select! {
        ended = output::waiting("simulating", play(&args, &simulation, &builder)) => ended,
        () = stop.asked() => Ok(Ended::Failed),
    };
    if shows_progress {
        counter("");
    }
    ended
}

/// Runs every seed and prints each report, in order of the seeds.
async fn play(args: &Simulate, simulation: &Simulation, builder: &Builder) -> Result<Ended, Error> {
    let mut playing = JoinSet::new();
    let mut waiting = args.seed..args.seed.saturating_add(args.seeds);
    let mut reports: Vec<Report> = Vec::new();
    let (mut next, mut ended) = (args.seed, Ended::Success);
    loop {
        while playing.len() < AT_ONCE
            && let Some(seed) = waiting.next()
        {
            let (simulation, builder) = (simulation.clone().seed(seed), builder.clone());
            playing.spawn(async move { simulation.run(builder).await });
        }
        let Some(report) = playing.join_next().await else {
            return Ok(ended);
        };
        reports.push(report.map_err(|e| Error::other(format!("the simulation failed: {e}")))??);
        while let Some(place) = reports.iter().position(|report| report.seed == next) {
            let report = reports.swap_remove(place);
            print(args, &report)?;
            next += 1;
            if !args.accepts(&report) {
                ended = Ended::Failed;
            }
        }
    }
}

/// Overwrites the counter on the terminal.
pub(super) fn counter(text: &str) {
    let _ = write!(stderr(), "\r\x1b[K{text}");
}

/// # Errors
/// If the report cannot be written as JSON.
fn print(args: &Simulate, report: &Report) -> Result<(), Error> {
    match args.format {
        OutputFormat::Text if args.seeds > 1 => {
            let (style, verdict) = if args.accepts(report) {
                (GOOD, "ok")
            } else {
                (BAD, "bad")
            };
            output::line(&format!("{style}{verdict:<4}{style:#}{report}"));
        }
        OutputFormat::Text => print_text(report),
        OutputFormat::Json => {
            let json = serde_json::to_string(report).map_err(|e| Error::other(e.to_string()))?;
            output::line(&json);
        }
    }
    Ok(())
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
        ("repeated", &report.repeated_ids, report.repeated),
    ] {
        if !ids.is_empty() {
            let more = if of > ids.len() { " …" } else { "" };
            output::line(&format!("{what}: {}{more}", ids.join(" ")));
        }
    }
    if report.unknown > 0 {
        let lines = report.unknown;
        output::line(&format!(
            "{BAD}unknown{BAD:#}: {lines} lines of the ledger do not name a record that was sent"
        ));
    }
    if report.is_silent() {
        output::line(match report.proof {
            Proof::Ledger => {
                "No record was finished. Check that the function writes to the file named by FAULTY_LEDGER; see --help."
            }
            Proof::Answers => {
                "No record was done: by its answers the function failed them all. --logs shows what it says."
            }
        });
    } else if report.proof == Proof::Answers {
        output::line("What is done, the function's answers say. A ledger would prove it; see --help.");
    }
    output::line(&format!("reproduce with: {}", command()));
}

/// This command, to paste into a shell.
pub(super) fn command() -> String {
    let arguments = std::env::args().skip(1);
    let words: Vec<String> = arguments.map(|argument| quoted(&argument)).collect();
    format!("cargo {}", words.join(" "))
}

pub(super) fn quoted(word: &str) -> String {
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
