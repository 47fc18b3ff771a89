//! What clients may append: entries within the limits that do not pass for AWS's, marked as a client's.

use super::problem::Problem;
use crate::journal::{Attribute, Entry, InvalidEntry};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};

/// How many events a batch may have.
pub(super) const MAX_BATCH: usize = 1000;

/// How many bytes the value of an attribute may have.
const MAX_VALUE: usize = 1024;

/// How many extension attributes an event may have, and how many bytes the name of one.
const MAX_EXTENSIONS: usize = 64;
const MAX_NAME: usize = 64;

/// How far `time` may be ahead of the journal's clock: more than any clock is wrong, or any forgotten time zone. An
/// entry further ahead would come after everything that arrives until then.
const AHEAD: TimeDelta = TimeDelta::hours(24);

/// The prefixes of the sources of AWS's own entries: services on EventBridge, S3, and ARNs of all partitions.
const AWS: [&str; 3] = ["aws.", "aws:", "arn:aws"];

/// The author of a client's entry.
const CLIENT: &str = "client";

/// The entry as it is stored.
///
/// # Errors
/// A client may not append this entry. The error has the attribute and the limit.
pub(super) fn entry(entry: Entry, now: DateTime<Utc>) -> Result<Entry, InvalidEntry> {
    let values = [
        ("id", Some(entry.id())),
        ("source", Some(entry.source())),
        ("type", Some(entry.event_type())),
        ("subject", entry.subject()),
        ("datacontenttype", entry.datacontenttype()),
        ("dataschema", entry.dataschema()),
    ];
    for (name, value) in values {
        short(name, value.unwrap_or_default(), MAX_VALUE, "a value")?;
    }
    let extensions = entry.extensions();
    if extensions.len() > MAX_EXTENSIONS {
        let problem = format!(
            "{} extension attributes; at most {MAX_EXTENSIONS} are taken",
            extensions.len()
        );
        return Err(InvalidEntry::document(problem));
    }
    for (name, value) in extensions {
        short(name, name, MAX_NAME, "a name")?;
        if let Attribute::String(value) = value {
            short(name, value, MAX_VALUE, "a value")?;
        }
    }
    if AWS.iter().any(|aws| begins(entry.source(), aws)) {
        let problem =
            "begins as the sources of AWS's own events do (`aws.`, `aws:`, `arn:aws`): name one of your own";
        return Err(InvalidEntry::attribute("source", problem));
    }
    if entry.time().is_some_and(|time| time - now > AHEAD) {
        let problem = "more than 24 hours ahead of the journal's clock";
        return Err(InvalidEntry::attribute("time", problem));
    }
    Ok(entry.written_by(CLIENT))
}

/// A batch as it is stored: all of it or nothing.
///
/// # Errors
/// As for one entry; the error also has the entry's position.
pub(super) fn batch(entries: Vec<Entry>, now: DateTime<Utc>) -> Result<Vec<Entry>, InvalidEntry> {
    let accept = |(index, one)| entry(one, now).map_err(|error| error.at(index));
    entries.into_iter().enumerate().map(accept).collect()
}

/// Checks how many events a batch has, before any of them is read.
pub(super) fn size(events: usize) -> Result<(), Problem> {
    if events > MAX_BATCH {
        let detail = format!("the batch has {events} events; at most {MAX_BATCH} are taken at once");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).blame("limit", MAX_BATCH));
    }
    Ok(())
}

fn short(name: &str, text: &str, bytes: usize, what: &str) -> Result<(), InvalidEntry> {
    if text.len() > bytes {
        let problem = format!("{what} of {} bytes; at most {bytes} are taken", text.len());
        return Err(InvalidEntry::attribute(name, problem));
    }
    Ok(())
}

/// Schemes of URIs are case-insensitive.
fn begins(text: &str, with: &str) -> bool {
    let head = text.as_bytes().get(..with.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
}
