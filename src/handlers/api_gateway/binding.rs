//! The CloudEvents HTTP binding: events in binary, structured and batch mode.

use super::accept;
use super::problem::Problem;
use crate::journal::{
    BATCH_JSON, Data, EVENT_JSON, Entry, InvalidEntry, batch_from_json, is_json, is_text, required, set_text,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use chrono::Utc;
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// The entries in a request.
#[derive(Debug)]
pub(super) enum PostedEntries {
    One(Box<Entry>),
    Batch(Vec<Entry>),
}

/// Reads a request in the mode of its media type and headers, and checks what clients may append.
pub(super) fn read(headers: &HeaderMap, body: Vec<u8>) -> Result<PostedEntries, Problem> {
    let media_type = media_type(headers)?;
    let essence = media_type.as_deref().map(essence).unwrap_or_default();
    // The media type decides. `ce-` headers with a structured event are copies for those who only look at headers.
    if essence == EVENT_JSON {
        return one(Entry::from_json(&body)?);
    }
    if essence == BATCH_JSON {
        // Anything but a list causes the error below.
        if let Ok(events) = serde_json::from_slice::<Vec<IgnoredAny>>(&body) {
            accept::size(events.len())?;
        }
        return Ok(PostedEntries::Batch(accept::batch(
            batch_from_json(&body)?,
            Utc::now(),
        )?));
    }
    let binary = headers.keys().any(|name| name.as_str().starts_with("ce-"));
    if !binary || essence.starts_with("application/cloudevents") {
        let detail = format!("send `{EVENT_JSON}`, `{BATCH_JSON}`, or any media type with `ce-` headers");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    one(read_binary(headers, media_type, body)?)
}

fn one(entry: Entry) -> Result<PostedEntries, Problem> {
    Ok(PostedEntries::One(Box::new(accept::entry(entry, Utc::now())?)))
}

fn media_type(headers: &HeaderMap) -> Result<Option<String>, InvalidEntry> {
    let text = |value: &HeaderValue| value.to_str().map(ToOwned::to_owned);
    let media_type = headers.get(header::CONTENT_TYPE).map(text).transpose();
    media_type.map_err(|_| InvalidEntry::attribute("datacontenttype", "`Content-Type` is not ASCII"))
}

fn essence(media_type: &str) -> String {
    media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Binary mode: attributes are `ce-` headers, the body is the data, `Content-Type` is its media type.
fn read_binary(
    headers: &HeaderMap,
    media_type: Option<String>,
    body: Vec<u8>,
) -> Result<Entry, InvalidEntry> {
    let mut attributes = attributes(headers)?;
    let mut builder = required(|name| Ok(attributes.remove(name)))?;
    for (name, text) in attributes {
        builder = set_text(builder, &name, text)?;
    }
    let data = data(media_type.as_deref(), body)?;
    if let Some(media_type) = media_type {
        builder = builder.datacontenttype(media_type);
    }
    if let Some(data) = data {
        builder = builder.data(data);
    }
    builder.build()
}

fn attributes(headers: &HeaderMap) -> Result<BTreeMap<String, String>, InvalidEntry> {
    let mut attributes = BTreeMap::new();
    for (header, value) in headers {
        let Some(name) = header.as_str().strip_prefix("ce-") else {
            continue;
        };
        // The binding forbids these. If one silently won, the other would be lost.
        if name == "datacontenttype" || name == "data" {
            return Err(InvalidEntry::attribute(
                name,
                "in binary mode this is `Content-Type` and the body",
            ));
        }
        let text =
            header_text(value).ok_or_else(|| InvalidEntry::attribute(name, "not percent-encoded UTF-8"))?;
        if attributes.insert(name.to_owned(), text).is_some() {
            return Err(InvalidEntry::attribute(name, "the header is there twice"));
        }
    }
    Ok(attributes)
}

/// A header's value: without the quotes that some senders add, then percent-decoded once.
fn header_text(value: &HeaderValue) -> Option<String> {
    let text = std::str::from_utf8(value.as_bytes()).ok()?.trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let text = quoted.map_or_else(|| text.to_owned(), unescape);
    Some(percent_decode_str(&text).decode_utf8().ok()?.into_owned())
}

/// Removes the backslashes of a quoted string.
fn unescape(text: &str) -> String {
    let mut characters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' {
            characters.next()
        } else {
            Some(character)
        });
    }
    plain
}

fn data(media_type: Option<&str>, body: Vec<u8>) -> Result<Option<Data>, InvalidEntry> {
    if body.is_empty() {
        return Ok(None);
    }
    let Some(media_type) = media_type else {
        return Ok(Some(untyped(body)));
    };
    // Only checked, not parsed: it is stored as it was sent.
    if is_json(Some(media_type)) {
        let json = serde_json::from_slice(&body);
        let json = json.map_err(|error| InvalidEntry::attribute("data", format!("not JSON: {error}")))?;
        return Ok(Some(Data::Json(json)));
    }
    if !is_text(media_type) {
        return Ok(Some(Data::Binary(body)));
    }
    let text = String::from_utf8(body);
    Ok(Some(text.map_or_else(
        |error| Data::Binary(error.into_bytes()),
        Data::Text,
    )))
}

/// Data without a media type is JSON in the JSON format, where text is a string.
fn untyped(body: Vec<u8>) -> Data {
    match Data::detect(body) {
        Data::Text(text) => match serde_json::value::to_raw_value(&text) {
            Ok(json) => Data::Json(json),
            Err(_) => Data::Binary(text.into_bytes()),
        },
        data => data,
    }
}
