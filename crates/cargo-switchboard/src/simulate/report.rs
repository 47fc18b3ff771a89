//! The result of a simulation.

use std::fmt;

use serde::Serialize;

use super::simulation::{Proof, Simulation};
use super::source::Source;

/// The maximum number of listed ids.
const NAMED: usize = 5;

/// The result of a simulation. All figures count records unless stated otherwise.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The simulated source.
    pub source: Source,
    /// The seed. With the same options it produces the same records and faults.
    pub seed: u64,
    /// What the figures rest on.
    pub proof: Proof,
    /// The number of records.
    pub records: usize,
    /// Records that reached the function at least once.
    pub delivered: usize,
    /// Deliveries of records, repeated ones included.
    pub attempts: usize,
    /// Invocations of the function.
    pub invocations: usize,
    /// Records that the function finished.
    pub finished: usize,
    /// Records that were neither finished nor dead-lettered.
    pub lost: usize,
    /// How many times a record was finished again.
    pub repeated: usize,
    /// Records that were finished before an earlier one of their lane.
    pub out_of_order: usize,
    /// Records that went to a destination or a dead-letter queue, or that the function rejected. Some may have been
    /// finished as well: a batch that failed goes there as a whole.
    pub dead_lettered: usize,
    /// Lines of the ledger that do not name a record.
    pub unknown: usize,
    /// The first lost records.
    pub lost_ids: Vec<String>,
    /// The first records that were out of order.
    pub out_of_order_ids: Vec<String>,
    /// The first records that were repeated.
    pub repeated_ids: Vec<String>,
    /// Records that the function was asked to finish at least once.
    #[serde(skip)]
    to_finish: usize,
}

/// The figures without ids.
pub(super) struct Figures {
    pub(super) proof: Proof,
    pub(super) delivered: usize,
    pub(super) attempts: usize,
    pub(super) invocations: usize,
    pub(super) finished: usize,
    pub(super) dead_lettered: usize,
    pub(super) repeated: usize,
    pub(super) to_finish: usize,
    pub(super) unknown: usize,
}

impl Report {
    pub(super) fn new(
        simulation: &Simulation,
        figures: Figures,
        [lost, out_of_order, repeated]: [Vec<String>; 3],
    ) -> Self {
        let first = |ids: &[String]| ids.iter().take(NAMED).cloned().collect();
        Self {
            source: simulation.source,
            seed: simulation.seed,
            proof: figures.proof,
            records: simulation.records,
            delivered: figures.delivered,
            attempts: figures.attempts,
            invocations: figures.invocations,
            finished: figures.finished,
            lost: lost.len(),
            repeated: figures.repeated,
            out_of_order: out_of_order.len(),
            dead_lettered: figures.dead_lettered,
            unknown: figures.unknown,
            lost_ids: first(&lost),
            out_of_order_ids: first(&out_of_order),
            repeated_ids: first(&repeated),
            to_finish: figures.to_finish,
        }
    }

    /// Whether the function kept its source's contract: nothing was lost or out of order, and the ledger names only these
    /// records.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.lost == 0 && self.out_of_order == 0 && self.unknown == 0 && !self.is_silent()
    }

    /// Whether the function finished no record although it was asked to: either it failed them all, or it should write a ledger and does not.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.to_finish > 0 && self.finished == 0
    }

    /// The figures with their names, in display order.
    pub(crate) fn figures(&self) -> [(&'static str, usize); 9] {
        [
            ("records", self.records),
            ("delivered", self.delivered),
            ("attempts", self.attempts),
            ("invocations", self.invocations),
            ("finished", self.finished),
            ("lost", self.lost),
            ("repeated", self.repeated),
            ("out of order", self.out_of_order),
            ("dead-lettered", self.dead_lettered),
        ]
    }
}

/// One line: source, seed and figures.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, seed {}", self.source, self.seed)?;
        for (name, figure) in self.figures() {
            write!(f, ", {figure} {name}")?;
        }
        for (name, ids) in [("lost", &self.lost_ids), ("out of order", &self.out_of_order_ids)] {
            if !ids.is_empty() {
                write!(f, ", {name} first: {}", ids.join(" "))?;
            }
        }
        Ok(())
    }
}
