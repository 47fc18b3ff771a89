//! Reading: entries by position, resources by name.

use super::super::StoreError;
use super::super::page::{Kind, Range, decode, encode};
use super::bulk::Attributes;
use super::connection::Dynamodb;
use super::item::{self, Kept, SOURCE, TIME, TYPE, key_of};
use super::key::{self, bounded};
use super::query::{Filter, IndexQuery};
use crate::journal::{Entry, EntryQuery, Page, Resource, ResourceQuery};
use crate::store::dynamodb::{Item, failed};

impl Dynamodb {
    /// The item with this key, as it is now.
    pub(super) async fn get_item(&self, pk: &str) -> Result<Option<Item>, StoreError> {
        let get = self.client().await.get_item().table_name(&self.table);
        let get = get.set_key(Some(key_of(pk))).consistent_read(true);
        let answer = get
            .send()
            .await
            .map_err(|error| failed("GetItem", &self.table, error))?;
        Ok(answer.item)
    }

    pub(super) async fn get_entry(&self, source: &str, id: &str) -> Result<Option<Entry>, StoreError> {
        let item = self.get_item(&key::entry(source, id)).await?;
        let entries = self.with_parts(item.into_iter().map(Kept::new).collect()).await?;
        Ok(entries.into_iter().next())
    }

    pub(super) async fn query_entries(&self, query: &EntryQuery) -> Result<Page<Entry>, StoreError> {
        let found = self.page(&entries_of(query)?, Kept::len).await?;
        Ok(Page {
            items: self
                .with_parts(found.items.into_iter().map(Kept::new).collect())
                .await?,
            next: found.more_after.map(|position| encode(Kind::Entries, &position)),
        })
    }

    /// The entries, put together from their items and the parts of their documents.
    async fn with_parts(&self, kept: Vec<Kept>) -> Result<Vec<Entry>, StoreError> {
        let keys: Vec<Vec<String>> = kept.iter().map(Kept::parts).collect::<Result<_, _>>()?;
        let mut parts = self.get_all(&keys.concat(), Attributes::All).await?;
        let entry = |(kept, keys): (Kept, Vec<String>)| {
            let parts: Vec<Item> = keys.iter().filter_map(|key| parts.remove(key)).collect();
            if parts.len() < keys.len() {
                return Err(kept.incomplete());
            }
            kept.entry(&parts)
        };
        kept.into_iter().zip(keys).map(entry).collect()
    }

    pub(super) async fn get_resource(&self, urn: &str) -> Result<Option<Resource>, StoreError> {
        let item = self.get_item(&key::resource(urn)).await?;
        item.as_ref().map(item::to_resource).transpose()
    }

    pub(super) async fn query_resources(&self, query: &ResourceQuery) -> Result<Page<Resource>, StoreError> {
        let (index, partition_key, group) = match &query.resource_type {
            Some(resource_type) => ("gsi2", "gsi2pk", key::of_type(resource_type)),
            None => ("gsi1", "gsi1pk", key::RESOURCES.to_owned()),
        };
        let query = IndexQuery {
            index,
            partition_key,
            partitions: key::partitions(&group),
            after: decode(Kind::Resources, query.cursor.as_ref())?,
            before: None,
            filter: Filter::default(),
            limit: query.limit,
        };
        let found = self.page(&query, item::resource_len).await?;
        Ok(Page {
            items: found
                .items
                .iter()
                .map(item::to_resource)
                .collect::<Result<_, _>>()?,
            next: found
                .more_after
                .map(|position| encode(Kind::Resources, &position)),
        })
    }
}

/// The index that leaves least to the filter.
fn entries_of(query: &EntryQuery) -> Result<IndexQuery, StoreError> {
    let range = Range::of(query)?;
    let value = |text: &Option<String>| text.as_deref().map(|text| bounded(text).into_owned());
    let (source, event_type) = (value(&query.source), value(&query.event_type));
    let (index, partition_key, partitions) = match (&query.subject, &query.source) {
        (Some(subject), _) => ("gsi3", "gsi3pk", vec![key::of_subject(subject)]),
        (None, Some(source)) => ("gsi2", "gsi2pk", key::partitions(&key::of_source(source))),
        (None, None) => ("gsi1", "gsi1pk", key::partitions(key::ENTRIES)),
    };
    let by_subject = query.subject.is_some();
    let filter = Filter::default()
        .equals(SOURCE, source.as_deref().filter(|_| by_subject))
        .equals(TYPE, event_type.as_deref())
        // An entry without `time` has a position, but is in no range.
        .exists(TIME, query.since.is_some() || query.until.is_some());
    Ok(IndexQuery {
        index,
        partition_key,
        partitions,
        after: range.after,
        before: range.before,
        filter,
        limit: query.limit,
    })
}
