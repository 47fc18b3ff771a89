//! Looks for the shortest schedule that shows what is wrong.

use super::mishap::DurableSchedule;
use super::play::Observation;
use super::report::DurableReport;
use super::simulation::{DurableReference, DurableSimulation, run_of};
use super::verdict::DurableFindingKind;
use crate::Error;

/// How many runs are made for a report at most.
const RUNS: u64 = 60;
/// How often a schedule is played before it counts as one that shows nothing: another order may be a matter of luck.
const TRIES: u64 = 3;

/// By how many places a run may be shorter without one of its mishaps.
const SHIFTS: usize = 2;

/// A search in progress.
struct Search<'s> {
    simulation: &'s DurableSimulation,
    reference: &'s DurableReference,
    seed: u64,
    kind: DurableFindingKind,
    runs: u64,
}

impl DurableSimulation {
    pub(super) async fn shrink(
        &self,
        reference: &DurableReference,
        report: &mut DurableReport,
    ) -> Result<(), Error> {
        let Some(first) = report.findings.first() else {
            return Ok(());
        };
        let mut search = Search {
            simulation: self,
            reference,
            seed: report.seed,
            kind: first.kind,
            runs: 10,
        };
        let given: DurableSchedule = report.schedule.parse()?;
        if let Some((schedule, seen)) = search.shortest(given).await? {
            report.shortest(&schedule, &seen);
        }
        Ok(())
    }
}

impl Search<'_> {
    /// Leaves out one mishap after the other, and lets the rest happen as early as they can.
    async fn shortest(
        &mut self,
        from: DurableSchedule,
    ) -> Result<Option<(DurableSchedule, Observation)>, Error> {
        let Some(seen) = self.shows(&from).await? else {
            return Ok(None);
        };
        let mut best = (from, seen);
        let mut index = 0;
        'mishaps: while index < best.0.mishaps().len() {
            for shift in 0..=SHIFTS {
                let less = best.0.without(index, shift);
                if let Some(seen) = self.shows(&less).await? {
                    best = (less, seen);
                    continue 'mishaps;
                }
            }
            index += 1;
        }
        for index in 0..best.0.mishaps().len() {
            for at in 1..best.0.mishaps()[index].1 {
                let earlier = best.0.earlier(index, at);
                if let Some(seen) = self.shows(&earlier).await? {
                    best = (earlier, seen);
                    break;
                }
            }
        }
        Ok(Some(best))
    }

    /// Whether this schedule shows the same kind of fault.
    async fn shows(&mut self, schedule: &DurableSchedule) -> Result<Option<Observation>, Error> {
        let own;
        let reference = match schedule.world().mishaps().is_empty() {
            true => self.reference,
            false => {
                own = self
                    .simulation
                    .world_of(schedule, run_of(self.seed, self.runs))
                    .await?;
                self.runs += 2;
                &own
            }
        };
        let tries = match self.kind {
            DurableFindingKind::NonDeterministic => TRIES,
            _ => 1,
        };
        for _ in 0..tries {
            if self.runs > RUNS {
                return Ok(None);
            }
            self.runs += 1;
            let run = run_of(self.seed, self.runs);
            let seen = self
                .simulation
                .play(schedule, run, Some(reference.observed()))
                .await?;
            let found = self.simulation.judged(reference, &seen);
            if found.iter().any(|finding| finding.kind == self.kind) {
                return Ok(Some(seen));
            }
        }
        Ok(None)
    }
}
