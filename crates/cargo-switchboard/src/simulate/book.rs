//! Records what was delivered, and what happened to it.

use std::collections::HashMap;

use super::ledger::Ledger;
use super::payload::Item;
use super::plan::Record;
use super::report::{Figures, Report};
use super::simulation::Simulation;
use crate::Error;

/// Every record and its state.
pub(super) struct Book {
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
    lanes: HashMap<usize, Lane>,
    is_ordered: bool,
    ledger: Ledger,
    invocations: usize,
    unknown: usize,
}

struct Entry {
    record: Record,
    deliveries: usize,
    /// Whether a delivery asked the function to finish it.
    was_to_finish: bool,
    finishes: usize,
    is_dead: bool,
    is_out_of_order: bool,
}

impl Entry {
    /// Whether later records of its lane may be finished.
    fn is_through(&self) -> bool {
        self.finishes > 0 || self.is_dead
    }
}

/// The records of a lane in order, and how many of the first ones are done.
#[derive(Default)]
struct Lane {
    members: Vec<usize>,
    through: usize,
}

impl Book {
    pub(super) fn new(plan: Vec<Record>, is_ordered: bool, ledger: Ledger) -> Self {
        let mut lanes: HashMap<usize, Lane> = HashMap::new();
        for (index, record) in plan.iter().enumerate() {
            lanes.entry(record.lane).or_default().members.push(index);
        }
        let places = plan.iter().map(|record| record.id.clone()).zip(0..).collect();
        Self {
            entries: plan.into_iter().map(Entry::new).collect(),
            places,
            lanes,
            is_ordered,
            ledger,
            invocations: 0,
            unknown: 0,
        }
    }

    /// The records of a delivery, each with its task.
    pub(super) fn deliver(&mut self, batch: &[usize]) -> Vec<Item> {
        self.invocations += 1;
        let item = |&index: &usize| {
            let entry = &mut self.entries[index];
            let task = entry.record.task(entry.deliveries);
            entry.deliveries += 1;
            entry.was_to_finish |= task.what == "ok";
            Item {
                index,
                record: entry.record.clone(),
                task,
                receives: entry.deliveries,
            }
        };
        batch.iter().map(item).collect()
    }

    /// Reads what the function has written since the last call.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        let news = self
            .ledger
            .news()
            .map_err(|e| Error::io("cannot read the ledger", e))?;
        for id in news.rejected {
            self.with(&id, Self::discard);
        }
        for id in news.finished {
            self.with(&id, Self::finish);
        }
        Ok(())
    }

    fn with(&mut self, id: &str, note: fn(&mut Self, usize)) {
        match self.places.get(id) {
            Some(&index) => note(self, index),
            None => self.unknown += 1,
        }
    }

    fn finish(&mut self, index: usize) {
        let lane = self.entries[index].record.lane;
        let is_first = self.entries[index].finishes == 0;
        self.entries[index].finishes += 1;
        let lane = self.lanes.entry(lane).or_default();
        let entries = &self.entries;
        let through = lane.members[lane.through..]
            .iter()
            .take_while(|&&member| entries[member].is_through());
        lane.through += through.count();
        // Not all before it are through, if those that are end before it.
        let is_ahead = lane.members.get(lane.through).is_some_and(|&open| open < index);
        if self.is_ordered && is_first && is_ahead {
            self.entries[index].is_out_of_order = true;
        }
    }

    /// The record is dead-lettered: by its source's configuration, or by the function.
    pub(super) fn discard(&mut self, index: usize) {
        self.entries[index].is_dead = true;
    }

    /// Whether a duplicate of the finished record is due. True only once.
    pub(super) fn comes_again(&mut self, index: usize) -> bool {
        std::mem::take(&mut self.entries[index].record.duplicate)
    }

    /// How many records are done, according to the ledger.
    pub(super) fn through(&self) -> usize {
        self.entries.iter().filter(|entry| entry.is_through()).count()
    }

    pub(super) fn report(&self, simulation: &Simulation) -> Report {
        let ids = |wanted: fn(&Entry) -> bool| -> Vec<String> {
            let entries = self.entries.iter().filter(|entry| wanted(entry));
            entries.map(|entry| entry.record.id.clone()).collect()
        };
        let count = |wanted: fn(&Entry) -> bool| self.entries.iter().filter(|entry| wanted(entry)).count();
        let sum = |number: fn(&Entry) -> usize| self.entries.iter().map(number).sum();
        let figures = Figures {
            delivered: count(|entry| entry.deliveries > 0),
            attempts: sum(|entry| entry.deliveries),
            invocations: self.invocations,
            finished: count(|entry| entry.finishes > 0),
            dead_lettered: count(|entry| entry.is_dead),
            repeated: sum(|entry| entry.finishes.saturating_sub(1)),
            to_finish: count(|entry| entry.was_to_finish),
            unknown: self.unknown,
        };
        Report::new(
            simulation,
            figures,
            [
                ids(|entry| !entry.is_through()),
                ids(|entry| entry.is_out_of_order),
                ids(|entry| entry.finishes > 1),
            ],
        )
    }
}

impl Entry {
    fn new(record: Record) -> Self {
        Self {
            record,
            deliveries: 0,
            was_to_finish: false,
            finishes: 0,
            is_dead: false,
            is_out_of_order: false,
        }
    }
}
