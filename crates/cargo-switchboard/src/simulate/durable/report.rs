//! What a seed has shown.

use std::fmt;

use serde::Serialize;

use super::mishap::DurableSchedule;
use super::play::Observation;
use super::verdict::{DurableFinding, DurableFindingKind};

/// What a seed has shown.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DurableReport {
    /// The seed.
    pub seed: u64,
    /// What went wrong, as text: see [`DurableSchedule`].
    pub schedule: String,
    /// Executions that were started.
    pub executions: usize,
    /// Invocations of the function.
    pub invocations: usize,
    /// Checkpoints that it made.
    pub checkpoints: usize,
    /// Effects that happened, by the ledger.
    pub effects: usize,
    /// How often an effect happened again.
    pub repeated: usize,
    /// Effects that did not happen, although the execution ended as always.
    pub lost: usize,
    /// Executions that never end.
    pub stuck: usize,
    /// Operations that were not what they were before.
    pub non_deterministic: usize,
    /// Executions that ended in another way than without mishaps, and effects that there are not otherwise.
    pub otherwise: usize,
    /// What is wrong.
    pub findings: Vec<DurableFinding>,
    /// The shortest schedule that shows the first of them, if it was looked for.
    pub shortest_schedule: Option<String>,
    /// The same schedule in words, one mishap each.
    pub what_happens: Vec<String>,
}

impl DurableReport {
    pub(super) fn new(
        seed: u64,
        seen: &Observation,
        schedule: &DurableSchedule,
        findings: Vec<DurableFinding>,
    ) -> Self {
        let count = |kind| findings.iter().filter(|finding| finding.kind == kind).count();
        Self {
            seed,
            schedule: schedule.to_string(),
            executions: seen.executions.len(),
            invocations: seen.invocations,
            checkpoints: seen.checkpoints.len(),
            effects: seen.lines.len(),
            repeated: seen.lines.values().map(|times| times - 1).sum(),
            lost: count(DurableFindingKind::Lost),
            stuck: count(DurableFindingKind::Stuck),
            non_deterministic: count(DurableFindingKind::NonDeterministic),
            otherwise: count(DurableFindingKind::Otherwise),
            findings,
            shortest_schedule: None,
            what_happens: schedule.described(&seen.checkpoints),
        }
    }

    pub(super) fn shortest(&mut self, schedule: &DurableSchedule, seen: &Observation) {
        self.shortest_schedule = Some(schedule.to_string());
        self.what_happens = schedule.described(&seen.checkpoints);
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    /// The figures with their names, in display order.
    pub(crate) fn figures(&self) -> [(&'static str, usize); 9] {
        [
            ("executions", self.executions),
            ("invocations", self.invocations),
            ("checkpoints", self.checkpoints),
            ("effects", self.effects),
            ("repeated", self.repeated),
            ("lost", self.lost),
            ("stuck", self.stuck),
            ("non-deterministic", self.non_deterministic),
            ("otherwise", self.otherwise),
        ]
    }
}

/// One line: the seed, the figures and the schedule.
impl fmt::Display for DurableReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}", self.seed)?;
        for (name, figure) in self.figures() {
            write!(f, ", {figure} {name}")?;
        }
        if !self.schedule.is_empty() {
            write!(f, ", schedule {}", self.schedule)?;
        }
        for finding in &self.findings {
            write!(f, "; {}: {}", finding.kind.name(), finding.what)?;
        }
        Ok(())
    }
}
