//! Reading: entries in journal order, resources by name, page by page.

use super::super::StoreError;
use super::super::page::{DAMAGED, PAGE_BYTES, PageKind, PositionRange, damaged_resource, decode, encode};
use super::connection::failed;
use super::filed;
use super::page::Select;
use super::walk::{PageBuilder, entry_of, is_damage, text};
use crate::journal::{Damaged, Entry, EntryQuery, Page, Resource, ResourceQuery};
use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params_from_iter};
use serde_json::value::RawValue;

const RESOURCE: &str = "SELECT urn, type, state, time, source, id, data FROM resource";
const RESOURCE_BY_NAME: &str = "SELECT urn, type, state, time, source, id, data FROM resource WHERE urn = ?1";

pub(super) fn entry(connection: &Connection, source: &str, id: &str) -> Result<Option<Entry>, StoreError> {
    let bytes = |row: &Row<'_>, column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_bytes()?.to_vec());
    let read = || {
        connection
            .prepare_cached("SELECT identity, document FROM entry WHERE source = ?1 AND id = ?2")?
            .query_row([source, id], |row| Ok((bytes(row, 0)?, bytes(row, 1)?)))
            .optional()
    };
    let row = read().map_err(failed)?;
    row.map(|(identity, document)| entry_of(&identity, &document))
        .transpose()
}

pub(super) fn entries(connection: &Connection, query: &EntryQuery) -> Result<Page<Entry>, StoreError> {
    let range = PositionRange::of(query)?;
    let select = candidates(connection, query)
        .filter("position >", range.after)
        .filter("position <", range.before);
    let mut statement = connection
        .prepare_cached(&select.by("position"))
        .map_err(failed)?;
    let mut rows = statement.query(params_from_iter(select.values)).map_err(failed)?;
    let mut page = PageBuilder::new(connection, query)?;
    let (mut last, mut more) = (None, false);
    while let Some(row) = rows.next().map_err(failed)? {
        let sequence = row.get(0).map_err(failed)?;
        let position: String = row.get(1).map_err(failed)?;
        if !page.look(sequence, &position)? {
            more = true;
            break;
        }
        last = Some(position);
    }
    // There is no cursor on the last page, which is how a reader recognizes it.
    let last = last.filter(|_| more);
    Ok(Page {
        items: page.entries,
        damaged: page.damaged,
        next: last.map(|position| encode(PageKind::Entries, &position)),
    })
}

/// Where to look for the entries that match the filters.
fn candidates(connection: &Connection, query: &EntryQuery) -> Select {
    match filed::key_of(query, filed::has_threes(connection)) {
        Some(key) if filed::is_complete(connection) => {
            return Select::new("SELECT sequence, position FROM filed").filter("key =", Some(key));
        }
        _ => {}
    }
    let select = Select::new("SELECT sequence, position FROM entry");
    match (&query.subject, &query.source, &query.event_type) {
        (Some(subject), ..) => select.filter("subject =", Some(subject.clone())),
        (None, Some(source), _) => select.filter("source =", Some(source.clone())),
        (None, None, Some(event_type)) => select.filter("type =", Some(event_type.clone())),
        (None, None, None) => select,
    }
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
    let select = Select::new(RESOURCE)
        .filter("type =", query.resource_type.clone())
        .filter("urn >", decode(PageKind::Resources, query.cursor.as_ref())?);
    let mut statement = connection.prepare_cached(&select.by("urn")).map_err(failed)?;
    let mut rows = statement.query(params_from_iter(select.values)).map_err(failed)?;
    let (mut items, mut damaged): (Vec<Resource>, Vec<Damaged>) = (Vec::new(), Vec::new());
    let (mut bytes, mut last, mut more) = (0, None, false);
    while let Some(row) = rows.next().map_err(failed)? {
        let read = resource_from(row);
        bytes += read.as_ref().map_or(0, size);
        // A page without any row would lead nowhere, so the first one always fits.
        let full = items.len() == query.limit.get() || (bytes > PAGE_BYTES && !items.is_empty());
        if full || damaged.len() == DAMAGED {
            more = true;
            break;
        }
        last = Some(text(row, 0).map_err(failed)?);
        match read {
            Ok(resource) => items.push(resource),
            Err(error) if is_damage(&error) => {
                damaged.push(damaged_resource(&text(row, 0).map_err(failed)?, &error));
            }
            Err(error) => return Err(failed(error)),
        }
    }
    let next = last.filter(|_| more).map(|urn| encode(PageKind::Resources, &urn));
    Ok(Page { items, damaged, next })
}

/// How many bytes a resource adds to an answer.
fn size(resource: &Resource) -> usize {
    resource.urn.len() + resource.id.len() + resource.data.as_ref().map_or(0, |data| data.get().len())
}

fn resource_from(row: &Row<'_>) -> rusqlite::Result<Resource> {
    let time: Option<i64> = row.get(3)?;
    let data: Option<String> = row.get(6)?;
    let data = data.map(RawValue::from_string).transpose();
    Ok(Resource {
        urn: row.get(0)?,
        resource_type: row.get(1)?,
        state: row.get(2)?,
        time: time.and_then(DateTime::<Utc>::from_timestamp_micros),
        source: row.get(4)?,
        id: row.get(5)?,
        data: data.map_err(|error| rusqlite::Error::FromSqlConversionFailure(6, Type::Text, error.into()))?,
    })
}
