//! Reading: entries in journal order, resources by name, page by page.

use super::super::StoreError;
use super::super::error::Kind;
use super::connection::failed;
use crate::journal::{Cursor, Entry, EntryQuery, Limit, Page, Resource, ResourceQuery};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, params_from_iter};
use serde_json::value::RawValue;

const RESOURCE: &str = "SELECT urn, type, state, time, source, id, data FROM resource";

pub(super) fn entry(connection: &Connection, source: &str, id: &str) -> Result<Option<Entry>, StoreError> {
    let read = || {
        connection
            .prepare_cached("SELECT identity, document FROM entry WHERE source = ?1 AND id = ?2")?
            .query_row([source, id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
    };
    let row: Option<(String, String)> = read().map_err(failed)?;
    row.map(|(identity, document)| entry_from(identity, &document))
        .transpose()
}

pub(super) fn entries(connection: &Connection, query: &EntryQuery) -> Result<Page<Entry>, StoreError> {
    let after: Option<i64> = query
        .cursor
        .as_ref()
        .map(|cursor| decode(cursor, "e"))
        .transpose()?;
    let mut filter = Filter::default();
    filter.add("source =", query.source.clone());
    filter.add("type =", query.kind.clone());
    filter.add("subject =", query.subject.clone());
    filter.add("time >=", query.since.map(|time| time.timestamp_micros()));
    filter.add("time <", query.until.map(|time| time.timestamp_micros()));
    filter.add("sequence >", after);
    let rows: Vec<(i64, String, String)> = filter
        .rows(
            connection,
            "SELECT sequence, identity, document FROM entry",
            "sequence",
            query.limit,
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(failed)?;
    let (rows, next) = cut(rows, query.limit, |(sequence, ..)| {
        encode("e", &sequence.to_string())
    });
    let items = rows
        .into_iter()
        .map(|(_, identity, document)| entry_from(identity, &document));
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next,
    })
}

pub(super) fn resource(connection: &Connection, urn: &str) -> Result<Option<Resource>, StoreError> {
    let read = || {
        connection
            .prepare_cached(&format!("{RESOURCE} WHERE urn = ?1"))?
            .query_row([urn], resource_from)
            .optional()
    };
    read().map_err(failed)
}

pub(super) fn resources(
    connection: &Connection,
    query: &ResourceQuery,
) -> Result<Page<Resource>, StoreError> {
    let after: Option<String> = query
        .cursor
        .as_ref()
        .map(|cursor| decode(cursor, "r"))
        .transpose()?;
    let mut filter = Filter::default();
    filter.add("type =", query.kind.clone());
    filter.add("urn >", after);
    let rows = filter
        .rows(connection, RESOURCE, "urn", query.limit, resource_from)
        .map_err(failed)?;
    let (items, next) = cut(rows, query.limit, |resource| encode("r", &resource.urn));
    Ok(Page { items, next })
}

pub(super) fn health(connection: &Connection) -> Result<(), StoreError> {
    let look = || {
        connection
            .prepare_cached("SELECT 1 FROM entry LIMIT 1")?
            .exists([])
    };
    look().map(|_| ()).map_err(failed)
}

/// The conditions of a query and the values they compare with.
#[derive(Default)]
struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    fn add(&mut self, comparison: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            self.conditions
                .push(format!("{comparison} ?{}", self.values.len()));
        }
    }

    /// One row more than the limit, which says whether there is another page.
    fn rows<T>(
        self,
        connection: &Connection,
        select: &str,
        order: &str,
        limit: Limit,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut sql = select.to_owned();
        for (index, condition) in self.conditions.iter().enumerate() {
            sql.push_str(if index == 0 { " WHERE " } else { " AND " });
            sql.push_str(condition);
        }
        sql.push_str(&format!(" ORDER BY {order} LIMIT {}", limit.get() + 1));
        connection
            .prepare_cached(&sql)?
            .query_map(params_from_iter(self.values), read)?
            .collect()
    }
}

fn cut<T>(mut rows: Vec<T>, limit: Limit, cursor: impl FnOnce(&T) -> Cursor) -> (Vec<T>, Option<Cursor>) {
    let more = rows.len() > limit.get();
    rows.truncate(limit.get());
    let next = rows.last().filter(|_| more).map(cursor);
    (rows, next)
}

fn encode(prefix: &str, position: &str) -> Cursor {
    Cursor::new(URL_SAFE_NO_PAD.encode(format!("{prefix}{position}")))
}

fn decode<T: std::str::FromStr>(cursor: &Cursor, prefix: &str) -> Result<T, StoreError> {
    let position = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor.as_str()).ok()?).ok()?;
        text.strip_prefix(prefix)?.parse().ok()
    };
    position().ok_or_else(|| StoreError::new(Kind::InvalidCursor, "the cursor is none that was handed out"))
}

fn entry_from(identity: String, document: &str) -> Result<Entry, StoreError> {
    Entry::from_json(document.as_bytes())
        .map(|entry| entry.identified(identity))
        .map_err(|error| StoreError::new(Kind::Corrupt, "an entry of the journal is damaged").caused(error))
}

fn resource_from(row: &Row<'_>) -> rusqlite::Result<Resource> {
    let time: Option<i64> = row.get(3)?;
    let data: Option<String> = row.get(6)?;
    Ok(Resource {
        urn: row.get(0)?,
        kind: row.get(1)?,
        state: row.get(2)?,
        time: time.and_then(DateTime::<Utc>::from_timestamp_micros),
        source: row.get(4)?,
        id: row.get(5)?,
        data: data.and_then(|data| RawValue::from_string(data).ok()),
    })
}
