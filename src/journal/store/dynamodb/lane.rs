//! Reads the logs of arrivals side by side, each in order, up to a slot that may still be filled.

use super::super::StoreError;
use super::connection::Dynamodb;
use super::log::{Arrival, LOGS, Log, Slot, now};
use super::place::{Place, Places};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// How many slots of each log are read at once: the slots of all logs are one call.
const WINDOW: u64 = 25;

/// How long to wait for an empty slot, in milliseconds, before closing it. Only the delay of followers depends on this,
/// and so on clocks: a writer whose slot is closed fills another one.
const PATIENCE: u64 = 10_000;

/// An entry or the end of a closed slot, and the position in its log after it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) slot: Slot,
    pub(super) expires: Option<u64>,
    pub(super) key: Option<String>,
    pub(super) place: Place,
}

/// All logs.
pub(super) struct Lanes([Lane; LOGS]);

/// What has been read of a log.
struct Lane {
    last: u64,
    /// When the last slot was assigned.
    at: u64,
    steps: VecDeque<(u64, Step)>,
    read_to: u64,
    /// How many entries of the next slot are done.
    skip: usize,
    /// The next slot may still be filled.
    waits: bool,
}

impl Lanes {
    pub(super) fn new(logs: &[Log; LOGS], places: &Places) -> Self {
        Self(std::array::from_fn(|log| Lane {
            last: logs[log].last,
            at: logs[log].at,
            steps: VecDeque::new(),
            read_to: places[log].slot,
            skip: places[log].entries,
            waits: false,
        }))
    }

    /// This many next steps, those of earlier slots first as far as clocks agree.
    pub(super) fn steps(&mut self, count: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        while steps.len() < count && !self.0.iter().any(Lane::is_dry) {
            let heads = self.0.iter_mut().filter(|lane| !lane.steps.is_empty());
            let first = heads.min_by_key(|lane| lane.steps.front().map(|(at, _)| *at));
            let Some((_, step)) = first.and_then(|lane| lane.steps.pop_front()) else {
                break;
            };
            steps.push(step);
        }
        steps
    }

    /// Whether there is more than has been taken, now.
    pub(super) fn has_more(&self) -> bool {
        self.0.iter().any(|lane| lane.is_dry() || !lane.steps.is_empty())
    }
}

impl Lane {
    /// Whether it must be read before anything later is taken from another log.
    fn is_dry(&self) -> bool {
        self.steps.is_empty() && !self.waits && self.read_to < self.last
    }

    fn window(&self, log: usize) -> Vec<Slot> {
        let to = self.last.min(self.read_to.saturating_add(WINDOW));
        let slots = self.read_to + 1..=to;
        slots.map(|number| Slot { log, number }).collect()
    }

    /// Slots of the log after the window, evenly spaced, and different ones each time.
    fn probes(&self, log: usize) -> Vec<Slot> {
        let from = self.last.min(self.read_to.saturating_add(WINDOW)) + 1;
        let apart = (self.last + 1 - from).div_ceil(WINDOW).max(1);
        let first = from + fastrand::u64(..apart);
        let numbers = (first..=self.last).step_by(usize::try_from(apart).unwrap_or(usize::MAX));
        numbers.map(|number| Slot { log, number }).collect()
    }

    /// Takes the contents of the window, up to the first empty slot.
    fn take(&mut self, window: &[Slot], filled: &HashMap<Slot, Arrival>) {
        for slot in window {
            let Some(arrival) = filled.get(slot) else {
                self.waits = true;
                return;
            };
            self.read_to = slot.number;
            let skip = std::mem::take(&mut self.skip);
            let count = arrival.keys.len();
            let step = |key: Option<String>, place| Step {
                slot: *slot,
                expires: arrival.expires,
                key,
                place,
            };
            if count <= skip {
                // It is not behind anything, so it is taken at once.
                self.steps.push_back((0, step(None, Place::behind(slot.number))));
            }
            for (at, key) in arrival.keys.iter().enumerate().skip(skip) {
                let step = step(Some(key.clone()), Place::in_slot(slot.number, at, count));
                self.steps.push_back((arrival.at, step));
            }
        }
    }
}

impl Dynamodb {
    /// Reads on if everything read has been taken. Slots that have been empty for long enough are closed.
    pub(super) async fn read_lanes(&self, lanes: &mut Lanes) -> Result<(), StoreError> {
        let lanes = &mut lanes.0;
        let dry: Vec<usize> = (0..LOGS).filter(|&log| lanes[log].is_dry()).collect();
        let windows: Vec<Vec<Slot>> = dry.iter().map(|&log| lanes[log].window(log)).collect();
        let mut filled = self.filled(&windows.concat()).await?;
        let gaps = windows.iter().flatten().filter(|slot| !filled.contains_key(slot));
        let gaps: Vec<Slot> = gaps.copied().collect();
        if !gaps.is_empty() {
            let given_up = self.given_up(lanes, &gaps, &filled).await?;
            let closed = self.close(&given_up).await?;
            filled.extend(closed.into_iter().map(|arrival| (arrival.slot, arrival)));
        }
        for (log, window) in dry.into_iter().zip(&windows) {
            lanes[log].take(window, &filled);
        }
        Ok(())
    }

    async fn filled(&self, slots: &[Slot]) -> Result<HashMap<Slot, Arrival>, StoreError> {
        let arrivals = self.arrivals(slots).await?;
        Ok(arrivals
            .into_iter()
            .map(|arrival| (arrival.slot, arrival))
            .collect())
    }

    /// Which of these empty slots were assigned long ago, as later slots of their log show.
    async fn given_up(
        &self,
        lanes: &[Lane; LOGS],
        gaps: &[Slot],
        filled: &HashMap<Slot, Arrival>,
    ) -> Result<Vec<Slot>, StoreError> {
        let long_ago = now().saturating_sub(PATIENCE);
        let mut later: Vec<(Slot, u64)> = filled
            .values()
            .map(|arrival| (arrival.slot, arrival.at))
            .collect();
        later.extend(lanes.iter().enumerate().map(|(log, lane)| {
            let number = lane.last;
            (Slot { log, number }, lane.at)
        }));
        let is_old = |slot: &Slot, later: &[(Slot, u64)]| {
            let after = |(at, _): &&(Slot, u64)| at.log == slot.log && at.number >= slot.number;
            later.iter().filter(after).any(|(_, at)| *at <= long_ago)
        };
        // If many consecutive slots were abandoned while others are being assigned, old ones are further on.
        let is_last = |slot: &&Slot| !filled.keys().any(|other| other.log == slot.log && other > *slot);
        let undecided = gaps.iter().filter(|slot| !is_old(slot, &later)).filter(is_last);
        let undecided: BTreeSet<usize> = undecided.map(|slot| slot.log).collect();
        let probes = undecided.into_iter().flat_map(|log| lanes[log].probes(log));
        let found = self.arrivals(&probes.collect::<Vec<_>>()).await?;
        later.extend(found.iter().map(|arrival| (arrival.slot, arrival.at)));
        Ok(gaps.iter().filter(|slot| is_old(slot, &later)).copied().collect())
    }
}
