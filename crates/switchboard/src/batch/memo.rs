//! What a stream's records were done beyond the checkpoint: remembered, and skipped when they come again.

use super::item::Items;
use super::tally::{Tally, name};
use crate::event::{Event, identify, text_at};
use crate::handler::Memo;
use crate::source::records;
use bytes::Bytes;
use std::collections::HashSet;
use std::time::SystemTime;

impl Memo {
    /// The names of the records that are done already. Without its memory a batch is handled as any other: records may
    /// come more than once.
    pub(super) async fn recall(&self, key: Option<String>) -> HashSet<String> {
        let Some(key) = key else {
            return HashSet::new();
        };
        match self.store.recall(&key).await {
            Ok(known) => known
                .and_then(|known| serde_json::from_str(&known).ok())
                .unwrap_or_default(),
            Err(error) => {
                tracing::warn!(key, %error, "the memo cannot be read: records may be handled again");
                HashSet::new()
            }
        }
    }

    pub(super) async fn remember(&self, notes: Option<Notes>) {
        let Some(Notes { keys, names }) = notes else {
            return;
        };
        let until = SystemTime::now() + self.kept;
        for key in keys {
            if let Err(error) = self.store.remember(&key, &names, until).await {
                tracing::warn!(key, %error, "the memo cannot be written: records may be handled again");
            }
        }
    }
}

/// What is remembered of a batch.
pub(super) struct Notes {
    /// Its first record as it was, and the one that it will start with when the rest of it comes again.
    keys: Vec<String>,
    /// The names of the records that are done, as JSON.
    names: String,
}

/// What is to be remembered; nothing if all is done, or nothing beyond the checkpoint.
pub(super) fn notes<E: Event, S>(
    items: &Items<'_, S>,
    payload: &Bytes,
    tally: &mut Tally<E::Reply>,
) -> Option<Notes> {
    tally.open.sort();
    let lowest = tally.open.records(payload).next()?;
    let names = done::<E, S>(items, payload, tally, lowest.index);
    if names.is_empty() {
        return None;
    }
    let mut keys = Vec::from_iter(first_key::<E, S>(items, payload));
    keys.extend(lowest.raw.and_then(|raw| key::<E, S>(items, raw)));
    keys.dedup();
    let names = serde_json::to_string(&names).ok()?;
    Some(Notes { keys, names })
}

/// The key that a batch is remembered by.
pub(super) fn first_key<E: Event, S>(items: &Items<'_, S>, payload: &Bytes) -> Option<String> {
    key::<E, S>(items, records(payload).next()?.ok()?)
}

/// The names of the records that are done behind the lowest that is open. One that is open as well, because there are two
/// records of its name, is not.
fn done<E: Event, S>(
    items: &Items<'_, S>,
    payload: &Bytes,
    tally: &Tally<E::Reply>,
    lowest: usize,
) -> Vec<String> {
    let received = items.invocation.received;
    let beyond = tally.done.iter().filter(|done| done.index > lowest);
    let mut names: Vec<String> = beyond.filter_map(|done| name::<E>(&done.raw, received)).collect();
    if names.is_empty() {
        return names;
    }
    let there: HashSet<&String> = names.iter().collect();
    let open = tally
        .open
        .records(payload)
        .filter_map(|record| name::<E>(record.raw?, received));
    let twice: HashSet<String> = open.filter(|name| there.contains(name)).collect();
    names.retain(|name| !twice.contains(name));
    names
}

/// A batch is known by its first record: the rest of one that failed comes again just as it was.
fn key<E: Event, S>(items: &Items<'_, S>, first: &[u8]) -> Option<String> {
    let id = identify::<E>(first, items.invocation.received)?;
    let stream = text_at(first, "eventSourceARN").unwrap_or_default();
    let function = &items.invocation.lambda.env_config.function_name;
    Some(format!("{function}.{}.memo#{stream}/{id}", items.source()))
}
