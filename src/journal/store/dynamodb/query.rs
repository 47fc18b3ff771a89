//! One page of an index: its partitions are read at the same time and merged.

use super::super::StoreError;
use super::super::page::PAGE_BYTES;
use super::connection::Dynamodb;
use super::item::POSITION;
use crate::journal::Limit;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use futures_util::future::try_join_all;
use std::collections::HashMap;
use switchboard::store::dynamodb::{Item, failed, string, text};

/// How many calls read one partition for one page. If a filter matches little, the page ends with what has been found,
/// and the cursor continues from there, instead of reading a whole journal for one answer.
const CALLS: usize = 8;

/// With a filter, the first call examines as many items as a page needs, and each further call this many times more: a
/// megabyte is not worth reading until it is known how much the filter drops.
const GROWTH: usize = 8;

/// The attributes of an index's partition key, and their values in one partition.
pub(super) type Partition = Vec<(&'static str, String)>;

/// Which items of an index, in the order of their positions.
pub(super) struct IndexQuery {
    pub(super) index: &'static str,
    pub(super) partitions: Vec<Partition>,
    /// Positions, both excluded.
    pub(super) after: Option<String>,
    pub(super) before: Option<String>,
    pub(super) filter: Filter,
    pub(super) limit: Limit,
}

/// Conditions on an item besides its position in the index.
#[derive(Default)]
pub(super) struct Filter {
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: Item,
}

impl Filter {
    /// The attribute has this value, if there is one.
    pub(super) fn equals(mut self, name: &'static str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.conditions.push(format!("#{name} = :{name}"));
            self.names.insert(format!("#{name}"), name.to_owned());
            self.values.insert(format!(":{name}"), string(value));
        }
        self
    }

    /// The item has the attribute, if `asked`.
    pub(super) fn exists(mut self, name: &'static str, asked: bool) -> Self {
        if asked {
            self.conditions.push(format!("attribute_exists(#{name})"));
            self.names.insert(format!("#{name}"), name.to_owned());
        }
        self
    }
}

/// The items of a page, and the position after which there may be more.
pub(super) struct FoundItems {
    pub(super) items: Vec<Item>,
    pub(super) more_after: Option<String>,
}

/// What has been read of one partition.
#[derive(Default)]
struct PartitionPage {
    items: Vec<Item>,
    /// Where to continue; `None` at the end.
    start: Option<Item>,
    calls: usize,
}

impl PartitionPage {
    fn is_done(&self, query: &IndexQuery) -> bool {
        let ended = self.calls > 0 && self.start.is_none();
        ended || self.calls == CALLS || self.items.len() > query.limit.get()
    }

    /// The position up to which it has been read; `None` if all of it has.
    fn horizon(&self) -> Option<&str> {
        self.start.as_ref().map(position)
    }

    /// How many items the next call examines at most.
    fn looks(&self, query: &IndexQuery) -> Option<i32> {
        let page = query.limit.get() + 1;
        let looks = match query.filter.conditions.is_empty() {
            true => page.saturating_sub(self.items.len()).max(1),
            false => page * GROWTH.pow(u32::try_from(self.calls).ok()?),
        };
        i32::try_from(looks).ok()
    }
}

/// Why a query failed.
enum QueryFailure {
    /// Its index cannot be read, which has been noted.
    NoIndex,
    Failed(StoreError),
}

impl Dynamodb {
    /// A page, by one of several equivalent queries; `size` returns how many bytes an item adds to the answer. If an
    /// index is missing, the queries are computed again.
    pub(super) async fn page(
        &self,
        ways: impl Fn() -> Result<Vec<IndexQuery>, StoreError>,
        size: impl Fn(&Item) -> usize,
    ) -> Result<FoundItems, StoreError> {
        loop {
            let ways = ways()?;
            // DynamoDB refuses a range whose end is before its start.
            if ways.iter().any(IndexQuery::is_empty) {
                return Ok(FoundItems {
                    items: Vec::new(),
                    more_after: None,
                });
            }
            match self.quickest(&ways).await {
                Ok((way, parts)) => return Ok(merge(parts, way.limit, size)),
                Err(QueryFailure::NoIndex) => {}
                Err(QueryFailure::Failed(error)) => return Err(error),
            }
        }
    }

    /// Reads with each query until one has the page. If none has it at once, the one that came farthest with equally
    /// many items continues: it leaves least to its filter.
    async fn quickest<'w>(
        &self,
        ways: &'w [IndexQuery],
    ) -> Result<(&'w IndexQuery, Vec<PartitionPage>), QueryFailure> {
        let mut farthest: Option<(&IndexQuery, Vec<PartitionPage>)> = None;
        for way in ways {
            let begun = way.partitions.iter().map(|_| PartitionPage::default()).collect();
            let parts = self.read(way, begun, 1).await?;
            if parts.iter().all(|part| part.is_done(way)) {
                return Ok((way, parts));
            }
            let reached = |parts: &[PartitionPage]| horizon(parts).map(str::to_owned);
            match &farthest {
                Some((_, before)) if reached(before) >= reached(&parts) => {}
                _ => farthest = Some((way, parts)),
            }
        }
        let (way, parts) = farthest.expect("one index has all entries");
        let parts = self.read(way, parts, CALLS).await?;
        Ok((way, parts))
    }

    /// Reads on in all partitions at the same time, with at most this many calls for each.
    async fn read(
        &self,
        query: &IndexQuery,
        parts: Vec<PartitionPage>,
        calls: usize,
    ) -> Result<Vec<PartitionPage>, QueryFailure> {
        let parts = query.partitions.iter().zip(parts);
        try_join_all(parts.map(|(partition, part)| self.read_on(query, partition, part, calls))).await
    }

    async fn read_on(
        &self,
        query: &IndexQuery,
        partition: &Partition,
        mut part: PartitionPage,
        calls: usize,
    ) -> Result<PartitionPage, QueryFailure> {
        for _ in 0..calls {
            if part.is_done(query) {
                break;
            }
            let answer = self.request(query, partition, &part).await?;
            part.items.extend(answer.items.unwrap_or_default());
            part.start = answer.last_evaluated_key;
            part.calls += 1;
        }
        Ok(part)
    }

    async fn request(
        &self,
        query: &IndexQuery,
        partition: &Partition,
        part: &PartitionPage,
    ) -> Result<QueryOutput, QueryFailure> {
        let mut names = query.filter.names.clone();
        let mut values = query.filter.values.clone();
        let mut conditions = vec!["#position BETWEEN :lower AND :upper".to_owned()];
        for (name, value) in partition {
            conditions.push(format!("#{name} = :{name}"));
            names.insert(format!("#{name}"), (*name).to_owned());
            values.insert(format!(":{name}"), string(value));
        }
        names.insert("#position".to_owned(), POSITION.to_owned());
        values.insert(":lower".to_owned(), string(lower(query)));
        let upper = query.before.as_deref().unwrap_or("\u{10FFFF}");
        values.insert(":upper".to_owned(), string(upper));
        let filter = &query.filter.conditions;
        let call = self.client().await.query().table_name(&self.table);
        let call = call
            .index_name(query.index)
            .key_condition_expression(conditions.join(" AND "))
            .set_filter_expression((!filter.is_empty()).then(|| filter.join(" AND ")))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .set_exclusive_start_key(part.start.clone())
            .set_limit(part.looks(query));
        call.send()
            .await
            .map_err(|error| match self.absent.note(&self.table, query.index, &error) {
                true => QueryFailure::NoIndex,
                false => QueryFailure::Failed(failed("Query", &self.table, error)),
            })
    }
}

impl IndexQuery {
    /// Whether nothing can be in its range.
    fn is_empty(&self) -> bool {
        let before = self.before.as_deref();
        before.is_some_and(|before| before <= lower(self).as_str())
    }
}

/// The position up to which all partitions have been read; `None` if they have been read to their ends.
fn horizon(parts: &[PartitionPage]) -> Option<&str> {
    parts.iter().filter_map(PartitionPage::horizon).min()
}

/// The items of all partitions as one page.
fn merge(parts: Vec<PartitionPage>, limit: Limit, size: impl Fn(&Item) -> usize) -> FoundItems {
    let horizon = horizon(&parts).map(str::to_owned);
    let mut items: Vec<Item> = parts.into_iter().flat_map(|part| part.items).collect();
    items.sort_by(|a, b| position(a).cmp(position(b)));
    // After the horizon, a partition may have items that were not read.
    if let Some(horizon) = &horizon {
        items.retain(|item| position(item) <= horizon.as_str());
    }
    let fit = fitting(&items, limit, size);
    if fit == items.len() {
        return FoundItems {
            items,
            more_after: horizon,
        };
    }
    items.truncate(fit);
    let more_after = items.last().map(|item| position(item).to_owned());
    FoundItems { items, more_after }
}

/// The least text after the given position, because a range includes its ends. (There is nothing at its upper end,
/// which is a time, not a position.)
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
        // A page without any item would lead nowhere, so the first one always fits.
        at == 0 || (at < limit.get() && bytes <= PAGE_BYTES)
    };
    items
        .iter()
        .enumerate()
        .map(fits)
        .take_while(|fits| *fits)
        .count()
}
