//! The settings of a simulation, and what it does with a seed.

use std::time::Duration;

use lambda_sandbox::Builder;
use oorandom::Rand64;
use switchboard::source::{Delivery, Source, detect};

use super::mishap::DurableSchedule;
use super::play::Observation;
use super::report::DurableReport;
use super::verdict::{DurableFinding, findings};
use crate::Error;
use crate::simulate::Source as SimulatedSource;

/// How many mishaps a seed has at most. Five invocations that fail in a row end an execution.
const MISHAPS: u64 = 3;
/// The most that may be asked for.
const MOST_MISHAPS: u64 = 4;
/// The default timeout of an invocation: a process may have to start, and a client to try again.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How an execution comes to be, which decides what it means that its starting event comes again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Starts {
    /// A client starts it by its name, and tries again by the same name: there is one execution.
    Named,
    /// An event source delivers its event at least once: each delivery is an execution of its own.
    Event,
}

impl Starts {
    /// How executions start whose event is of this source.
    #[must_use]
    pub fn of(source: Source) -> Self {
        let is_asynchronous = source.invoker().is_some_and(|invoker| invoker.asynchronous);
        // What sources without a mapping deliver is whole, and comes again all the same.
        let name = source.to_string();
        let is_simulated = SimulatedSource::ALL.iter().any(|known| known.to_string() == name);
        match source.delivery() {
            _ if is_asynchronous || is_simulated => Self::Event,
            Delivery::Whole | Delivery::Transformation => Self::Named,
            _ => Self::Event,
        }
    }
}

/// A simulation of a durable function.
#[derive(Clone)]
pub struct DurableSimulation {
    pub(super) function: Builder,
    pub(super) input: String,
    pub(super) callback: String,
    pub(super) starts: Starts,
    pub(super) timeout: Duration,
    pub(super) execution_timeout: Option<Duration>,
    pub(super) others: Vec<OtherFunction>,
    mishaps: u64,
    schedule: Option<DurableSchedule>,
    accepts_other_ends: bool,
}

/// A function that is invoked by another one.
#[derive(Clone)]
pub(super) struct OtherFunction {
    pub(super) builder: Builder,
    pub(super) is_durable: bool,
}

/// What happens when nothing goes wrong.
pub struct DurableReference {
    first: Observation,
    /// Whether a second run was the same, in its ledger and in its results.
    is_stable: bool,
    findings: Vec<DurableFinding>,
}

impl DurableSimulation {
    /// A simulation of executions of this function that start with this event. If the event is one of a source that delivers at least
    /// once, each delivery starts an execution; otherwise a client starts one by its name.
    ///
    /// `{{id}}` in the event is an id that no other run has.
    #[must_use]
    pub fn new(function: Builder, input: impl Into<String>) -> Self {
        let input = input.into();
        Self {
            function,
            starts: Starts::of(detect(input.as_bytes()).source),
            input,
            callback: "{}".to_owned(),
            timeout: TIMEOUT,
            execution_timeout: None,
            others: Vec::new(),
            mishaps: MISHAPS,
            schedule: None,
            accepts_other_ends: false,
        }
    }

    /// Sets the result of callbacks: `{}` by default.
    #[must_use]
    pub fn callback(mut self, result: impl Into<String>) -> Self {
        self.callback = result.into();
        self
    }

    /// Sets how executions start.
    #[must_use]
    pub fn starts(mut self, starts: Starts) -> Self {
        self.starts = starts;
        self
    }

    /// Sets how long an invocation may take: 10 s by default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets `ExecutionTimeout` of `DurableConfig`.
    #[must_use]
    pub fn execution_timeout(mut self, timeout: Duration) -> Self {
        self.execution_timeout = Some(timeout);
        self
    }

    /// Adds another function, for invokes by its name.
    #[must_use]
    pub fn other_function(mut self, function: Builder, is_durable: bool) -> Self {
        self.others.push(OtherFunction {
            builder: function,
            is_durable,
        });
        self
    }

    /// Sets how many mishaps a seed has at most: 1 to 4.
    #[must_use]
    pub fn mishaps(mut self, most: u64) -> Self {
        self.mishaps = most.clamp(1, MOST_MISHAPS);
        self
    }

    /// Plays this schedule instead of those of the seeds.
    #[must_use]
    pub fn schedule(mut self, schedule: DurableSchedule) -> Self {
        self.schedule = Some(schedule);
        self
    }

    /// Accepts that mishaps make an execution end in another way: for steps that must not be tried again.
    #[must_use]
    pub fn accept_other_ends(mut self) -> Self {
        self.accepts_other_ends = true;
        self
    }

    /// Runs the function without mishaps, twice.
    ///
    /// # Errors
    /// If the function cannot be started, or the ledger not be read.
    pub async fn reference(&self) -> Result<DurableReference, Error> {
        let world = self
            .schedule
            .as_ref()
            .map(DurableSchedule::world)
            .unwrap_or_default();
        self.reference_in(&world, 0).await
    }

    async fn reference_in(&self, world: &DurableSchedule, run: u64) -> Result<DurableReference, Error> {
        let first = self.play(world, run, None).await?;
        let second = match first.stuck {
            Some(_) => first.clone(),
            None => self.play(world, run + 1, None).await?,
        };
        let is_stable = first.lines == second.lines && first.ends_like(&second);
        let mut findings = first.own_findings();
        findings.extend(first.differences(&second));
        Ok(DurableReference {
            first,
            is_stable,
            findings,
        })
    }

    /// Plays the schedule of a seed, and compares what happens with what happens without mishaps.
    ///
    /// # Errors
    /// If the function cannot be started, or the ledger not be read.
    pub async fn run(&self, reference: &DurableReference, seed: u64) -> Result<DurableReport, Error> {
        if !reference.findings.is_empty() {
            let seen = &reference.first;
            return Ok(DurableReport::new(
                seed,
                seen,
                &DurableSchedule::default(),
                reference.findings.clone(),
            ));
        }
        let mut random = Rand64::new(u128::from(seed) << 8 | 0xd);
        let mut schedule = DurableSchedule::draw_world(&mut random, reference.first.callbacks);
        let own;
        let reference = match (&self.schedule, schedule.world().mishaps().is_empty()) {
            (Some(_), _) | (None, true) => reference,
            (None, false) => {
                own = self.reference_in(&schedule.world(), run_of(seed, 0)).await?;
                &own
            }
        };
        match &self.schedule {
            Some(given) => schedule = given.clone(),
            None => schedule.draw(
                &mut random,
                reference.first.checkpoints.len(),
                reference.first.invocations,
                self.mishaps,
            ),
        }
        let seen = self
            .play(&schedule, run_of(seed, 2), Some(&reference.first))
            .await?;
        let found = self.judged(reference, &seen);
        Ok(DurableReport::new(seed, &seen, &schedule, found))
    }

    pub(super) fn judged(&self, reference: &DurableReference, seen: &Observation) -> Vec<DurableFinding> {
        let mut found = reference.findings.clone();
        found.extend(findings(&reference.first, reference.is_stable, seen));
        if self.accepts_other_ends {
            found.retain(|finding| !finding.is_other_end());
        }
        found
    }

    /// Finds the shortest schedule that shows one of the findings of a report, and notes it there.
    ///
    /// # Errors
    /// If the function cannot be started, or the ledger not be read.
    pub async fn shorten(
        &self,
        reference: &DurableReference,
        report: &mut DurableReport,
    ) -> Result<(), Error> {
        if !reference.findings.is_empty() {
            return Ok(());
        }
        self.shrink(reference, report).await
    }

    pub(super) async fn world_of(
        &self,
        schedule: &DurableSchedule,
        run: u64,
    ) -> Result<DurableReference, Error> {
        self.reference_in(&schedule.world(), run).await
    }
}

impl DurableReference {
    /// What happened without mishaps.
    pub(super) fn observed(&self) -> &Observation {
        &self.first
    }

    /// Whether the function wrote a ledger, so that effects are counted.
    #[must_use]
    pub fn has_ledger(&self) -> bool {
        self.first.has_ledger
    }

    /// Whether a second run had the same effects and results. If not, those of runs with mishaps are not compared with them.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.is_stable
    }

    /// How many checkpoints were made, and in how many invocations.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.first.checkpoints.len(), self.first.invocations)
    }

    /// Whether something is wrong although nothing went wrong: every seed would show the same.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// A number for each run of a seed, from which its id is made.
pub(super) fn run_of(seed: u64, run: u64) -> u64 {
    seed.wrapping_mul(1 << 16).wrapping_add(run)
}
