//! Reading: entries by position, resources by name.

use super::super::StoreError;
use super::super::page::{DAMAGED, PageKind, damaged_entry, damaged_resource, decode, encode};
use super::bulk::Attributes;
use super::connection::Dynamodb;
use super::indexes;
use super::item::{self, ReadItem, key_of};
use super::key;
use super::query::{Filter, IndexQuery, position};
use crate::journal::{Damaged, Entry, EntryQuery, Page, Resource, ResourceQuery};
use switchboard::store::dynamodb::{Item, failed};

impl Dynamodb {
    /// The current item with this key.
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
        let kept: Vec<ReadItem> = item.into_iter().map(ReadItem::new).collect();
        self.with_parts(&kept).await?.pop().transpose()
    }

    pub(super) async fn query_entries(&self, query: &EntryQuery) -> Result<Page<Entry>, StoreError> {
        let found = self
            .page(|| indexes::ways(query, &self.absent), ReadItem::len)
            .await?;
        let kept: Vec<ReadItem> = found.items.into_iter().map(ReadItem::new).collect();
        let read = self.with_parts(&kept).await?;
        let named = |(kept, entry): (&ReadItem, Result<Entry, StoreError>)| {
            let (source, id) = kept.name();
            (
                kept.position().to_owned(),
                entry.map_err(|error| damaged_entry(source, id, &error)),
            )
        };
        Ok(page_of(
            PageKind::Entries,
            kept.iter().zip(read).map(named),
            found.more_after,
        ))
    }

    /// The entries, assembled from their items and the parts of their documents; or why one of them is unreadable.
    pub(super) async fn with_parts(
        &self,
        kept: &[ReadItem],
    ) -> Result<Vec<Result<Entry, StoreError>>, StoreError> {
        let keys: Vec<Result<Vec<String>, StoreError>> = kept.iter().map(ReadItem::parts).collect();
        let all: Vec<String> = keys.iter().flatten().flatten().cloned().collect();
        let mut parts = self.get_all(&all, Attributes::All).await?;
        let entry = |(kept, keys): (&ReadItem, Result<Vec<String>, StoreError>)| {
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
        let after = decode(PageKind::Resources, query.cursor.as_ref())?;
        let partition = |value| vec![(partition_key, value)];
        let way = || IndexQuery {
            index,
            partitions: key::partitions(&group).into_iter().map(partition).collect(),
            after: after.clone(),
            before: None,
            filter: Filter::default(),
            limit: query.limit,
        };
        let found = self.page(|| Ok(vec![way()]), item::resource_len).await?;
        let named = |item| {
            let urn = item::urn(item);
            let resource = item::to_resource(item).map_err(|error| damaged_resource(urn, &error));
            (position(item).to_owned(), resource)
        };
        Ok(page_of(
            PageKind::Resources,
            found.items.iter().map(named),
            found.more_after,
        ))
    }
}

/// A page of what was read at each position. It ends early if much of it is damaged.
fn page_of<T>(
    kind: PageKind,
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
