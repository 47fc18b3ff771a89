//! Counts what is done: how often, and in which order.

use std::collections::HashMap;

/// The records of each lane, in order.
pub(super) struct Lanes {
    of: Vec<usize>,
    members: HashMap<usize, Vec<usize>>,
}

impl Lanes {
    pub(super) fn new(of: impl Iterator<Item = usize>) -> Self {
        let of: Vec<usize> = of.collect();
        let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, lane) in of.iter().enumerate() {
            members.entry(*lane).or_default().push(index);
        }
        Self { of, members }
    }
}

/// What is known to be done.
#[derive(Clone)]
pub(super) struct RecordCompletions {
    /// How often each record was finished.
    pub(super) finishes: Vec<usize>,
    /// Which are dead-lettered: by the source's configuration, or by the function.
    pub(super) dead: Vec<bool>,
    /// Which were finished before an earlier one of their lane.
    pub(super) out_of_order: Vec<bool>,
    /// How many of the first records of a lane are through.
    through: HashMap<usize, usize>,
    is_ordered: bool,
}

impl RecordCompletions {
    pub(super) fn new(records: usize, is_ordered: bool) -> Self {
        Self {
            finishes: vec![0; records],
            dead: vec![false; records],
            out_of_order: vec![false; records],
            through: HashMap::new(),
            is_ordered,
        }
    }

    /// Whether later records of its lane may be finished.
    pub(super) fn is_through(&self, index: usize) -> bool {
        self.finishes[index] > 0 || self.dead[index]
    }

    pub(super) fn through(&self) -> usize {
        (0..self.finishes.len())
            .filter(|index| self.is_through(*index))
            .count()
    }

    pub(super) fn finish(&mut self, index: usize, lanes: &Lanes) {
        let is_first = self.finishes[index] == 0;
        self.finishes[index] += 1;
        let lane = lanes.of[index];
        let Some(members) = lanes.members.get(&lane) else {
            return;
        };
        let before = self.through.get(&lane).copied().unwrap_or_default();
        let more = members[before..]
            .iter()
            .take_while(|member| self.is_through(**member));
        let through = before + more.count();
        self.through.insert(lane, through);
        // Not all before it are through, if those that are end before it.
        let is_ahead = members.get(through).is_some_and(|&open| open < index);
        if self.is_ordered && is_first && is_ahead {
            self.out_of_order[index] = true;
        }
    }

    pub(super) fn discard(&mut self, index: usize, _: &Lanes) {
        self.dead[index] = true;
    }
}
