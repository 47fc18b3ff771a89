//! Reading: entries by position, resources by name.

use super::super::StoreError;
use super::super::page::{DAMAGED, Kind, Range, damaged_entry, damaged_resource, decode, encode};
use super::bulk::Attributes;
use super::connection::Dynamodb;
use super::item::{self, Kept, SOURCE, TIME, TYPE, key_of};
use super::key::{self, bounded};
use super::query::{Filter, IndexQuery, position};
use crate::journal::{Damaged, Entry, EntryQuery, Page, Resource, ResourceQuery};
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
        let kept: Vec<Kept> = item.into_iter().map(Kept::new).collect();
        self.with_parts(&kept).await?.pop().transpose()
    }

    pub(super) async fn query_entries(&self, query: &EntryQuery) -> Result<Page<Entry>, StoreError> {
        let found = self.page(&entries_of(query)?, Kept::len).await?;
        let kept: Vec<Kept> = found.items.into_iter().map(Kept::new).collect();
        let read = self.with_parts(&kept).await?;
        let named = |(kept, entry): (&Kept, Result<Entry, StoreError>)| {
            let (source, id) = kept.name();
            (
                kept.position().to_owned(),
                entry.map_err(|error| damaged_entry(source, id, &error)),
            )
        };
        Ok(page_of(
            Kind::Entries,
            kept.iter().zip(read).map(named),
            found.more_after,
        ))
    }

    /// The entries, put together from their items and the parts of their documents; or why one of them cannot be.
    async fn with_parts(&self, kept: &[Kept]) -> Result<Vec<Result<Entry, StoreError>>, StoreError> {
        let keys: Vec<Result<Vec<String>, StoreError>> = kept.iter().map(Kept::parts).collect();
        let all: Vec<String> = keys.iter().flatten().flatten().cloned().collect();
        let mut parts = self.get_all(&all, Attributes::All).await?;
        let entry = |(kept, keys): (&Kept, Result<Vec<String>, StoreError>)| {
            let keys = keys?;
            let parts: Vec<Item> = keys.iter().filter_map(|key| parts.remove(key)).collect();
            if parts.len() < keys.len() {
                return Err(kept.incomplete());
            }
            kept.entry(&parts)
        };
        Ok(kept.iter().zip(keys).map(entry).collect())
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
        let named = |item| {
            let urn = item::urn(item);
            let resource = item::to_resource(item).map_err(|error| damaged_resource(urn, &error));
            (position(item).to_owned(), resource)
        };
        Ok(page_of(
            Kind::Resources,
            found.items.iter().map(named),
            found.more_after,
        ))
    }
}

/// A page of what was read at each position; it ends early where much of it is damaged.
fn page_of<T>(
    kind: Kind,
    read: impl Iterator<Item = (String, Result<T, Damaged>)>,
    more_after: Option<String>,
) -> Page<T> {
    let (mut items, mut damaged, mut last) = (Vec::new(), Vec::new(), None);
    for (position, read) in read {
        if damaged.len() == DAMAGED {
            let next = last.map(|position: String| encode(kind, &position));
            return Page { items, damaged, next };
        }
        last = Some(position);
        match read {
            Ok(item) => items.push(item),
            Err(name) => damaged.push(name),
        }
    }
    let next = more_after.map(|position| encode(kind, &position));
    Page { items, damaged, next }
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
