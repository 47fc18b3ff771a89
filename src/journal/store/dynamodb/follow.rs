//! Entries in the order of arrival: the logs are followed side by side.

use super::super::StoreError;
use super::super::page::{DAMAGED, PAGE_BYTES, damaged_entry};
use super::bulk::{Attributes, ROUNDS, pause};
use super::connection::Dynamodb;
use super::item::{PK, ReadItem, SOURCE, SUBJECT, TYPE, key_of};
use super::key::bounded;
use super::lane::{Lanes, Step};
use super::log::{LOGS, Log, Slot, now};
use super::place::{Places, cursor, places};
use crate::journal::{Arrivals, Arrived, Damaged, Follow};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::types::{Get, TransactGetItem};
use std::collections::{BTreeMap, HashMap};
use switchboard::store::dynamodb::{Item, failed, text};

/// How often the logs are read for one page, and how many entries are examined, so that the cost of any request is
/// limited.
pub(super) const READS: usize = 20;
const LOOKS: usize = 2_000;

/// How many entries are read at once, by one call.
const AT_ONCE: usize = 100;

const CALL: &str = "TransactGetItems";

impl Dynamodb {
    pub(super) async fn follow_all(&self, follow: &Follow) -> Result<Arrivals, StoreError> {
        let logs = self.logs().await?;
        let places = places(follow.after.as_ref(), &logs)?;
        let mut lanes = Lanes::new(&logs, &places);
        let mut page = FollowedPage::new(follow, &logs, places);
        for _ in 0..READS {
            self.read_lanes(&mut lanes).await?;
            while !page.full && page.looks < LOOKS {
                let steps = lanes.steps(page.wants());
                if steps.is_empty() {
                    break;
                }
                self.take(steps, &mut page).await?;
            }
            if page.full || page.looks >= LOOKS || !lanes.has_more() {
                break;
            }
        }
        Ok(page.arrivals(lanes.has_more()))
    }

    /// Adds as many of the steps to the page as fit.
    async fn take(&self, steps: Vec<Step>, page: &mut FollowedPage<'_>) -> Result<(), StoreError> {
        let mut items = self.entries_of(&steps).await?;
        let (mut kept, mut at) = (Vec::new(), Vec::new());
        let mut behind = page.places;
        let mut passed = behind;
        for step in steps {
            page.looks += 1;
            behind[step.slot.log] = step.place;
            let item = step.key.and_then(|key| items.remove(&key));
            if let Some(item) = item.filter(|item| page.asks_for(item)) {
                if !page.has_room(&item, kept.len()) {
                    break;
                }
                kept.push(ReadItem::new(item));
                at.push(behind);
            }
            passed = behind;
        }
        let read = self.with_parts(&kept).await?;
        for ((kept, entry), behind) in kept.iter().zip(read).zip(at) {
            match entry {
                Ok(entry) => page.items.push(Arrived {
                    cursor: cursor(&behind, page.logs),
                    entry,
                }),
                Err(_) if page.damaged.len() == DAMAGED => {
                    page.full = true;
                    return Ok(());
                }
                Err(error) => {
                    let (source, id) = kept.name();
                    page.damaged.push(damaged_entry(source, id, &error));
                }
            }
            page.places = behind;
        }
        page.places = passed;
        Ok(())
    }

    /// The existing entries of the steps, by key.
    async fn entries_of(&self, steps: &[Step]) -> Result<HashMap<String, Item>, StoreError> {
        let keys: Vec<String> = steps.iter().filter_map(|step| step.key.clone()).collect();
        let mut items = self.get_all(&keys, Attributes::All).await?;
        let now = now() / 1000;
        let mut missing = BTreeMap::<Slot, Vec<String>>::new();
        for step in steps {
            let expired = step.expires.is_some_and(|at| at <= now);
            match &step.key {
                Some(key) if !expired && !items.contains_key(key) => {
                    missing.entry(step.slot).or_default().push(key.clone());
                }
                _ => {}
            }
        }
        for (slot, keys) in missing {
            items.extend(self.with_slot(slot, keys).await?);
        }
        Ok(items)
    }

    /// The existing entries of a slot, read together with it. Items of a transaction become visible one after the
    /// other, so an entry may only seem to be missing. An entry that is missing here was deleted.
    async fn with_slot(&self, slot: Slot, keys: Vec<String>) -> Result<Vec<(String, Item)>, StoreError> {
        let all: Vec<String> = std::iter::once(slot.key()).chain(keys).collect();
        for round in 0..ROUNDS {
            let items = self.at_one_moment(&all).await?.unwrap_or_default();
            if items.iter().any(|(key, _)| *key == all[0]) {
                return Ok(items);
            }
            pause(round).await;
        }
        Err(self.left(CALL, all.len(), all.len()))
    }

    /// The existing items; `None` if one of them is being written.
    async fn at_one_moment(&self, keys: &[String]) -> Result<Option<Vec<(String, Item)>>, StoreError> {
        let gets = keys.iter().map(|key| self.get(key)).collect();
        let call = self.client().await.transact_get_items();
        let error = match call.set_transact_items(Some(gets)).send().await {
            Ok(answer) => {
                let answers = answer.responses.unwrap_or_default().into_iter();
                let items = answers.filter_map(|answer| answer.item);
                let named = |item: Item| Some((text(&item, PK)?.to_owned(), item));
                return Ok(Some(items.filter_map(named).collect()));
            }
            Err(error) => error,
        };
        if let SdkError::ServiceError(service) = &error
            && let TransactGetItemsError::TransactionCanceledException(cancelled) = service.err()
        {
            let reasons = cancelled.cancellation_reasons.as_deref();
            return self.refusals(CALL, reasons).map(|_| None);
        }
        Err(failed(CALL, &self.table, error))
    }

    fn get(&self, key: &str) -> TransactGetItem {
        let get = Get::builder().table_name(&self.table).set_key(Some(key_of(key)));
        let get = get.build().expect("it has a table and a key");
        TransactGetItem::builder().get(get).build()
    }
}

/// A page for a follower.
struct FollowedPage<'f> {
    logs: &'f [Log; LOGS],
    filters: Vec<(&'static str, String)>,
    limit: usize,
    bytes: usize,
    looks: usize,
    /// There is more than the page has.
    full: bool,
    items: Vec<Arrived>,
    damaged: Vec<Damaged>,
    /// The positions after everything that was examined.
    places: Places,
}

impl<'f> FollowedPage<'f> {
    fn new(follow: &Follow, logs: &'f [Log; LOGS], places: Places) -> Self {
        let filters = [
            (SOURCE, &follow.source),
            (TYPE, &follow.event_type),
            (SUBJECT, &follow.subject),
        ];
        let filter = |(name, value): (&'static str, &Option<String>)| {
            let value = value.as_deref()?;
            Some((name, bounded(value).into_owned()))
        };
        Self {
            logs,
            filters: filters.into_iter().filter_map(filter).collect(),
            limit: follow.limit.get(),
            bytes: 0,
            looks: 0,
            full: false,
            items: Vec::new(),
            damaged: Vec::new(),
            places,
        }
    }

    /// How many entries to read.
    fn wants(&self) -> usize {
        match self.filters.is_empty() {
            // One more than fits shows that there is more.
            true => AT_ONCE.min(self.limit.saturating_sub(self.items.len()) + 1),
            false => AT_ONCE,
        }
    }

    fn asks_for(&self, item: &Item) -> bool {
        let mut filters = self.filters.iter();
        filters.all(|(name, value)| text(item, name) == Some(value))
    }

    /// Whether the item fits besides those that are about to be added. A page without any would lead nowhere.
    fn has_room(&mut self, item: &Item, beside: usize) -> bool {
        self.bytes += ReadItem::len(item);
        let items = self.items.len() + self.damaged.len() + beside;
        self.full = items > 0 && (items >= self.limit || self.bytes > PAGE_BYTES);
        !self.full
    }

    fn arrivals(self, more: bool) -> Arrivals {
        Arrivals {
            next: cursor(&self.places, self.logs),
            items: self.items,
            damaged: self.damaged,
            more: more || self.full,
        }
    }
}
