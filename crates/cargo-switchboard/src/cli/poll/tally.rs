//! What became of all batches.

use std::ops::AddAssign;

use event_source_mapping::Settled;
use serde_json::json;

use super::super::json;
use super::super::output::{self, DIM, OutputFormat};

/// How many records were delivered, and what became of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Tally {
    pub(super) batches: usize,
    pub(super) done: usize,
    /// How many came or come again, each time counted.
    pub(super) again: usize,
    pub(super) discarded: usize,
    pub(super) filtered: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.batches += other.batches;
        self.done += other.done;
        self.again += other.again;
        self.discarded += other.discarded;
        self.filtered += other.filtered;
    }
}

impl Tally {
    /// Counts a batch, and prints what became of it. `again` says when records come again.
    pub(super) fn batch(&mut self, format: OutputFormat, source: &str, settled: Settled, again: &str) {
        self.batches += 1;
        self.done += settled.done;
        self.again += settled.again;
        self.discarded += settled.discarded;
        let Settled {
            done,
            again: open,
            discarded,
            bisected,
        } = settled;
        if format == OutputFormat::Json {
            json::print(
                &json!({"type": "batch", "source": source, "records": done + open + discarded,
                "done": done, "again": open, "discarded": discarded, "bisected": bisected}),
            );
            return;
        }
        let mut facts = vec![format!("{done} of {} done", done + open + discarded)];
        if open > 0 {
            facts.push(match bisected {
                true => format!("{open} come again in halves"),
                false => format!("{open} come again {again}"),
            });
        }
        if discarded > 0 {
            facts.push(format!("{discarded} given up"));
        }
        output::note(&format!("{DIM}{source}:{DIM:#} {}", facts.join(", ")));
    }

    /// Prints the sum.
    pub(super) fn show(&self, format: OutputFormat, source: &str) {
        let Self {
            batches,
            done,
            again,
            discarded,
            filtered,
        } = self;
        if format == OutputFormat::Json {
            json::print(
                &json!({"type": "sum", "source": source, "batches": batches, "done": done, "again": again,
                "discarded": discarded, "filtered": filtered}),
            );
            return;
        }
        let mut facts = vec![format!("{done} done in {batches} batches")];
        for (count, what) in [
            (again, "failed deliveries"),
            (discarded, "given up"),
            (filtered, "passed over by filters"),
        ] {
            if *count > 0 {
                facts.push(format!("{count} {what}"));
            }
        }
        output::note(&format!("{source}: {}", facts.join(", ")));
    }
}
