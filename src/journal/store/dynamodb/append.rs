//! Appending: entries, each identity once, then the states that they cause.

use super::super::{Append, Appended, StoreError};
use super::bulk::{Attributes, at_once};
use super::connection::Dynamodb;
use super::insert::Inserted;
use super::item::{self, IDENTITY, ORDERING, PK, Retention, WrittenItem};
use super::key;
use super::transact::CALL;
use crate::journal::{Entry, Order, StateChange};
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use std::borrow::Cow;
use std::collections::HashMap;
use switchboard::store::dynamodb::{Item, refused, string, text};

/// Batches of at least this many entries are looked up before they are written, because some may exist. Smaller ones
/// are written at once, in one call.
const BULK: usize = 5;

/// The outcome of an entry's claim to its name, which is its source and id.
enum Claim {
    /// The name is free, and the entry is written under it.
    New,
    /// The entry exists already.
    Known,
    /// Another event, with this identity, has the name.
    Taken(String),
}

/// An entry with the name that it has, or asks for.
struct Named<'b> {
    append: &'b Append,
    entry: Cow<'b, Entry>,
    key: String,
    /// In the format of items; the same under every name.
    identity: String,
    new: bool,
}

/// The owners of names: by key, the owner's identity as far as it is known.
type Owners = HashMap<String, String>;

impl<'b> Named<'b> {
    fn new(append: &'b Append) -> Self {
        let entry = &append.entry;
        Self {
            append,
            entry: Cow::Borrowed(entry),
            key: key::entry(entry.source(), entry.id()),
            identity: item::identity(entry),
            new: false,
        }
    }

    /// Asks for another name if another event has this one. Returns `false` if that is not needed.
    fn steps_aside(&mut self, owners: &Owners) -> bool {
        let aside = owners.get(&self.key).is_some_and(|owner| *owner != self.identity);
        if aside {
            let entry = self.entry.as_ref().clone().beside();
            self.key = key::entry(entry.source(), entry.id());
            self.entry = Cow::Owned(entry);
        }
        aside
    }

    /// The outcome of a claim to a name that this identity has.
    fn claim(&self, there: Option<&str>) -> Claim {
        match there {
            None => Claim::New,
            Some(identity) if identity == self.identity => Claim::Known,
            Some(identity) => Claim::Taken(identity.to_owned()),
        }
    }

    fn written(&self, moment: Retention) -> WrittenItem {
        WrittenItem::of(self.append, &self.entry, moment)
    }
}

impl Dynamodb {
    pub(super) async fn append_all(&self, batch: &[Append]) -> Result<Vec<Appended>, StoreError> {
        let named = self.name_all(batch).await?;
        // Also for entries that existed: their writer may have stopped before their states.
        self.change_all(&named).await?;
        let appended = |named: Named<'_>| Appended {
            id: named.entry.id().to_owned(),
            new: named.new,
        };
        Ok(named.into_iter().map(appended).collect())
    }

    /// Writes each entry under its name, or under another one if another event has that.
    async fn name_all<'b>(&self, batch: &'b [Append]) -> Result<Vec<Named<'b>>, StoreError> {
        let moment = self.moment();
        let mut named: Vec<Named<'b>> = batch.iter().map(Named::new).collect();
        let mut owners = Owners::new();
        let mut open: Vec<usize> = (0..batch.len()).collect();
        while !open.is_empty() {
            let first = first_to_ask(&named, &open, &mut owners);
            let asking: Vec<&Named<'b>> = first.iter().map(|&at| &named[at]).collect();
            let claims = self.claim_all(&asking, moment).await?;
            for (at, claim) in first.into_iter().zip(claims) {
                match claim {
                    Claim::New => named[at].new = true,
                    Claim::Known => {}
                    Claim::Taken(by) => {
                        owners.insert(named[at].key.clone(), by);
                    }
                }
            }
            open.retain(|&at| named[at].steps_aside(&owners));
        }
        Ok(named)
    }

    /// Writes the entries whose names are free. The first writer gets the name: an entry is never overwritten, even by
    /// concurrent writers.
    async fn claim_all(&self, asking: &[&Named<'_>], moment: Retention) -> Result<Vec<Claim>, StoreError> {
        let mut written: Vec<Option<WrittenItem>> =
            asking.iter().map(|named| Some(named.written(moment))).collect();
        let has_parts =
            |written: &Option<WrittenItem>| written.as_ref().is_some_and(|one| !one.parts.is_empty());
        let mut claims: Vec<Claim> = asking.iter().map(|_| Claim::New).collect();
        // Reading costs less than a refused statement, and no parts are written in vain.
        if asking.len() >= BULK || written.iter().any(has_parts) {
            claims = self.look_up(asking).await?;
        }
        let new = |(at, claim): (usize, &Claim)| matches!(claim, Claim::New).then_some(at);
        let new: Vec<usize> = claims.iter().enumerate().filter_map(new).collect();
        let refused = self
            .write_all(
                new.iter().filter_map(|&at| written[at].take()).collect(),
                moment.expires,
            )
            .await?;
        let refused: Vec<usize> = refused.into_iter().map(|at| new[at]).collect();
        let again: Vec<&Named<'_>> = refused.iter().map(|&at| asking[at]).collect();
        for (at, claim) in refused.into_iter().zip(self.look_up(&again).await?) {
            if matches!(claim, Claim::New) {
                // Deleted between the two calls: it has expired.
                return Err(self.changed_meanwhile(CALL, &asking[at].key));
            }
            claims[at] = claim;
        }
        Ok(claims)
    }

    /// Writes entries, and returns which of them existed.
    async fn write_all(
        &self,
        written: Vec<WrittenItem>,
        expires: Option<u64>,
    ) -> Result<Vec<usize>, StoreError> {
        let (items, parts): (Vec<Item>, Vec<Vec<Item>>) =
            written.into_iter().map(|one| (one.item, one.parts)).unzip();
        // First, so that a visible entry has all parts of its document. Existing parts have the same content.
        self.insert_all(parts.concat()).await?;
        let inserted = self.log_all(items, expires).await?;
        let there = |(at, inserted): (usize, Inserted)| (inserted == Inserted::There).then_some(at);
        Ok(inserted.into_iter().enumerate().filter_map(there).collect())
    }

    async fn look_up(&self, asking: &[&Named<'_>]) -> Result<Vec<Claim>, StoreError> {
        let keys: Vec<String> = asking.iter().map(|named| named.key.clone()).collect();
        let there = self.get_all(&keys, Attributes::Only(IDENTITY)).await?;
        let claim = |(named, key): (&&Named<'_>, &String)| {
            let owner = there
                .get(key)
                .map(|item| item::need(item, IDENTITY))
                .transpose()?;
            Ok(named.claim(owner))
        };
        asking.iter().zip(&keys).map(claim).collect()
    }

    /// Updates each resource to its latest state in the batch.
    async fn change_all(&self, named: &[Named<'_>]) -> Result<(), StoreError> {
        let mut latest: HashMap<&str, (&StateChange, &Entry)> = HashMap::new();
        for named in named {
            let Some(change) = &named.append.change else {
                continue;
            };
            let known = latest.entry(&change.urn).or_insert((change, &named.entry));
            if change.order > known.0.order {
                *known = (change, &named.entry);
            }
        }
        let calls = latest
            .into_values()
            .map(|(change, entry)| self.change(change, entry));
        at_once(calls).await.map(|_| ())
    }

    async fn change(&self, change: &StateChange, entry: &Entry) -> Result<(), StoreError> {
        let item = item::resource(entry, change);
        let old_writing = change.order.old_writing();
        let condition = match old_writing {
            None => "attribute_not_exists(#pk) OR #ordering < :ordering",
            Some(_) => {
                "attribute_not_exists(#pk) OR (#ordering < :ordering AND NOT begins_with(#ordering, :old))"
            }
        };
        let put = self.client().await.put_item().table_name(&self.table);
        let mut put = put
            .condition_expression(condition)
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#ordering", ORDERING)
            .expression_attribute_values(":ordering", item::ordering(change));
        if let Some(old) = old_writing {
            put = put
                .expression_attribute_values(":old", string(old))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        }
        let Err(error) = put.set_item(Some(item.clone())).send().await else {
            return Ok(());
        };
        // Refused: the existing state is as late or later, or has the old format.
        let there = refused(&self.table, error)?;
        match old_writing {
            Some(old) => self.change_old(change, item, there, old).await,
            None => Ok(()),
        }
    }

    /// Updates a resource if its order has the old format and is earlier.
    async fn change_old(
        &self,
        change: &StateChange,
        item: Item,
        there: Option<Item>,
        old: &str,
    ) -> Result<(), StoreError> {
        let key = key::resource(&change.urn);
        let there = match there {
            Some(there) => there,
            None => self.get_item(&key).await?.unwrap_or_default(),
        };
        let Some(seen) = text(&there, ORDERING).filter(|seen| seen.starts_with(old)) else {
            return Ok(());
        };
        if Order::rewritten(seen).is_some_and(|seen| seen >= change.order) {
            return Ok(());
        }
        let put = self.client().await.put_item().table_name(&self.table);
        let put = put
            .condition_expression("#ordering = :seen")
            .expression_attribute_names("#ordering", ORDERING)
            .expression_attribute_values(":seen", string(seen))
            .set_item(Some(item));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                refused(&self.table, error)?;
                Err(self.changed_meanwhile("PutItem", &key))
            }
        }
    }

    fn changed_meanwhile(&self, call: &str, key: &str) -> StoreError {
        StoreError::busy(format!(
            "{call} on the table `{}`: the item `{key}` has changed meanwhile",
            self.table
        ))
    }
}

/// The first entry in this batch to ask for each name without a known owner.
fn first_to_ask(named: &[Named<'_>], open: &[usize], owners: &mut Owners) -> Vec<usize> {
    let mut first = Vec::new();
    for &at in open {
        let asking = &named[at];
        owners.entry(asking.key.clone()).or_insert_with(|| {
            first.push(at);
            asking.identity.clone()
        });
    }
    first
}
