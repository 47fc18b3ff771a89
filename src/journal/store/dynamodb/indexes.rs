//! The indexes of entries, and which of them answers a query.

use super::super::StoreError;
use super::super::page::PositionRange;
use super::item::{SOURCE, SUBJECT, TIME, TYPE};
use super::key::{self, bounded};
use super::query::{Filter, IndexQuery, Partition};
use crate::journal::EntryQuery;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use std::sync::atomic::{AtomicU8, Ordering};

/// All indexes of entries. Of indexes that look up equally many filters, the first one is used first: one partition
/// takes fewer calls than four, and entries with one subject are usually few.
/// four, and what has a subject is mostly rare.
const INDEXES: [Index; 7] = [
    Index::new("gsi6", Grouping::Subject, Some(SOURCE)),
    Index::new("gsi7", Grouping::Subject, Some(TYPE)),
    Index::new("gsi5", Grouping::Source, Some(TYPE)),
    Index::new("gsi3", Grouping::Subject, None),
    Index::new("gsi2", Grouping::Source, None),
    Index::new("gsi4", Grouping::All, Some(TYPE)),
    Index::new("gsi1", Grouping::All, None),
];

/// An index: the entries of each partition key, sorted by position.
struct Index {
    name: &'static str,
    /// The first attribute of its partition key.
    group: Grouping,
    /// The second one, if there is one. The table may lack such an index.
    second: Option<&'static str>,
}

/// Which entries an attribute groups.
#[derive(Clone, Copy)]
enum Grouping {
    All,
    Source,
    Subject,
}

/// The values of a query, in the format of items.
struct IndexValues<'q> {
    query: &'q EntryQuery,
    source: Option<String>,
    event_type: Option<String>,
    subject: Option<String>,
}

impl IndexValues<'_> {
    fn of(query: &EntryQuery) -> IndexValues<'_> {
        let value = |text: &Option<String>| text.as_deref().map(|text| bounded(text).into_owned());
        IndexValues {
            query,
            source: value(&query.source),
            event_type: value(&query.event_type),
            subject: value(&query.subject),
        }
    }

    fn filters(&self) -> [(&'static str, Option<&str>); 3] {
        [
            (SOURCE, self.source.as_deref()),
            (TYPE, self.event_type.as_deref()),
            (SUBJECT, self.subject.as_deref()),
        ]
    }

    fn value(&self, attribute: &str) -> Option<&str> {
        let filters = self.filters().into_iter();
        filters
            .filter(|(name, _)| *name == attribute)
            .find_map(|(_, value)| value)
    }
}

impl Grouping {
    fn attribute(self) -> &'static str {
        match self {
            Self::All => "gsi1pk",
            Self::Source => "gsi2pk",
            Self::Subject => "gsi3pk",
        }
    }

    /// The filter that it looks up, if any.
    fn filter(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Source => Some(SOURCE),
            Self::Subject => Some(SUBJECT),
        }
    }

    /// The values of its attribute for this query; `None` if the query does not have that filter.
    fn values(self, query: &EntryQuery) -> Option<Vec<String>> {
        match self {
            Self::All => Some(key::partitions(key::ENTRIES)),
            Self::Source => query
                .source
                .as_deref()
                .map(|source| key::partitions(&key::of_source(source))),
            Self::Subject => query
                .subject
                .as_deref()
                .map(|subject| vec![key::of_subject(subject)]),
        }
    }
}

impl Index {
    const fn new(name: &'static str, group: Grouping, second: Option<&'static str>) -> Self {
        Self { name, group, second }
    }

    /// The filters that it looks up.
    fn filters(&self) -> impl Iterator<Item = &'static str> {
        self.group.filter().into_iter().chain(self.second)
    }

    /// Its partitions for this query; `None` if it would look up a filter that the query does not have.
    fn partitions(&self, asked: &IndexValues<'_>) -> Option<Vec<Partition>> {
        let second = match self.second {
            Some(name) => Some((name, asked.value(name)?)),
            None => None,
        };
        let partition = |value| {
            let second = second.map(|(name, value)| (name, value.to_owned()));
            [(self.group.attribute(), value)]
                .into_iter()
                .chain(second)
                .collect()
        };
        let values = self.group.values(asked.query)?;
        Some(values.into_iter().map(partition).collect())
    }

    fn query(&self, asked: &IndexValues<'_>, range: &PositionRange) -> Option<IndexQuery> {
        let partitions = self.partitions(asked)?;
        let query = asked.query;
        // An entry without `time` has a position, but is never in a range.
        let timed = query.since.is_some() || query.until.is_some();
        let left = asked
            .filters()
            .into_iter()
            .filter(|(name, _)| self.filters().all(|looked_up| looked_up != *name));
        let filter = left.fold(Filter::default().exists(TIME, timed), |filter, (name, value)| {
            filter.equals(name, value)
        });
        Some(IndexQuery {
            index: self.name,
            partitions,
            after: range.after.clone(),
            before: range.before.clone(),
            filter,
            limit: query.limit,
        })
    }
}

/// The indexes that leave least to a filter expression: those that look up most of the query's filters.
pub(super) fn ways(query: &EntryQuery, absent: &MissingIndexes) -> Result<Vec<IndexQuery>, StoreError> {
    let (asked, range) = (IndexValues::of(query), PositionRange::of(query)?);
    let ways = INDEXES.iter().filter(|index| !absent.has(index.name));
    let ways: Vec<(usize, IndexQuery)> = ways
        .filter_map(|index| Some((index.filters().count(), index.query(&asked, &range)?)))
        .collect();
    let most = ways.iter().map(|(filters, _)| *filters).max();
    let best = ways.into_iter().filter(|(filters, _)| Some(*filters) == most);
    Ok(best.map(|(_, way)| way).collect())
}

/// The indexes that do not exist or may not be read, for the rest of this process.
#[derive(Default)]
pub(super) struct MissingIndexes(AtomicU8);

impl MissingIndexes {
    fn bit(index: &str) -> u8 {
        let optional = INDEXES.iter().filter(|index| index.second.is_some());
        let at = optional.map(|index| index.name).position(|name| name == index);
        at.map_or(0, |at| 1 << at)
    }

    fn has(&self, index: &str) -> bool {
        self.0.load(Ordering::Relaxed) & Self::bit(index) != 0
    }

    /// Whether a query failed because an optional index does not exist, is still being built, or may not be read.
    pub(super) fn note<E: ProvideErrorMetadata>(
        &self,
        table: &str,
        index: &'static str,
        error: &SdkError<E>,
    ) -> bool {
        let Some(service) = error.as_service_error() else {
            return false;
        };
        let message = service.message().unwrap_or_default();
        let of_index = matches!(
            service.code(),
            Some("ValidationException" | "AccessDeniedException")
        );
        let bit = Self::bit(index);
        if bit == 0 || !of_index || !message.contains(index) {
            return false;
        }
        if self.0.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            tracing::warn!(
                table,
                index,
                message,
                "an index of the journal cannot be read; another one is used, which takes longer"
            );
        }
        true
    }
}
