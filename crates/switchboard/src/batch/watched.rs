//! What a test sees of a batch.

use super::item::{FailedItem, ItemReader};
use super::open::OpenRanges;
use crate::event::{Event, identify};
use crate::handler::{SeenRecord, Settled, Watch};
use crate::source::records;

impl<S> ItemReader<'_, S> {
    /// The test that watches the event. It sees nothing of events inside of records: their failures are the records'.
    fn watch(&self) -> Option<&Watch> {
        let outermost = self.invocation.depth == 0;
        self.invocation.router.watch().filter(|_| outermost)
    }

    /// A record failed, or was rejected.
    pub(super) fn note_settled(&self, failed: &FailedItem, rejected: bool) {
        let Some(watch) = self.watch() else { return };
        watch.seen().settled.push(Settled {
            index: failed.index,
            failure: failed.failure.to_string(),
            rejected,
        });
    }

    /// The batch has ended; these of its records are open.
    pub(super) fn note_ended<E: Event>(&self, payload: &[u8], open: &mut OpenRanges) {
        let Some(watch) = self.watch() else { return };
        open.sort();
        let mut open = open.records(payload).map(|record| record.index).peekable();
        let seen = |(index, raw): (usize, Result<&[u8], _>)| SeenRecord {
            id: raw
                .ok()
                .and_then(|raw| identify::<E>(raw, self.invocation.received)),
            open: open.next_if_eq(&index).is_some(),
        };
        let ended: Vec<_> = records(payload).enumerate().map(seen).collect();
        watch.seen().records = ended;
    }
}
