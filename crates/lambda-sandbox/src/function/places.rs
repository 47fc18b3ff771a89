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
    /// How many invocations each place has, and how many it may have.
    busy: Mutex<Vec<u32>>,
    each: u32,
    /// Each invocation holds a permit until it is over. The semaphore is the queue, and it is fair.
    turns: Semaphore,
    pub(super) lifetime: Lifetime,
}

/// The place of an invocation, until this is dropped.
pub(super) struct Claim<'p> {
    places: &'p Places,
    index: usize,
    _turn: SemaphorePermit<'p>,
}

impl Places {
    pub(super) fn new(config: &Builder) -> Self {
        let each = config.mode.max_concurrency();
        let all: Vec<Place> = (1..=config.environments).map(Place::new).collect();
        Self {
            turns: Semaphore::new(all.len() * each as usize),
            busy: Mutex::new(vec![0; all.len()]),
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

    /// A place for an invocation. If none is free, this calls `wait` and waits behind those that came before.
    pub(super) async fn claim(&self, wait: impl FnOnce()) -> Option<Claim<'_>> {
        let turn = match self.turns.try_acquire() {
            Ok(turn) => turn,
            Err(_) => {
                wait();
                // Fails only if the semaphore is closed, which it never is.
                self.turns.acquire().await.ok()?
            }
        };
        Some(self.claimed(turn))
    }

    /// A place that is free now.
    pub(super) fn claim_now(&self) -> Option<Claim<'_>> {
        self.turns.try_acquire().ok().map(|turn| self.claimed(turn))
    }

    /// The first place that is free, preferably one that has a process.
    fn claimed<'p>(&'p self, turn: SemaphorePermit<'p>) -> Claim<'p> {
        let mut busy = lock(&self.busy);
        let free = |index: &usize| busy[*index] < self.each;
        let running = |index: &usize| self.all[*index].running().is_some();
        let index = (0..self.all.len())
            .filter(free)
            .find(running)
            .or_else(|| (0..self.all.len()).find(free))
            // There are no more permits than free places.
            .unwrap_or(0);
        busy[index] += 1;
        Claim {
            places: self,
            index,
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
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        // Before the permit, so that whoever gets it finds a free place.
        lock(&self.places.busy)[self.index] -= 1;
    }
}
