//! The logs of arrivals: their slots are given out one after the other, and each is filled once, for good.

use super::super::StoreError;
use super::bulk::Attributes;
use super::connection::Dynamodb;
use super::insert::Inserted;
use super::item::{EXPIRES, PK, key_of};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use chrono::Utc;
use switchboard::store::dynamodb::{Item, failed, number, string, text, whole_number};

/// How many logs there are. Each takes as many appends a second as an item takes writes, 1,000. Part of the table's layout, and of
/// cursors.
pub(super) const LOGS: usize = 4;

const NAME: &str = "name";
const LAST: &str = "last";
const AT: &str = "at";
const ENTRIES: &str = "entries";

/// The key of the item that says which slot of a log was given out last. The function may update those that begin so.
pub(super) fn log_key(log: impl std::fmt::Display) -> String {
    format!("arrivals#{log}")
}

/// A log as it is now.
#[derive(Clone, Default)]
pub(super) struct Log {
    /// Tells it from the log of another table; empty if it has no slot yet.
    pub(super) name: String,
    /// The number of the last slot that was given out. The first is 1.
    pub(super) last: u64,
    /// When that was, in milliseconds since 1970.
    pub(super) at: u64,
}

/// A slot, which is given to one transaction.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Slot {
    pub(super) log: usize,
    pub(super) number: u64,
}

impl Slot {
    pub(super) fn key(self) -> String {
        format!("arrival#{}#{}", self.log, self.number)
    }

    /// What fills it: the keys of the entries that are inserted with it, and goes when they do. None closes it for good.
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

/// A slot that is filled.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) slot: Slot,
    /// When it was filled, which was after all slots before it had been given out.
    pub(super) at: u64,
    /// When it and its entries expire, in seconds since 1970.
    pub(super) expires: Option<u64>,
    /// The keys of its entries, in the order in which they arrived; none if it is closed.
    pub(super) keys: Vec<String>,
}

impl Arrival {
    pub(super) fn of(slot: Slot, item: &Item) -> Self {
        let keys = item.get(ENTRIES).and_then(|keys| keys.as_l().ok());
        if keys.is_none() {
            tracing::error!(
                pk = slot.key(),
                "an arrival of the journal is damaged; followers get nothing of it"
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

    /// Nobody's, for good.
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
    /// So many slots of a log, which are nobody else's.
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
            StoreError::damaged(format!("the item `{key}` of the table `{table}` counts no slots"))
        })?;
        let slot = |number| Slot {
            log,
            number: first + number,
        };
        Ok((1..=count).map(slot).collect())
    }

    /// The logs as they are now.
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

    /// What fills these slots; those that are empty are missing.
    pub(super) async fn arrivals(&self, slots: &[Slot]) -> Result<Vec<Arrival>, StoreError> {
        let keys: Vec<String> = slots.iter().map(|slot| slot.key()).collect();
        let items = self.get_all(&keys, Attributes::All).await?;
        let filled = |(slot, key): (&Slot, &String)| Some(Arrival::of(*slot, items.get(key)?));
        Ok(slots.iter().zip(&keys).filter_map(filled).collect())
    }

    /// Closes slots, unless they have been filled meanwhile: what is in them from here on. None is put over an item, so that of
    /// whoever fills a slot and whoever closes it one comes first.
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
