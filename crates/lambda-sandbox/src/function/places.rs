//! The places of a function: which one an invocation gets.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::sleep_until;

use super::Builder;
use super::place::{Lifetime, Place};
use super::process::Process;
use crate::sync::lock;

/// The places of a function.
pub(super) struct Places {
    all: Vec<Place>,
    slots: Mutex<Vec<Slot>>,
    /// How many invocations a place may have at once.
    each: u32,
    /// Each invocation holds a permit until it is over. The semaphore is the queue, and it is fair.
    turns: Semaphore,
    pub(super) lifetime: Lifetime,
}

/// What is known of a place while its invocations come and go.
#[derive(Clone, Default)]
struct Slot {
    /// How many invocations it has.
    busy: u32,
    /// Whom it serves, with tenant isolation: the tenant of its first invocation.
    tenant: Option<String>,
    /// When its last invocation ended.
    idle_since: Option<Instant>,
}

/// The place of an invocation, until this is dropped.
pub(super) struct Claim<'p> {
    places: &'p Places,
    index: usize,
    /// How many invocations it counts for.
    weight: u32,
    /// Whether the place served another tenant before.
    is_taken_over: bool,
    _turn: SemaphorePermit<'p>,
}

impl Places {
    pub(super) fn new(config: &Builder) -> Self {
        let each = config.mode.max_concurrency();
        let all: Vec<Place> = (1..=config.environments).map(Place::new).collect();
        Self {
            turns: Semaphore::new(all.len() * each as usize),
            slots: Mutex::new(vec![Slot::default(); all.len()]),
            all,
            each,
            lifetime: Lifetime::default(),
        }
    }

    /// The first place.
    pub(super) fn first(&self) -> &Place {
        &self.all[0]
    }

    pub(super) fn all(&self) -> &[Place] {
        &self.all
    }

    /// A place for an invocation, on behalf of a tenant if tenants are isolated. If none is free, this calls `wait` and waits
    /// behind those that came before.
    pub(super) async fn claim(&self, tenant: Option<&str>, wait: impl FnOnce()) -> Option<Claim<'_>> {
        let turn = match self.turns.try_acquire() {
            Ok(turn) => turn,
            Err(_) => {
                wait();
                // Fails only if the semaphore is closed, which it never is.
                self.turns.acquire().await.ok()?
            }
        };
        Some(self.claimed(turn, tenant))
    }

    /// A place that is free now.
    pub(super) fn claim_now(&self) -> Option<Claim<'_>> {
        let turn = self.turns.try_acquire().ok()?;
        Some(self.claimed(turn, None))
    }

    /// The free place that suits best: one that serves this tenant, else one that serves nobody yet, else any. Of those that suit
    /// equally, the first one that has a process.
    fn claimed<'p>(&'p self, turn: SemaphorePermit<'p>, tenant: Option<&str>) -> Claim<'p> {
        let mut slots = lock(&self.slots);
        let rank = |index: &usize| {
            let foreign = match (slots[*index].tenant.as_deref(), tenant) {
                (served, wanted) if served == wanted => 0,
                (None, _) => 1,
                (Some(_), _) => 2,
            };
            (foreign, self.all[*index].running().is_none())
        };
        let free = (0..self.all.len()).filter(|index| slots[*index].busy < self.each);
        // There are no more permits than free places.
        let index = free.min_by_key(rank).unwrap_or(0);
        let slot = &mut slots[index];
        slot.busy += 1;
        let before = tenant.and_then(|tenant| slot.tenant.replace(tenant.to_owned()));
        Claim {
            places: self,
            index,
            weight: 1,
            is_taken_over: before.is_some_and(|before| tenant != Some(&*before)),
            _turn: turn,
        }
    }

    /// Ends environments that have had no invocation for this long, each with a call of `ended` with its number. Never returns.
    pub(super) async fn end_idle(&self, limit: Duration, ended: impl Fn(u32)) {
        let begun = Instant::now();
        let mut due = begun + limit;
        loop {
            sleep_until(due.into()).await;
            for index in 0..self.all.len() {
                let Some(claim) = self.claim_idle(index, begun, limit) else {
                    continue;
                };
                claim.place().end().await;
                lock(&self.slots)[index].tenant = None;
                ended(claim.place().number);
            }
            due = self.next_due(begun, limit);
        }
    }

    /// Claims all of a place that has been idle for this long, so that no invocation gets it meanwhile. An environment without an
    /// invocation has been idle since `begun`.
    fn claim_idle(&self, index: usize, begun: Instant, limit: Duration) -> Option<Claim<'_>> {
        self.all[index].running()?;
        let turn = self.turns.try_acquire_many(self.each).ok()?;
        let mut slots = lock(&self.slots);
        let slot = &mut slots[index];
        let is_due = slot.idle_since.unwrap_or(begun).elapsed() >= limit;
        if slot.busy > 0 || !is_due {
            return None;
        }
        slot.busy += self.each;
        Some(Claim {
            places: self,
            index,
            weight: self.each,
            is_taken_over: false,
            _turn: turn,
        })
    }

    /// When the next environment may have been idle for this long. One that is busy now cannot be earlier.
    fn next_due(&self, begun: Instant, limit: Duration) -> Instant {
        let now = Instant::now();
        let slots = lock(&self.slots);
        let idle = slots.iter().zip(&self.all);
        let idle = idle.filter(|(slot, place)| slot.busy == 0 && place.running().is_some());
        let due = idle.map(|(slot, _)| slot.idle_since.unwrap_or(begun) + limit);
        // What was due but could not be claimed is tried again, at leisure.
        due.min().unwrap_or(now + limit).max(now + limit / 10)
    }

    /// The processes that run.
    pub(super) fn running(&self) -> impl Iterator<Item = Arc<Process>> {
        self.all.iter().filter_map(Place::running)
    }
}

impl Claim<'_> {
    pub(super) fn place(&self) -> &Place {
        &self.places.all[self.index]
    }

    /// Ends the environment of another tenant, which this one must not see.
    pub(super) async fn clear(&self) {
        if self.is_taken_over {
            self.place().end().await;
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        // Before the permit, so that its next holder finds a free place.
        let slot = &mut lock(&self.places.slots)[self.index];
        slot.busy -= self.weight;
        slot.idle_since = Some(Instant::now());
    }
}
