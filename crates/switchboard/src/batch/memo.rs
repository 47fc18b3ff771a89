//! The memo of a stream: which records are done beyond the checkpoint, so that they are skipped when they are delivered
//! again.

use super::item::ItemReader;
use super::outcomes::{BatchOutcomes, name};
use crate::event::{Event, identify, text_at};
use crate::handler::Memo;
use crate::source::records;
use bytes::Bytes;
use std::collections::HashSet;
use std::time::SystemTime;

impl Memo {
    /// The names of the records that are done already. If the memo cannot be read, the batch is handled like any other,
    /// and records may be repeated.
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

    pub(super) async fn remember(&self, notes: Option<MemoText>) {
        let Some(MemoText { keys, names }) = notes else {
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
pub(super) struct MemoText {
    /// Two keys: of its first record, and of the record that it will start with when the rest is delivered again.
    keys: Vec<String>,
    /// The names of the records that are done, as JSON.
    names: String,
}

/// What to remember; `None` if all records are done, or none beyond the checkpoint.
pub(super) fn notes<E: Event, S>(
    items: &ItemReader<'_, S>,
    payload: &Bytes,
    outcomes: &mut BatchOutcomes<E::Reply>,
) -> Option<MemoText> {
    outcomes.open.sort();
    let lowest = outcomes.open.records(payload).next()?;
    let names = done::<E, S>(items, payload, outcomes, lowest.index);
    if names.is_empty() {
        return None;
    }
    let mut keys = Vec::from_iter(first_key::<E, S>(items, payload));
    keys.extend(lowest.raw.and_then(|raw| key::<E, S>(items, raw)));
    keys.dedup();
    let names = serde_json::to_string(&names).ok()?;
    Some(MemoText { keys, names })
}

/// The key under which a batch is remembered.
pub(super) fn first_key<E: Event, S>(items: &ItemReader<'_, S>, payload: &Bytes) -> Option<String> {
    key::<E, S>(items, records(payload).next()?.ok()?)
}

/// The names of the records that are done behind the lowest open one. A name that also belongs to an open record is
/// left out.
fn done<E: Event, S>(
    items: &ItemReader<'_, S>,
    payload: &Bytes,
    outcomes: &BatchOutcomes<E::Reply>,
    lowest: usize,
) -> Vec<String> {
    let received = items.invocation.received;
    let beyond = outcomes.done.iter().filter(|done| done.index > lowest);
    let mut names: Vec<String> = beyond.filter_map(|done| name::<E>(&done.raw, received)).collect();
    if names.is_empty() {
        return names;
    }
    let there: HashSet<&String> = names.iter().collect();
    let open = outcomes
        .open
        .records(payload)
        .filter_map(|record| name::<E>(record.raw?, received));
    let twice: HashSet<String> = open.filter(|name| there.contains(name)).collect();
    names.retain(|name| !twice.contains(name));
    names
}

/// A batch is identified by its first record: the rest of a failed batch is delivered again unchanged.
fn key<E: Event, S>(items: &ItemReader<'_, S>, first: &[u8]) -> Option<String> {
    let id = identify::<E>(first, items.invocation.received)?;
    let stream = text_at(first, "eventSourceARN").unwrap_or_default();
    let function = &items.invocation.lambda.env_config.function_name;
    Some(format!("{function}.{}.memo#{stream}/{id}", items.source()))
}
