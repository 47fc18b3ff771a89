//! The places of a function: which one an invocation gets.

use std::sync::{Arc, Mutex};

use tokio::sync::{Semaphore, SemaphorePermit};

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
}

/// The place of an invocation, until this is dropped.
pub(super) struct Claim<'p> {
    places: &'p Places,
    index: usize,
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
            is_taken_over: before.is_some_and(|before| tenant != Some(&*before)),
            _turn: turn,
        }
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
        lock(&self.places.slots)[self.index].busy -= 1;
    }
}
