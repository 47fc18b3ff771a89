//! CloudWatch Logs subscriptions: gzipped JSON with many log events.

use super::record::ENTRY;
use crate::journal::{Data, Entry, Identity, WRITTEN_BY, printable, uri_reference};
use chrono::{DateTime, Datelike as _, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;
use switchboard::Failure;
use switchboard::bounds::{Bounds, RaiseMemory};
use switchboard::event::envelope::LogsMessageType;
use switchboard::event::gzip::{self, Gzip};
use switchboard::source::Fingerprint;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogsMessage {
    owner: String,
    log_group: String,
    log_stream: String,
    log_events: Vec<LogEvent>,
}

#[derive(Deserialize)]
struct LogEvent {
    id: String,
    /// Milliseconds since 1970.
    timestamp: i64,
    message: String,
}

/// The log events of a subscription's record, as entries. Empty for a control message; `None` if the record is not from
/// a subscription.
///
/// # Errors
/// The data is too large after decompression, or its entries take more than `most` bytes, or the message does not have
/// the form that CloudWatch Logs documents.
pub(super) fn entries(data: &[u8], region: &str, most: usize) -> Result<Option<Vec<Entry>>, Failure> {
    let Some(json) = decompress(data)? else {
        return Ok(None);
    };
    match LogsMessageType::of(&json) {
        None => return Ok(None),
        Some(LogsMessageType::Control) => return Ok(Some(Vec::new())),
        Some(LogsMessageType::Data) => {}
    }
    // Counted first: parsed data is larger than its text, and the entries are larger still.
    let count = count(&json);
    let size = json.len() + count * ENTRY;
    if size > most {
        return Err(Failure::msg(format!(
            "the {count} log events in `kinesis.data` take {size} bytes as entries, more than {most}; {RaiseMemory}"
        )));
    }
    let read = &mut serde_json::Deserializer::from_slice(&json);
    let message: LogsMessage = serde_path_to_error::deserialize(read).map_err(|error| {
        Failure::msg(format!(
            "the CloudWatch Logs message in `kinesis.data` is unreadable at `{}`",
            error.path()
        ))
    })?;
    let source = format!(
        "arn:aws:logs:{region}:{}:log-group:{}",
        message.owner, message.log_group
    );
    let source = uri_reference(&source).into_owned();
    message
        .log_events
        .iter()
        .map(|event| event.entry(&source, &message.log_stream))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// How many log events a message has; 0 if it is not a message.
fn count(json: &[u8]) -> usize {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct LogEventCount {
        log_events: Vec<IgnoredAny>,
    }
    serde_json::from_slice(json).map_or(0, |counted: LogEventCount| counted.log_events.len())
}

impl LogEvent {
    fn entry(&self, source: &str, stream: &str) -> Result<Entry, Failure> {
        let timestamp = self.timestamp.to_string();
        // The identity of the log event, not of the record: two filters may send one log event in two records.
        let said = Fingerprint::new().text(Some(&self.message)).to_string();
        let identity = Identity::new(["logs", source, stream, &self.id, &timestamp, &said]);
        let id = if self.id.is_empty() {
            identity.to_id()
        } else {
            printable(&self.id).into_owned()
        };
        let mut entry = Entry::builder(id, source, "com.amazonaws.logs.event")
            .time(DateTime::from_timestamp_millis(self.timestamp).filter(writable))
            .identity(identity)
            .extension(WRITTEN_BY, "kinesis")
            .detected(Data::detect(self.message.clone().into_bytes()));
        if !stream.is_empty() {
            entry = entry.subject(printable(stream));
        }
        Ok(entry.build()?)
    }
}

/// Producers set the times of log events, and may set one that RFC 3339 cannot express.
fn writable(time: &DateTime<Utc>) -> bool {
    (0..=9999).contains(&time.year())
}

/// The decompressed data of a gzipped record; `None` if it is not gzipped. What only starts like gzip is a producer's
/// own format.
fn decompress(data: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    match gzip::decompress(data, Bounds::of_process().unpacked()) {
        Ok(json) => Ok(Some(json)),
        Err(Gzip::Not) => Ok(None),
        Err(error @ Gzip::TooMuch { .. }) => Err(Failure::msg(format!("`kinesis.data`: {error}"))),
    }
}
