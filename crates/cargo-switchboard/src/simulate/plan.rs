//! Derives what happens to each record from the seed.

use oorandom::Rand64;
use serde_json::json;

use super::simulation::Simulation;
use super::source::SourceKind;

/// How many deliveries of a record may fail: as many as an asynchronous source retries.
const MOST_FAULTS: usize = 2;

/// With limited retries, one in this many failing records never succeeds.
const POISON: u64 = 8;

/// A record and its fate.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// The id in the ledger.
    pub(super) id: String,
    /// The source's identifier, by which failures are reported.
    pub(super) identifier: String,
    /// The index of its partition key, item or message group.
    pub(super) lane: usize,
    /// Whether it is delivered again after it is done.
    pub(super) duplicate: bool,
    /// The tasks of its first deliveries.
    faults: Vec<Task>,
    /// The task of all later deliveries.
    last: Task,
}

/// What the function should do with a record in one delivery.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Task {
    pub(super) what: &'static str,
    pub(super) ms: u64,
}

impl Task {
    /// Whether the record is done after this task.
    pub(super) fn succeeds(self) -> bool {
        matches!(self.what, "ok" | "reject")
    }

    /// Whether the process ends in the middle of this task, or time runs out.
    pub(super) fn is_cut_off(self) -> bool {
        matches!(self.what, "exit" | "sleep")
    }

    /// The payload.
    pub(super) fn json(self, id: &str) -> String {
        json!({"do": self.what, "ms": self.ms, "id": id}).to_string()
    }
}

impl Record {
    /// Nobody tells the function what to do: it fails when it likes to. What it cannot know are answers that get lost.
    fn untold(&mut self) {
        self.faults.retain(|fault| fault.is_cut_off());
        self.last.what = "ok";
    }

    /// The task of delivery number `delivery`, counted from 0.
    pub(super) fn task(&self, delivery: usize) -> Task {
        self.faults.get(delivery).copied().unwrap_or(self.last)
    }
}

/// All records, in the order in which they were sent.
pub(super) fn plan(simulation: &Simulation) -> Vec<Record> {
    let mut random = Rand64::new(own(simulation, 0));
    let facts = simulation.source.facts();
    let lanes = (simulation.records / 5).clamp(2, 16);
    let record = |index| {
        let lane = below(&mut random, lanes);
        Record {
            id: format!("r-{index}"),
            identifier: (facts.identifier)(simulation.seed, lane, index),
            lane,
            duplicate: random.rand_float() < simulation.duplicate_rate,
            faults: faults(simulation, &mut random),
            last: Task {
                what: "ok",
                ms: random.rand_range(0..4),
            },
        }
    };
    let mut records: Vec<Record> = (0..simulation.records).map(record).collect();
    for record in &mut records {
        record.last.what = last(simulation, record, &mut random);
    }
    if !simulation.tells() {
        records.iter_mut().for_each(Record::untold);
    }
    records
}

/// A seed for one `purpose`. Each source and purpose has different random numbers.
pub(super) fn own(simulation: &Simulation, purpose: u8) -> u128 {
    u128::from(simulation.seed) << 16 | u128::from(simulation.source as u8) << 8 | u128::from(purpose)
}

pub(super) fn below(random: &mut Rand64, limit: usize) -> usize {
    // A number below a usize is one.
    usize::try_from(random.rand_range(0..limit as u64)).unwrap_or_default()
}

fn faults(simulation: &Simulation, random: &mut Rand64) -> Vec<Task> {
    let mut faults = Vec::new();
    while faults.len() < MOST_FAULTS {
        let Some(fault) = fault(simulation, random) else {
            break;
        };
        faults.push(fault);
    }
    faults
}

/// One random number decides for all rates, so a delivery has at most one fault.
fn fault(simulation: &Simulation, random: &mut Rand64) -> Option<Task> {
    let throw = random.rand_float();
    let crash = simulation.crash_rate;
    let timeout = crash + simulation.timeout_rate;
    let fail = timeout + simulation.fail_rate;
    let ms = random.rand_range(0..3);
    let endless = u64::try_from(simulation.timeout.as_millis())
        .unwrap_or(u64::MAX)
        .saturating_mul(2);
    match throw {
        throw if throw < crash => Some(Task { what: "exit", ms }),
        throw if throw < timeout => Some(Task {
            what: "sleep",
            ms: endless,
        }),
        throw if throw < fail => Some(Task {
            what: ["fail", "panic", "after"][below(random, 3)],
            ms,
        }),
        _ => None,
    }
}

fn last(simulation: &Simulation, record: &Record, random: &mut Rand64) -> &'static str {
    let fails = record
        .faults
        .iter()
        .any(|fault| matches!(fault.what, "fail" | "panic" | "after"));
    let endless = matches!(
        simulation.source.kind(),
        SourceKind::Stream | SourceKind::Windowed | SourceKind::Queue
    );
    let finite = simulation.max_retries.is_some() || !endless;
    let poison = random.rand_range(0..POISON) == 0;
    match random.rand_float() < simulation.reject_rate {
        true => "reject",
        false if fails && finite && poison => "fail",
        false => "ok",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::source::Source;

    fn faulty(source: Source) -> Simulation {
        Simulation::new(source)
            .records(400)
            .fail_rate(0.3)
            .crash_rate(0.1)
            .timeout_rate(0.1)
    }

    #[test]
    fn one_seed_one_plan() {
        let plan = |seed| format!("{:?}", super::plan(&faulty(Source::Sqs).seed(seed)));
        assert_eq!(plan(3), plan(3));
        assert_ne!(plan(3), plan(4));
    }

    #[test]
    fn every_record_succeeds_in_the_end_unless_retries_have_an_end() {
        let endless = plan(&faulty(Source::Kinesis));
        assert!(endless.iter().all(|record| record.task(MOST_FAULTS).what == "ok"));
        let finite = plan(&faulty(Source::Kinesis).max_retries(3));
        assert!(finite.iter().any(|record| record.task(99).what == "fail"));
    }

    #[test]
    fn faults_are_planned_at_the_rates_that_were_asked_for() {
        let plan = plan(&faulty(Source::Kinesis).records(10_000));
        let share = |what: &[&str]| {
            let hits = plan
                .iter()
                .filter(|record| what.contains(&record.task(0).what))
                .count();
            hits as f64 / 10_000.0
        };
        assert!((share(&["fail", "panic", "after"]) - 0.3).abs() < 0.02);
        assert!((share(&["exit"]) - 0.1).abs() < 0.02);
        assert!((share(&["sleep"]) - 0.1).abs() < 0.02);
    }

    #[test]
    fn sequence_numbers_grow_and_have_their_sources_length() {
        for (source, length) in [(Source::Kinesis, 56), (Source::Dynamodb, 28)] {
            let plan = plan(&Simulation::new(source).records(300));
            assert!(plan.iter().all(|record| record.identifier.len() == length));
            assert!(plan.is_sorted_by(|a, b| a.identifier < b.identifier));
        }
    }
}
