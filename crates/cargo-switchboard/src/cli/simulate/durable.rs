//! Runs `simulate --durable`.

use std::io::{IsTerminal as _, stderr};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::super::ended::Ended;
use super::super::output::{self, BAD, GOOD, OutputFormat};
use super::super::setup::Setup;
use super::super::signals::Stop;
use super::args::Simulate;
use super::command::{command, counter};
use crate::Error;
use crate::simulate::{DurableReference, DurableReport, DurableSimulation};

/// The most seeds that run at once.
const AT_ONCE: usize = 8;

pub(super) async fn simulate(args: &Simulate) -> Result<Ended, Error> {
    let setup = Setup::new(&args.function()).await?.without_store();
    let mut stop = Stop::new()?;
    let mut builder = setup.builder();
    for argument in args.arguments() {
        builder = builder.arg(argument);
    }
    if args.logs {
        builder = builder.on_log(output::log);
    }
    let simulation = args.durable.simulation(&setup, builder, args.timeout)?;
    tokio::select! {
        ended = output::waiting("simulating", play(args, simulation)) => ended,
        () = stop.asked() => Ok(Ended::Failed),
    }
}

/// Plays every seed and prints each report, in order of the seeds.
async fn play(args: &Simulate, simulation: DurableSimulation) -> Result<Ended, Error> {
    let reference = Arc::new(simulation.reference().await?);
    introduce(args, &reference);
    // Without a mishap it is wrong already: every seed would show the same.
    let only_one = !reference.is_sound() || args.durable.has_schedule();
    let seeds = if only_one { 1 } else { args.seeds };
    let shows_progress = seeds > 1 && stderr().is_terminal() && !args.logs;
    let mut playing = JoinSet::new();
    let mut waiting = args.seed..args.seed.saturating_add(seeds);
    let mut reports: Vec<DurableReport> = Vec::new();
    let (mut next, mut bad) = (args.seed, 0_u64);
    let at_once = std::thread::available_parallelism().map_or(AT_ONCE, |cores| AT_ONCE.min(2 * cores.get()));
    loop {
        while playing.len() < at_once
            && let Some(seed) = waiting.next()
        {
            let (simulation, reference) = (simulation.clone(), Arc::clone(&reference));
            playing.spawn(async move { simulation.run(&reference, seed).await });
        }
        let Some(report) = playing.join_next().await else {
            break;
        };
        reports.push(report.map_err(|e| Error::other(format!("the simulation failed: {e}")))??);
        while let Some(place) = reports.iter().position(|report| report.seed == next) {
            let mut report = reports.swap_remove(place);
            bad += u64::from(!report.is_sound());
            if bad == 1 && !report.is_sound() {
                simulation.shorten(&reference, &mut report).await?;
            }
            show(args, &report, seeds)?;
            next += 1;
            if shows_progress {
                counter(&format!("{} of {seeds}", next - args.seed));
            }
        }
    }
    if shows_progress {
        counter("");
    }
    if args.format == OutputFormat::Text && seeds > 1 {
        summary(seeds, bad);
    }
    Ok(if bad == 0 { Ended::Success } else { Ended::Failed })
}

/// Says what happens without mishaps.
fn introduce(args: &Simulate, reference: &DurableReference) {
    if args.format != OutputFormat::Text {
        return;
    }
    let (checkpoints, invocations) = reference.size();
    output::line(&format!(
        "without mishaps: {checkpoints} checkpoints in {invocations} invocations"
    ));
    if checkpoints == 0 {
        output::line("The function made no checkpoint. Is it a durable one? --logs shows what it says.");
    }
    if !reference.has_ledger() {
        output::line(
            "There is no ledger, so effects are not counted. A function notes them in the file named by FAULTY_LEDGER; see --help.",
        );
    } else if !reference.is_stable() && reference.is_sound() {
        output::line(
            "Two runs without mishaps had other effects or results, so these are not compared: let the event decide what the ledger and the result say.",
        );
    }
}

/// # Errors
/// If the report cannot be written as JSON.
fn show(args: &Simulate, report: &DurableReport, seeds: u64) -> Result<(), Error> {
    match args.format {
        OutputFormat::Json => {
            let json = serde_json::to_string(report).map_err(|e| Error::other(e.to_string()))?;
            output::line(&json);
        }
        // A thousand good seeds are said in one line.
        OutputFormat::Text if report.is_sound() && seeds > 1 => {}
        OutputFormat::Text => text(report),
    }
    Ok(())
}

fn text(report: &DurableReport) {
    output::line(&format!("seed {}", report.seed));
    for (name, figure) in report.figures() {
        let style = match name {
            "repeated" | "lost" | "stuck" | "non-deterministic" | "otherwise" if figure > 0 => BAD,
            "repeated" | "lost" | "stuck" | "non-deterministic" | "otherwise" => GOOD,
            _ => anstyle::Style::new(),
        };
        output::line(&format!("  {name:<18}{style}{figure:>8}{style:#}"));
    }
    for finding in &report.findings {
        output::line(&format!("{BAD}{}{BAD:#}: {}", finding.kind.name(), finding.what));
    }
    let schedule = report.shortest_schedule.as_deref().unwrap_or(&report.schedule);
    if report.is_sound() {
        output::line(&format!("what went wrong: {schedule}"));
        return;
    }
    output::line(
        match (report.what_happens.is_empty(), &report.shortest_schedule) {
            (true, _) => "It happens without a mishap.",
            (false, Some(_)) => "The shortest schedule that shows it:",
            (false, None) => "What went wrong:",
        },
    );
    for line in &report.what_happens {
        output::line(&format!("  {line}"));
    }
    output::line(&format!(
        "reproduce with: {}",
        reproduction(report.seed, schedule)
    ));
}

/// This command with one seed, and with the schedule.
fn reproduction(seed: u64, schedule: &str) -> String {
    let command = command();
    let (options, program) = command
        .split_once(" -- ")
        .map_or((&*command, None), |(a, b)| (a, Some(b)));
    let mut words: Vec<&str> = Vec::new();
    let mut old = options.split(' ');
    while let Some(word) = old.next() {
        match word {
            "--seed" | "--seeds" | "--schedule" => drop(old.next()),
            _ if ["--seed=", "--seeds=", "--schedule="]
                .iter()
                .any(|own| word.starts_with(own)) => {}
            _ => words.push(word),
        }
    }
    let seed = format!("--seed {seed}");
    words.push(&seed);
    let schedule = format!("--schedule {schedule}");
    if !schedule.ends_with(' ') {
        words.push(&schedule);
    }
    let program = program
        .map(|program| format!(" -- {program}"))
        .unwrap_or_default();
    format!("{}{program}", words.join(" "))
}

fn summary(seeds: u64, bad: u64) {
    match bad {
        0 => output::line(&format!(
            "{GOOD}{seeds} seeds{GOOD:#}: no effect happened again, none was lost, no execution was stuck, and replays were the same"
        )),
        bad => output::line(&format!("{BAD}{bad} of {seeds} seeds{BAD:#} show a fault")),
    }
}
