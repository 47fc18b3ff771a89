//! A record over all invocations that had it.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard::source::Source;

use super::recorder::{RecordedInvocation, Recorder};
use crate::sync::lock;

/// Where records are that have an identifier. It is made of the kept invocations when somebody asks.
#[derive(Default)]
pub(super) struct Deliveries {
    /// Which invocations are in it.
    newest: u64,
    /// How many entries are in it, those of forgotten invocations too.
    entries: usize,
    places: HashMap<(Source, String), Vec<RecordPlace>>,
}

/// A record in an invocation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct RecordPlace {
    pub(super) invocation: u64,
    pub(super) index: usize,
}

impl Recorder {
    /// All deliveries of this record that are known, the earliest first.
    pub(super) fn deliveries_of(&self, source: Source, id: &str) -> Vec<RecordPlace> {
        let mut deliveries = lock(&self.deliveries);
        deliveries.catch_up(self);
        let places = deliveries.places.get(&(source, id.to_owned()));
        let known = places.into_iter().flatten();
        known
            .filter(|place| self.get(place.invocation).is_some())
            .copied()
            .collect()
    }

    /// How often each record of this invocation was delivered.
    pub(super) fn counts(&self, invocation: &RecordedInvocation) -> Vec<usize> {
        let oldest = self.after(0, 1).first().map_or(0, |oldest| oldest.id);
        let mut deliveries = lock(&self.deliveries);
        deliveries.catch_up(self);
        let source = invocation.judged().source;
        let count = |id: &String| {
            let places = deliveries.places.get(&(source, id.clone()));
            let kept = places.into_iter().flatten();
            kept.filter(|place| place.invocation >= oldest).count()
        };
        let records = invocation.batch().records.iter();
        records
            .map(|record| record.id.as_ref().map_or(1, count))
            .collect()
    }
}

impl Deliveries {
    fn catch_up(&mut self, recorder: &Recorder) {
        let new = recorder.after(self.newest, usize::MAX);
        new.iter().for_each(|invocation| self.add(invocation));
        self.forget(recorder);
    }

    fn add(&mut self, invocation: &Arc<RecordedInvocation>) {
        self.newest = invocation.id;
        let source = invocation.judged().source;
        for (index, record) in invocation.batch().records.iter().enumerate() {
            let Some(id) = &record.id else { continue };
            let place = RecordPlace {
                invocation: invocation.id,
                index,
            };
            self.entries += 1;
            self.places.entry((source, id.clone())).or_default().push(place);
        }
    }

    /// Drops the entries of forgotten invocations once they are most.
    fn forget(&mut self, recorder: &Recorder) {
        let kept = recorder.all();
        let live: usize = kept
            .iter()
            .map(|invocation| invocation.batch().records.len())
            .sum();
        if self.entries <= 2 * live + 1000 {
            return;
        }
        let oldest = kept.first().map_or(0, |oldest| oldest.id);
        self.places.retain(|_, places| {
            places.retain(|place| place.invocation >= oldest);
            !places.is_empty()
        });
        self.entries = self.places.values().map(Vec::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(ids: &[&str]) -> String {
        let record = |id: &&str| json!({"eventSource": "aws:sqs", "messageId": id, "body": "{}"});
        json!({"Records": ids.iter().map(record).collect::<Vec<_>>()}).to_string()
    }

    #[test]
    fn a_record_is_found_in_each_invocation_that_had_it() {
        let recorder = Recorder::new(2);
        recorder.note(event(&["a", "b"]), Ok("null"), &[]);
        recorder.note(event(&["b"]), Ok("null"), &[]);
        let place = |invocation, index| RecordPlace { invocation, index };
        assert_eq!(
            recorder.deliveries_of(Source::Sqs, "b"),
            [place(1, 1), place(2, 0)]
        );
        assert_eq!(recorder.counts(&recorder.get(1).unwrap()), [1, 2]);
        assert!(recorder.deliveries_of(Source::Kinesis, "b").is_empty());
        recorder.note(event(&["b"]), Ok("null"), &[]);
        assert_eq!(
            recorder.deliveries_of(Source::Sqs, "b"),
            [place(2, 0), place(3, 0)]
        );
    }

    #[test]
    fn what_is_forgotten_takes_no_room() {
        let recorder = Recorder::new(2);
        for number in 0..3000 {
            recorder.note(event(&[&number.to_string()]), Ok("null"), &[]);
            if number % 100 == 0 {
                recorder.deliveries_of(Source::Sqs, "0");
            }
        }
        recorder.deliveries_of(Source::Sqs, "0");
        assert!(lock(&recorder.deliveries).places.len() < 1100);
    }
}
