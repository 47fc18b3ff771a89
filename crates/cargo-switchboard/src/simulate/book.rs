//! Records what was delivered, and what happened to it.

use std::collections::HashMap;

use super::completions::{Lanes, RecordCompletions};
use super::ledger::Ledger;
use super::payload::Item;
use super::plan::Record;
use super::report::{Figures, Report};
use super::simulation::{Proof, Simulation};
use crate::Error;

/// Every record and its state.
pub(super) struct Book {
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
    lanes: Lanes,
    simulation: Simulation,
    ledger: Ledger,
    /// What the ledger says that was done, and what the answers say.
    noted: RecordCompletions,
    answered: RecordCompletions,
    invocations: usize,
    unknown: usize,
}

struct Entry {
    record: Record,
    deliveries: usize,
    /// Whether a delivery asked the function to finish it.
    was_to_finish: bool,
}

impl Book {
    pub(super) fn new(plan: Vec<Record>, simulation: &Simulation, ledger: Ledger) -> Self {
        let places = plan.iter().map(|record| record.id.clone()).zip(0..).collect();
        let completions = RecordCompletions::new(plan.len(), simulation.source.is_ordered());
        Self {
            lanes: Lanes::new(plan.iter().map(|record| record.lane)),
            entries: plan.into_iter().map(Entry::new).collect(),
            places,
            simulation: simulation.clone(),
            ledger,
            noted: completions.clone(),
            answered: completions,
            invocations: 0,
            unknown: 0,
        }
    }

    /// The records of a delivery, each with its task.
    pub(super) fn deliver(&mut self, batch: &[usize]) -> Vec<Item> {
        self.invocations += 1;
        let (bodies, seed) = (self.simulation.bodies.as_deref(), self.simulation.seed);
        let item = |&index: &usize| {
            let entry = &mut self.entries[index];
            let task = entry.record.task(entry.deliveries);
            entry.deliveries += 1;
            entry.was_to_finish |= task.what == "ok";
            Item {
                index,
                body: bodies.map(|bodies| bodies.body(seed, index, &entry.record, task)),
                record: entry.record.clone(),
                task,
                receives: entry.deliveries,
            }
        };
        batch.iter().map(item).collect()
    }

    /// The first record, which is not delivered.
    pub(super) fn first(&self) -> Item {
        let record = self.entries[0].record.clone();
        Item {
            index: 0,
            body: None,
            task: record.task(0),
            record,
            receives: 1,
        }
    }

    /// The function's answer says that this record is done.
    pub(super) fn answered(&mut self, index: usize) {
        self.answered.finish(index, &self.lanes);
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
            self.with(&id, RecordCompletions::discard);
        }
        for id in news.finished {
            self.with(&id, RecordCompletions::finish);
        }
        Ok(())
    }

    fn with(&mut self, id: &str, note: fn(&mut RecordCompletions, usize, &Lanes)) {
        match self.places.get(id) {
            Some(&index) => note(&mut self.noted, index, &self.lanes),
            None => self.unknown += 1,
        }
    }

    /// The record is dead-lettered by its source's configuration.
    pub(super) fn discard(&mut self, index: usize) {
        self.noted.discard(index, &self.lanes);
        self.answered.discard(index, &self.lanes);
    }

    /// Whether a duplicate of the finished record is due. True only once.
    pub(super) fn comes_again(&mut self, index: usize) -> bool {
        std::mem::take(&mut self.entries[index].record.duplicate)
    }

    /// How many records are done.
    pub(super) fn through(&self) -> usize {
        self.judge().1.through()
    }

    /// What the report rests on. A function that writes a ledger makes the file when it starts.
    fn judge(&self) -> (Proof, &RecordCompletions) {
        match self.simulation.proof {
            Some(Proof::Answers) => (Proof::Answers, &self.answered),
            None if !self.ledger.exists() => (Proof::Answers, &self.answered),
            Some(Proof::Ledger) | None => (Proof::Ledger, &self.noted),
        }
    }

    pub(super) fn report(&self) -> Report {
        let (proof, completions) = self.judge();
        let ids = |wanted: &dyn Fn(usize) -> bool| -> Vec<String> {
            let places = (0..self.entries.len()).filter(|index| wanted(*index));
            places
                .map(|index| self.entries[index].record.id.clone())
                .collect()
        };
        let count = |wanted: fn(&Entry) -> bool| self.entries.iter().filter(|entry| wanted(entry)).count();
        let finishes = || completions.finishes.iter();
        let figures = Figures {
            proof,
            delivered: count(|entry| entry.deliveries > 0),
            attempts: self.entries.iter().map(|entry| entry.deliveries).sum(),
            invocations: self.invocations,
            finished: finishes().filter(|finishes| **finishes > 0).count(),
            dead_lettered: completions.dead.iter().filter(|dead| **dead).count(),
            repeated: finishes().map(|finishes| finishes.saturating_sub(1)).sum(),
            to_finish: count(|entry| entry.was_to_finish),
            unknown: self.unknown,
        };
        Report::new(
            &self.simulation,
            figures,
            [
                ids(&|index| !completions.is_through(index)),
                ids(&|index| completions.out_of_order[index]),
                ids(&|index| completions.finishes[index] > 1),
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
        }
    }
}
