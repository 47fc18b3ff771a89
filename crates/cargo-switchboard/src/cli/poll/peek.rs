//! Shows what is there, and takes nothing.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use event_source_mapping::Record;
use serde_json::Value;
use switchboard_aws::poll::{MessageQueue, QueueMessage, ReadStart, ReadableStream};

use super::super::ended::Ended;
use super::super::json;
use super::super::output::{self, DIM, OutputFormat};
use super::super::render::harmless;
use crate::Error;

/// How long messages are hidden at most, so that each is shown once.
const HIDDEN: Duration = Duration::from_secs(30);
/// How long the queue is asked for the first message.
const WAIT: Duration = Duration::from_secs(1);
/// How many characters of what a record holds are shown.
const SHOWN: usize = 100;

/// # Errors
/// If the queue cannot be read.
pub(super) async fn queue(queue: &MessageQueue, limit: usize, format: OutputFormat) -> Result<Ended, Error> {
    if let Some(most) = queue.max_receives() {
        output::note(&format!(
            "peeking counts as a receive; after {most} of them, a message goes to the dead-letter queue"
        ));
    }
    let mut messages: Vec<QueueMessage> = Vec::new();
    let received = loop {
        match queue.receive(limit - messages.len(), WAIT, HIDDEN).await {
            Ok(more) if more.is_empty() => break Ok(()),
            Ok(more) => messages.extend(more),
            Err(failure) => break Err(failure),
        }
        if messages.len() >= limit {
            break Ok(());
        }
    };
    let released = queue.release(&messages, Duration::ZERO).await;
    messages.sort_by_key(Record::sent);
    for message in &messages {
        let facts = format!("received {} times", message.receives());
        show(message, &message.record, &facts, message.body(), format);
    }
    if messages.is_empty() {
        output::note(&format!("queue {} has no visible message", queue.name()));
    }
    received?;
    released?;
    Ok(Ended::Success)
}

/// # Errors
/// If the stream cannot be read.
pub(super) async fn stream(
    stream: &ReadableStream,
    start: &ReadStart,
    limit: usize,
    format: OutputFormat,
) -> Result<Ended, Error> {
    let mut left = limit;
    for shard in stream.shards().await? {
        let mut next = Some(stream.iterator(&shard.id, start).await?);
        while let Some(iterator) = next.filter(|_| left > 0) {
            let page = stream.read(&shard.id, &iterator, left).await?;
            for record in &page.records {
                let (shown, content) = record.filtered();
                let text = match content {
                    Some((_, bytes)) => String::from_utf8_lossy(bytes).into_owned(),
                    None => shown["dynamodb"]["Keys"].to_string(),
                };
                show(record, &record.record, &shard.id, &text, format);
            }
            left = left.saturating_sub(page.records.len());
            next = page.next.filter(|_| !page.is_newest);
        }
    }
    if left == limit {
        output::note(&format!("{} has no record there", stream.name));
    }
    Ok(Ended::Success)
}

fn show(record: &impl Record, whole: &Value, facts: &str, content: &str, format: OutputFormat) {
    if format == OutputFormat::Json {
        return json::print(whole);
    }
    let milliseconds = i64::try_from(record.sent().as_millis()).unwrap_or_default();
    let sent = DateTime::from_timestamp_millis(milliseconds).unwrap_or_default();
    let sent = sent.to_rfc3339_opts(SecondsFormat::Millis, true);
    let one_line = content.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = one_line.chars().take(SHOWN).collect();
    if shown.len() < one_line.len() {
        shown.push('…');
    }
    let identifier = record.identifier();
    output::line(&format!(
        "{sent}  {identifier}  {DIM}{facts}{DIM:#}  {}",
        harmless(&shown)
    ));
}
