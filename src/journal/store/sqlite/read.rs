//! Reading: entries in journal order, resources by name, page by page.

use super::super::StoreError;
use super::super::page::{Kind, Range, decode, encode};
use super::connection::failed;
use super::page::PageQuery;
use crate::journal::{Entry, EntryQuery, Page, Resource, ResourceQuery};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde_json::value::RawValue;

const ENTRY: &str = "SELECT position, identity, document FROM entry";
const RESOURCE: &str = "SELECT urn, type, state, time, source, id, data FROM resource";
const RESOURCE_BY_NAME: &str = "SELECT urn, type, state, time, source, id, data FROM resource WHERE urn = ?1";

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
    type Row = (String, String, String);
    let range = Range::of(query)?;
    let timeless = query.since.is_none() && query.until.is_none();
    let (rows, more) = PageQuery::new(ENTRY, "position", query.limit)
        .filter("source =", query.source.clone())
        .filter("type =", query.event_type.clone())
        .filter("subject =", query.subject.clone())
        // An entry without `time` has a position, but is in no range. (The earliest year is 0.)
        .filter("time >=", (!timeless).then_some(i64::MIN))
        .filter("position <", range.before)
        .after(range.after)
        .rows(
            connection,
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            |(_, _, document): &Row| document.len(),
        )?;
    // No cursor on the last page: that is how a reader knows it is the last.
    let last = rows.last().filter(|_| more);
    let next = last.map(|(position, ..)| encode(Kind::Entries, position));
    let entries = rows
        .into_iter()
        .map(|(_, identity, document)| entry_from(identity, &document));
    Ok(Page {
        items: entries.collect::<Result<_, _>>()?,
        next,
    })
}

pub(super) fn resource(connection: &Connection, urn: &str) -> Result<Option<Resource>, StoreError> {
    let read = || {
        connection
            .prepare_cached(RESOURCE_BY_NAME)?
            .query_row([urn], resource_from)
            .optional()
    };
    read().map_err(failed)
}

pub(super) fn resources(
    connection: &Connection,
    query: &ResourceQuery,
) -> Result<Page<Resource>, StoreError> {
    let size = |resource: &Resource| {
        resource.urn.len() + resource.id.len() + resource.data.as_ref().map_or(0, |data| data.get().len())
    };
    let (items, more) = PageQuery::new(RESOURCE, "urn", query.limit)
        .filter("type =", query.resource_type.clone())
        .after(decode(Kind::Resources, query.cursor.as_ref())?)
        .rows(connection, resource_from, size)?;
    let next = items
        .last()
        .filter(|_| more)
        .map(|resource| encode(Kind::Resources, &resource.urn));
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

fn entry_from(identity: String, document: &str) -> Result<Entry, StoreError> {
    Entry::from_json(document.as_bytes())
        .map(|entry| entry.identified_by(identity))
        .map_err(|error| StoreError::damaged("an entry of the journal is damaged").caused_by(error))
}

fn resource_from(row: &Row<'_>) -> rusqlite::Result<Resource> {
    let time: Option<i64> = row.get(3)?;
    let data: Option<String> = row.get(6)?;
    Ok(Resource {
        urn: row.get(0)?,
        resource_type: row.get(1)?,
        state: row.get(2)?,
        time: time.and_then(DateTime::<Utc>::from_timestamp_micros),
        source: row.get(4)?,
        id: row.get(5)?,
        data: data.and_then(|data| RawValue::from_string(data).ok()),
    })
}
