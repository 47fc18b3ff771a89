//! What is taken of a client: what is within bounds and does not pass for AWS's own, marked as a client's.

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

/// How far `time` may be ahead of the journal's clock: no clock is that wrong, and no time zone that was left out. What lay
/// further ahead would stand behind everything that comes until then.
const AHEAD: TimeDelta = TimeDelta::hours(24);

/// What the sources of AWS's own entries begin with: those of the services on EventBridge, of S3, and ARNs of all partitions.
const AWS: [&str; 3] = ["aws.", "aws:", "arn:aws"];

/// Who a client's entry is written by.
const CLIENT: &str = "client";

/// The entry as it is kept.
///
/// # Errors
/// It is none that a client may append; the error names the attribute and the bound.
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

/// A batch as it is kept: all of it or nothing.
///
/// # Errors
/// As for one entry; which, too.
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

/// Schemes of URIs are the same in capitals.
fn begins(text: &str, with: &str) -> bool {
    let head = text.as_bytes().get(..with.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
}
