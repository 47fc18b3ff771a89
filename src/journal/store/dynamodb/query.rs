//! One page of an index: its partitions are read at the same time and merged.

use super::super::StoreError;
use super::super::page::PAGE_BYTES;
use super::connection::Dynamodb;
use super::item::POSITION;
use crate::journal::Limit;
use crate::store::dynamodb::{Item, failed, string, text};
use futures_util::future::try_join_all;
use std::collections::HashMap;

/// How many calls read one partition for one page. A filter that lets little through ends a page with what was found so
/// far, and the cursor goes on from there, rather than to read a whole journal for one answer.
const CALLS: usize = 8;

/// Which items of an index, in the order of their positions.
pub(super) struct IndexQuery {
    pub(super) index: &'static str,
    /// The attribute that says which partition an item is in.
    pub(super) partition_key: &'static str,
    pub(super) partitions: Vec<String>,
    /// Positions, both excluded.
    pub(super) after: Option<String>,
    pub(super) before: Option<String>,
    pub(super) filter: Filter,
    pub(super) limit: Limit,
}

/// What is asked of an item beside its place in the index.
#[derive(Default)]
pub(super) struct Filter {
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: Item,
}

impl Filter {
    /// The attribute has this value, if one is asked for.
    pub(super) fn equals(mut self, name: &'static str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.conditions.push(format!("#{name} = :{name}"));
            self.names.insert(format!("#{name}"), name.to_owned());
            self.values.insert(format!(":{name}"), string(value));
        }
        self
    }

    /// The item has the attribute, if that is asked for.
    pub(super) fn exists(mut self, name: &'static str, asked: bool) -> Self {
        if asked {
            self.conditions.push(format!("attribute_exists(#{name})"));
            self.names.insert(format!("#{name}"), name.to_owned());
        }
        self
    }
}

/// The items of a page, and the position behind which more may follow.
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    pub(super) more_after: Option<String>,
}

/// What was read of one partition: everything before `horizon`, or everything.
struct Part {
    items: Vec<Item>,
    horizon: Option<String>,
}

impl Dynamodb {
    /// A page; `size` is how many bytes an item adds to the answer.
    pub(super) async fn page(
        &self,
        query: &IndexQuery,
        size: impl Fn(&Item) -> usize,
    ) -> Result<Found, StoreError> {
        // DynamoDB refuses a range whose end is before its start.
        if query
            .before
            .as_deref()
            .is_some_and(|before| before <= lower(query).as_str())
        {
            return Ok(Found {
                items: Vec::new(),
                more_after: None,
            });
        }
        let parts = query
            .partitions
            .iter()
            .map(|partition| self.part(query, partition));
        let parts = try_join_all(parts).await?;
        let horizon = parts.iter().filter_map(|part| part.horizon.clone()).min();
        let mut items: Vec<Item> = parts.into_iter().flat_map(|part| part.items).collect();
        items.sort_by(|a, b| position(a).cmp(position(b)));
        // Behind the horizon a partition may have items that were not read.
        if let Some(horizon) = &horizon {
            items.retain(|item| position(item) <= horizon.as_str());
        }
        let fit = fitting(&items, query.limit, size);
        if fit == items.len() {
            return Ok(Found {
                items,
                more_after: horizon,
            });
        }
        items.truncate(fit);
        let more_after = items.last().map(|item| position(item).to_owned());
        Ok(Found { items, more_after })
    }

    async fn part(&self, query: &IndexQuery, partition: &str) -> Result<Part, StoreError> {
        let (mut items, mut start) = (Vec::new(), None);
        for _ in 0..CALLS {
            let answer = self.request(query, partition, start).await?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() || items.len() > query.limit.get() {
                break;
            }
        }
        let horizon = start.map(|key| position(&key).to_owned());
        Ok(Part { items, horizon })
    }

    async fn request(
        &self,
        query: &IndexQuery,
        partition: &str,
        start: Option<Item>,
    ) -> Result<aws_sdk_dynamodb::operation::query::QueryOutput, StoreError> {
        let mut names = query.filter.names.clone();
        names.insert("#partition".to_owned(), query.partition_key.to_owned());
        names.insert("#position".to_owned(), POSITION.to_owned());
        let mut values = query.filter.values.clone();
        values.insert(":partition".to_owned(), string(partition));
        values.insert(":lower".to_owned(), string(lower(query)));
        values.insert(
            ":upper".to_owned(),
            string(query.before.as_deref().unwrap_or("\u{10FFFF}")),
        );
        let conditions = &query.filter.conditions;
        // With a filter, it would count what the filter drops.
        let limit = conditions
            .is_empty()
            .then(|| i32::try_from(query.limit.get() + 1))
            .and_then(Result::ok);
        let call = self
            .client()
            .await
            .query()
            .table_name(&self.table)
            .index_name(query.index);
        let call = call
            .key_condition_expression("#partition = :partition AND #position BETWEEN :lower AND :upper")
            .set_filter_expression((!conditions.is_empty()).then(|| conditions.join(" AND ")))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .set_exclusive_start_key(start)
            .set_limit(limit);
        call.send()
            .await
            .map_err(|error| failed("Query", &self.table, error))
    }
}

/// The least text behind the position after which is asked: a range includes its ends. (At its upper end nothing stands: that
/// is a moment, not a position.)
fn lower(query: &IndexQuery) -> String {
    format!("{}\0", query.after.as_deref().unwrap_or_default())
}

pub(super) fn position(item: &Item) -> &str {
    text(item, POSITION).unwrap_or_default()
}

/// How many of the items make a page.
fn fitting(items: &[Item], limit: Limit, size: impl Fn(&Item) -> usize) -> usize {
    let mut bytes = 0;
    let fits = |(at, item): (usize, &Item)| {
        bytes += size(item);
        // A page without any item would lead nowhere, so the first always fits.
        at == 0 || (at < limit.get() && bytes <= PAGE_BYTES)
    };
    items
        .iter()
        .enumerate()
        .map(fits)
        .take_while(|fits| *fits)
        .count()
}
