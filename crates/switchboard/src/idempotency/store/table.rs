//! The records of the store in memory, and which of them are removed when it is full.

use super::super::StoreError;
use super::rule::{KeyRecord, NULL, Status, Verdict, seconds, token};
use super::{Claim, Claimed, Done, Lease};
use foldhash::fast::RandomState;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

/// How many expired records each claim deletes: more than it adds, so that they cannot accumulate.
const SWEPT: usize = 2;

/// Every record by its id, and the finished ones in the order in which they were finished.
#[derive(Debug)]
pub(crate) struct KeyTable {
    capacity: usize,
    /// Ids end with a hash already, so a fast hash of them is enough.
    records: HashMap<Arc<str>, Row, RandomState>,
    /// An entry for each finished record, and stale entries for records that were removed or are in progress again.
    finished: VecDeque<FinishedKey>,
    count: u64,
}

#[derive(Debug)]
struct Row {
    record: KeyRecord,
    /// The number of the record's entry in `finished`; zero if it has none.
    finished: u64,
}

#[derive(Debug)]
struct FinishedKey {
    id: Arc<str>,
    /// The entry is stale if the record has another number.
    finished: u64,
    /// The last second at which the record is valid, since 1970. From it, most claims see that nothing has expired.
    expiration: u64,
}

impl KeyTable {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            records: HashMap::default(),
            finished: VecDeque::new(),
            count: 0,
        }
    }

    pub(super) fn claim(&mut self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        self.sweep(claim.now);
        if self.records.len() >= self.capacity && !self.records.contains_key(claim.id) {
            self.make_room(Some(claim.now))?;
        }
        let id: Arc<str> = claim.id.into();
        let token = token(claim);
        match self.records.entry(Arc::clone(&id)) {
            Entry::Vacant(slot) => {
                let record = KeyRecord::of(claim, token);
                slot.insert(Row { record, finished: 0 });
            }
            Entry::Occupied(slot) => {
                let row = slot.into_mut();
                match row.record.judge(claim) {
                    Verdict::Done(data) => return Ok(Claimed::Done(data.to_owned())),
                    Verdict::InProgress(until) => return Ok(Claimed::InProgress(until)),
                    Verdict::Mismatch => return Ok(Claimed::Mismatch),
                    Verdict::Free => {
                        row.record = KeyRecord::of(claim, token);
                        row.finished = 0;
                    }
                }
            }
        }
        Ok(Claimed::Owned(Lease::with_token(id, token)))
    }

    pub(super) fn finish(&mut self, lease: &Lease, done: &Done) -> bool {
        let Some(row) = self.records.get_mut(lease.id()) else {
            return false;
        };
        if !row.record.is_held_under(lease.token()) {
            return false;
        }
        row.record.status = Status::Completed;
        row.record.expiration = seconds(done.expiration);
        // Most results are `null`, which costs no allocation.
        row.record.data = (done.data != NULL).then(|| done.data.as_str().into());
        self.count += 1;
        row.finished = self.count;
        let expiration = row.record.expiration;
        self.enqueue(lease.shared_id(), expiration);
        true
    }

    pub(super) fn release(&mut self, lease: &Lease) -> bool {
        let row = self.records.get(lease.id());
        let held = row.is_some_and(|row| row.record.is_held_under(lease.token()));
        held && self.records.remove(lease.id()).is_some()
    }

    pub(super) fn recall(&self, id: &str, now: SystemTime) -> Option<String> {
        let row = self.records.get(id)?;
        row.record.recall(now).map(ToOwned::to_owned)
    }

    pub(super) fn remember(&mut self, id: &str, done: &Done) -> Result<(), StoreError> {
        if !self.records.contains_key(id) {
            self.make_room(None)?;
        }
        let id: Arc<str> = id.into();
        self.count += 1;
        let (record, finished) = (KeyRecord::done(done), self.count);
        let expiration = record.expiration;
        self.records.insert(Arc::clone(&id), Row { record, finished });
        self.enqueue(&id, expiration);
        Ok(())
    }

    /// Appends an entry for a finished record.
    fn enqueue(&mut self, id: &Arc<str>, expiration: u64) {
        self.finished.push_back(FinishedKey {
            id: Arc::clone(id),
            finished: self.count,
            expiration,
        });
        if self.finished.len() > 2 * self.capacity.max(8) {
            let records = &self.records;
            self.finished.retain(|entry| {
                records
                    .get(&entry.id)
                    .is_some_and(|row| row.finished == entry.finished)
            });
        }
    }

    /// Removes the oldest finished records that have expired.
    fn sweep(&mut self, now: SystemTime) {
        let now = seconds(now);
        for _ in 0..SWEPT {
            match self.finished.front() {
                Some(entry) if entry.expiration < now => self.remove_oldest(),
                _ => return,
            }
        }
    }

    /// Removes the oldest finished record, unless its entry is stale.
    fn remove_oldest(&mut self) {
        let Some(FinishedKey { id, finished, .. }) = self.finished.pop_front() else {
            return;
        };
        if self.records.get(&id).is_some_and(|row| row.finished == finished) {
            self.records.remove(&id);
        }
    }

    /// Removes the oldest finished record if there is no room for another one. If none is finished, removes those whose
    /// owner's lease has expired.
    fn make_room(&mut self, now: Option<SystemTime>) -> Result<(), StoreError> {
        while self.records.len() >= self.capacity {
            if self.finished.is_empty() {
                self.records
                    .retain(|_, row| !now.is_some_and(|now| row.record.is_abandoned(now)));
                if self.records.len() < self.capacity {
                    return Ok(());
                }
                return Err(StoreError::busy(format!(
                    "the idempotency store in memory is full: all its {} keys are in progress",
                    self.capacity
                )));
            }
            self.remove_oldest();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::rule::moment;
    use super::*;

    fn claim(id: &str, now: u64) -> Claim<'_> {
        Claim {
            id,
            validation: None,
            now: moment(now),
            lease_until: moment(now + 1_000),
            expiration: moment(now + 60_000),
        }
    }

    fn own(table: &mut KeyTable, id: &str, now: u64) -> Lease {
        match table.claim(&claim(id, now)).unwrap() {
            Claimed::Owned(lease) => lease,
            other => panic!("{id} is {other:?}"),
        }
    }

    fn finish(table: &mut KeyTable, id: &str, now: u64) {
        let lease = own(table, id, now);
        assert!(table.finish(&lease, &done(now)));
    }

    fn done(now: u64) -> Done {
        Done {
            data: "1".to_owned(),
            expiration: moment(now + 60_000),
        }
    }

    #[test]
    fn the_oldest_of_the_done_goes_first_and_what_is_in_progress_stays() {
        let mut table = KeyTable::new(3);
        let busy = own(&mut table, "busy", 0);
        finish(&mut table, "a", 0);
        finish(&mut table, "b", 0);
        finish(&mut table, "c", 0);
        let known = |table: &KeyTable, id| table.recall(id, moment(0)).is_some();
        assert!(!known(&table, "a") && known(&table, "b") && known(&table, "c"));
        table.remember("d", &done(0)).unwrap();
        assert!(!known(&table, "b") && known(&table, "c") && known(&table, "d"));
        assert!(table.finish(&busy, &done(0)));
    }

    #[test]
    fn a_full_table_still_knows_a_key_that_comes_again() {
        let mut table = KeyTable::new(1);
        finish(&mut table, "a", 0);
        let again = table.claim(&claim("a", 0)).unwrap();
        assert_eq!(again, Claimed::Done("1".to_owned()));
    }

    #[test]
    fn an_entry_that_is_stored_again_is_no_longer_the_oldest() {
        let mut table = KeyTable::new(2);
        for id in ["a", "b", "a", "c"] {
            table.remember(id, &done(0)).unwrap();
        }
        let known = |id| table.recall(id, moment(0)).is_some();
        assert_eq!(["a", "b", "c"].map(known), [true, false, true]);
    }

    /// However many entries were stale, and tidied up.
    #[test]
    fn a_table_full_of_what_is_done_always_has_room() {
        for rounds in 1..60 {
            let mut table = KeyTable::new(2);
            for round in 0..rounds {
                table.remember(["a", "b"][round % 2], &done(0)).unwrap();
            }
            finish(&mut table, "c", 0);
            finish(&mut table, "d", 0);
            let known = |id| table.recall(id, moment(0)).is_some();
            assert_eq!(["a", "b", "c", "d"].map(known), [false, false, true, true]);
        }
    }

    #[test]
    fn a_table_full_of_keys_in_progress_takes_no_more_until_a_lease_has_passed() {
        let mut table = KeyTable::new(2);
        let late = own(&mut table, "a", 0);
        own(&mut table, "b", 500);
        assert!(table.claim(&claim("c", 1_000)).unwrap_err().is_busy());
        assert!(table.remember("c", &done(0)).unwrap_err().is_busy());
        own(&mut table, "c", 1_001);
        assert!(!table.finish(&late, &done(0)));
    }

    #[test]
    fn records_that_no_longer_count_are_swept_away() {
        let mut table = KeyTable::new(1_000);
        for round in 0..200_u64 {
            finish(&mut table, &format!("{}", round % 7), round * 100_000);
        }
        assert!(table.records.len() <= 2, "{}", table.records.len());
        assert!(table.finished.len() <= 2, "{}", table.finished.len());
    }

    #[test]
    fn stale_entries_do_not_pile_up_behind_a_live_one() {
        let mut table = KeyTable::new(4);
        table
            .remember(
                "long",
                &Done {
                    data: "1".to_owned(),
                    expiration: moment(u64::MAX / 2),
                },
            )
            .unwrap();
        for round in 0..1_000_u64 {
            finish(&mut table, "again", round * 100_000);
        }
        assert!(table.finished.len() <= 17, "{}", table.finished.len());
        assert!(table.recall("long", moment(0)).is_some());
    }
}
