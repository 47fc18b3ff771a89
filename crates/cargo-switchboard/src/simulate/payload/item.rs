//! A record in one delivery.

use serde_json::{Map, Value};
use switchboard::testing;

use crate::simulate::plan::{Record, Task};

/// A record in one delivery.
#[derive(Clone, Debug)]
pub(in crate::simulate) struct Item {
    /// Its index among all records.
    pub(in crate::simulate) index: usize,
    pub(in crate::simulate) record: Record,
    pub(in crate::simulate) task: Task,
    /// How often it has been delivered, including this time.
    pub(in crate::simulate) receives: usize,
    /// What it holds, if the simulation has bodies.
    pub(in crate::simulate) body: Option<String>,
}

impl Item {
    /// What it holds: what to do, as JSON, unless there is a body.
    pub(super) fn text(&self) -> String {
        self.text_or(|task, id| task.json(id))
    }

    pub(super) fn text_or(&self, default: impl Fn(Task, &str) -> String) -> String {
        let body = self.body.clone();
        body.unwrap_or_else(|| default(self.task, &self.record.id))
    }

    /// The body as an object, which the simulation has checked that it is.
    pub(super) fn object(&self) -> Option<Map<String, Value>> {
        serde_json::from_str(self.body.as_deref()?).ok()
    }

    /// Makes the record. It has the same ids and times at every delivery.
    pub(super) fn made<T>(&self, make: impl FnOnce(&Self) -> T) -> T {
        testing::counting_from(self.index as u64, || make(self))
    }
}
