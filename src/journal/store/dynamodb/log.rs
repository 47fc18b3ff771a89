//! The logs of arrivals: slots are assigned in order, and each is filled once, permanently.

use super::super::StoreError;
use super::bulk::Attributes;
use super::connection::Dynamodb;
use super::insert::Inserted;
use super::item::{EXPIRES, PK, key_of};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use chrono::Utc;
use switchboard::store::dynamodb::{Item, failed, number, string, text, whole_number};

/// How many logs there are. Each allows as many appends per second as an item allows writes, 1,000. Part of the table's
/// layout, and of cursors.
pub(super) const LOGS: usize = 4;

const NAME: &str = "name";
const LAST: &str = "last";
const AT: &str = "at";
const ENTRIES: &str = "entries";

/// The key of the item with the number of a log's last assigned slot. The function may update items with this prefix.
pub(super) fn log_key(log: impl std::fmt::Display) -> String {
    format!("arrivals#{log}")
}

/// The current state of a log.
#[derive(Clone, Default)]
pub(super) struct Log {
    /// Distinguishes it from the log of another table; empty if no slot has been assigned yet.
    pub(super) name: String,
    /// The number of the last assigned slot. The first one is 1.
    pub(super) last: u64,
    /// When it was assigned, in milliseconds since 1970.
    pub(super) at: u64,
}

/// A slot, which is assigned to one transaction.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Slot {
    pub(super) log: usize,
    pub(super) number: u64,
}

impl Slot {
    pub(super) fn key(self) -> String {
        format!("arrival#{}#{}", self.log, self.number)
    }

    /// The item that fills it: the keys of the entries that are inserted with it. It expires with them. Without keys it
    /// closes the slot permanently.
    pub(super) fn item<'k>(
        self,
        at: u64,
        expires: Option<u64>,
        keys: impl Iterator<Item = &'k String>,
    ) -> Item {
        let expires = expires.map(|at| (EXPIRES.to_owned(), number(at)));
        let texts = [
            (PK.to_owned(), string(self.key())),
            (AT.to_owned(), number(at)),
            (ENTRIES.to_owned(), AttributeValue::L(keys.map(string).collect())),
        ];
        texts.into_iter().chain(expires).collect()
    }
}

/// A filled slot.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) slot: Slot,
    /// When it was filled, which is after all earlier slots were assigned.
    pub(super) at: u64,
    /// When it and its entries expire, in seconds since 1970.
    pub(super) expires: Option<u64>,
    /// The keys of its entries, in the order of arrival; empty if it is closed.
    pub(super) keys: Vec<String>,
}

impl Arrival {
    pub(super) fn of(slot: Slot, item: &Item) -> Self {
        let keys = item.get(ENTRIES).and_then(|keys| keys.as_l().ok());
        if keys.is_none() {
            tracing::error!(
                pk = slot.key(),
                "an arrival of the journal is damaged; followers do not get its entries"
            );
        }
        let keys = keys.into_iter().flatten().filter_map(|key| key.as_s().ok());
        Self {
            slot,
            at: whole_number(item, AT).unwrap_or_default(),
            expires: whole_number(item, EXPIRES),
            keys: keys.cloned().collect(),
        }
    }

    /// A permanently closed slot.
    fn closed(slot: Slot, at: u64) -> Self {
        Self {
            slot,
            at,
            expires: None,
            keys: Vec::new(),
        }
    }
}

/// In milliseconds since 1970.
pub(super) fn now() -> u64 {
    u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default()
}

impl Dynamodb {
    /// Assigns this many slots of a log.
    pub(super) async fn slots(&self, count: usize) -> Result<Vec<Slot>, StoreError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let log = fastrand::usize(..LOGS);
        let count = count as u64;
        let update = self.client().await.update_item().table_name(&self.table);
        let update = update
            .set_key(Some(key_of(&log_key(log))))
            .update_expression("SET #at = :at, #name = if_not_exists(#name, :name) ADD #last :count")
            .expression_attribute_names("#at", AT)
            .expression_attribute_names("#name", NAME)
            .expression_attribute_names("#last", LAST)
            .expression_attribute_values(":at", number(now()))
            .expression_attribute_values(":name", string(format!("{:08x}", fastrand::u32(..))))
            .expression_attribute_values(":count", number(count))
            .return_values(ReturnValue::UpdatedNew);
        let answer = update
            .send()
            .await
            .map_err(|error| failed("UpdateItem", &self.table, error))?;
        let last = answer.attributes.and_then(|item| whole_number(&item, LAST));
        let first = last.and_then(|last| last.checked_sub(count)).ok_or_else(|| {
            let table = &self.table;
            let key = log_key(log);
            StoreError::damaged(format!(
                "the item `{key}` of the table `{table}` has no count of slots"
            ))
        })?;
        let slot = |number| Slot {
            log,
            number: first + number,
        };
        Ok((1..=count).map(slot).collect())
    }

    /// The current state of the logs.
    pub(super) async fn logs(&self) -> Result<[Log; LOGS], StoreError> {
        let keys: [String; LOGS] = std::array::from_fn(log_key);
        let items = self.get_all(&keys, Attributes::All).await?;
        Ok(keys.map(|key| {
            items.get(&key).map_or_else(Log::default, |item| Log {
                name: text(item, NAME).unwrap_or_default().to_owned(),
                last: whole_number(item, LAST).unwrap_or_default(),
                at: whole_number(item, AT).unwrap_or_default(),
            })
        }))
    }

    /// The contents of these slots; empty slots are left out.
    pub(super) async fn arrivals(&self, slots: &[Slot]) -> Result<Vec<Arrival>, StoreError> {
        let keys: Vec<String> = slots.iter().map(|slot| slot.key()).collect();
        let items = self.get_all(&keys, Attributes::All).await?;
        let filled = |(slot, key): (&Slot, &String)| Some(Arrival::of(*slot, items.get(key)?));
        Ok(slots.iter().zip(&keys).filter_map(filled).collect())
    }

    /// Closes slots unless they have been filled in the meantime, and returns their contents. An insertion never
    /// overwrites an item, so either the writer or the follower is first.
    pub(super) async fn close(&self, slots: &[Slot]) -> Result<Vec<Arrival>, StoreError> {
        let at = now();
        let items = slots.iter().map(|slot| slot.item(at, None, [].iter()));
        let inserted = self.insert_all(items.collect()).await?;
        let (mut arrivals, mut filled) = (Vec::new(), Vec::new());
        for (slot, inserted) in slots.iter().zip(inserted) {
            match inserted {
                Inserted::New => arrivals.push(Arrival::closed(*slot, at)),
                Inserted::There => filled.push(*slot),
            }
        }
        arrivals.extend(self.arrivals(&filled).await?);
        Ok(arrivals)
    }
}
