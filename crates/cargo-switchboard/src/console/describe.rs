//! What the recorder has, as JSON.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use switchboard::source::detect;

use super::batch::{BatchRecord, RecordFate, RecordLine};
use super::fate;
use super::metrics::{MetricValue, metrics};
use super::recorder::{RecordedInvocation, Recorder};
use crate::deliver::{milliseconds, one_line};

/// An invocation in a list.
#[derive(Serialize)]
pub(super) struct InvocationRow<'i> {
    id: u64,
    /// When it ended, in milliseconds since 1970.
    time: u64,
    request_id: &'i str,
    source: &'static str,
    outcome: &'i str,
    failed: bool,
    duration_ms: f64,
    /// How long the start of its environment took, if it was the first one there.
    init_ms: Option<f64>,
    peak_memory_mb: Option<u64>,
    environment: u32,
    /// The number of records, if it is a batch.
    records: Option<usize>,
    /// The size of the event in bytes.
    size: usize,
}

impl<'i> InvocationRow<'i> {
    pub(super) fn of(invocation: &'i RecordedInvocation) -> Self {
        let judged = invocation.judged();
        Self {
            id: invocation.id,
            time: since_1970(invocation.ended),
            request_id: &invocation.request_id,
            source: judged.source.as_str(),
            outcome: judged.verdict.text(),
            failed: judged.verdict.is_failed(),
            duration_ms: milliseconds(invocation.duration),
            init_ms: invocation.init.map(milliseconds),
            peak_memory_mb: invocation.peak_memory.map(|bytes| bytes.div_ceil(1 << 20)),
            environment: invocation.environment,
            records: Some(invocation.batch().records.len()).filter(|count| *count > 0),
            size: invocation.payload.len(),
        }
    }
}

/// All about one invocation but its event, which may be large.
#[derive(Serialize)]
pub(super) struct InvocationDetails<'i> {
    #[serde(flatten)]
    row: InvocationRow<'i>,
    evidence: Vec<String>,
    reply: Option<Value>,
    error: Option<Value>,
    /// What the source does with the reply.
    next: String,
    /// How many records the source delivers again.
    again: usize,
    batch: Vec<RecordRow<'i>>,
    lines: Vec<LineRow<'i>>,
    metrics: Vec<MetricValue>,
}

/// A record in the list of its batch.
#[derive(Serialize)]
struct RecordRow<'i> {
    id: Option<&'i str>,
    lane: Option<&'i str>,
    outcome: RecordFate,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'i str>,
    /// Whether the source delivers it again.
    again: bool,
    /// How many deliveries of it are known, this one included.
    deliveries: usize,
}

impl<'i> RecordRow<'i> {
    fn of(record: &'i BatchRecord, deliveries: usize) -> Self {
        Self {
            id: record.id.as_deref(),
            lane: record.lane.as_deref(),
            outcome: record.fate,
            error: record.error.as_deref(),
            again: record.again,
            deliveries,
        }
    }
}

/// A log line.
#[derive(Serialize)]
struct LineRow<'i> {
    text: &'i str,
    /// The record it belongs to, from 0 on.
    record: Option<usize>,
}

impl<'i> InvocationDetails<'i> {
    pub(super) fn of(invocation: &'i RecordedInvocation, recorder: &Recorder) -> Self {
        let batch = invocation.batch();
        let rows = batch.records.iter().zip(recorder.counts(invocation));
        let rows = rows.map(|(record, deliveries)| RecordRow::of(record, deliveries));
        let lines = invocation.lines.iter().map(|text| LineRow {
            text,
            record: RecordLine::read(text).and_then(|line| batch.record_of(&line)),
        });
        Self {
            row: InvocationRow::of(invocation),
            evidence: detect(&invocation.payload)
                .evidence()
                .map(|line| one_line(&line))
                .collect(),
            reply: invocation.result.as_ref().ok().map(value),
            error: invocation
                .result
                .as_ref()
                .err()
                .map(|error| value(&error.payload)),
            next: fate::next(invocation),
            again: batch.again().len(),
            batch: rows.collect(),
            lines: lines.collect(),
            metrics: metrics(&invocation.lines),
        }
    }
}

/// All about one record.
#[derive(Serialize)]
pub(super) struct RecordDetails<'i> {
    #[serde(flatten)]
    row: RecordRow<'i>,
    index: usize,
    /// The record as it is in the event.
    text: String,
    lines: Vec<&'i str>,
    deliveries_known: Vec<DeliveryRow>,
}

/// A delivery of a record.
#[derive(Serialize)]
struct DeliveryRow {
    invocation: u64,
    index: usize,
    time: u64,
    outcome: RecordFate,
    error: Option<String>,
    /// Why it came once more after the delivery before.
    why: Option<String>,
}

impl<'i> RecordDetails<'i> {
    pub(super) fn of(invocation: &'i RecordedInvocation, index: usize, recorder: &Recorder) -> Option<Self> {
        let batch = invocation.batch();
        let record = batch.records.get(index)?;
        let lines = invocation.lines.iter().map(String::as_str).filter(|text| {
            let line = RecordLine::read(text);
            line.is_some_and(|line| batch.record_of(&line) == Some(index))
        });
        let deliveries = deliveries(invocation, record.id.as_deref(), recorder);
        Some(Self {
            row: RecordRow::of(record, deliveries.len().max(1)),
            index,
            text: String::from_utf8_lossy(&invocation.payload[record.range.clone()]).into_owned(),
            lines: lines.collect(),
            deliveries_known: deliveries,
        })
    }
}

/// The deliveries of a record, the earliest first, each with the reason why it came.
fn deliveries(invocation: &RecordedInvocation, id: Option<&str>, recorder: &Recorder) -> Vec<DeliveryRow> {
    let source = invocation.judged().source;
    let places = id
        .map(|id| recorder.deliveries_of(source, id))
        .unwrap_or_default();
    let found = places
        .iter()
        .filter_map(|place| Some((recorder.get(place.invocation)?, place.index)));
    let found: Vec<_> = found.collect();
    let rows = found.iter().enumerate().map(|(number, (delivery, index))| {
        let record = &delivery.batch().records[*index];
        let before = number.checked_sub(1).map(|before| &found[before]);
        DeliveryRow {
            invocation: delivery.id,
            index: *index,
            time: since_1970(delivery.ended),
            outcome: record.fate,
            error: record.error.clone(),
            why: before.map(|(earlier, index)| fate::why(earlier, *index)),
        }
    });
    rows.collect()
}

/// How the function does, over the invocations that are kept.
#[derive(Serialize)]
pub(super) struct HealthNumbers {
    invocations: usize,
    failed: usize,
    records: usize,
    records_failed: usize,
    cold_starts: usize,
    environments: usize,
    /// Invocations for each second between the first and the last one.
    per_second: Option<f64>,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    init_p50_ms: Option<f64>,
    peak_memory_mb: Option<u64>,
    memory_mb: u32,
    /// The metric `IteratorAge` of the latest invocation that has it.
    iterator_age_ms: Option<f64>,
    sources: Vec<(&'static str, usize, usize)>,
}

impl HealthNumbers {
    pub(super) fn of(recorder: &Recorder, memory_mb: u32) -> Self {
        let all = recorder.all();
        let failed = |invocation: &RecordedInvocation| invocation.judged().verdict.is_failed();
        let mut sources = std::collections::BTreeMap::<&str, (usize, usize)>::new();
        let mut environments = std::collections::BTreeSet::new();
        let (mut records, mut records_failed) = (0, 0);
        for invocation in &all {
            let counts = sources.entry(invocation.judged().source.as_str()).or_default();
            counts.0 += 1;
            counts.1 += usize::from(failed(invocation));
            environments.insert(invocation.environment);
            records += invocation.batch().records.len().max(1);
            records_failed += match invocation.batch().records.is_empty() {
                true => usize::from(failed(invocation)),
                false => invocation
                    .batch()
                    .indexes(|record| record.fate == RecordFate::Failed)
                    .len(),
            };
        }
        let durations = sorted(all.iter().map(|invocation| invocation.duration));
        let inits = sorted(all.iter().filter_map(|invocation| invocation.init));
        let peak = all.iter().filter_map(|invocation| invocation.peak_memory).max();
        Self {
            invocations: all.len(),
            failed: all.iter().filter(|invocation| failed(invocation)).count(),
            records,
            records_failed,
            cold_starts: inits.len(),
            environments: environments.len(),
            per_second: per_second(&all),
            p50_ms: percentile(&durations, 50),
            p99_ms: percentile(&durations, 99),
            init_p50_ms: percentile(&inits, 50),
            peak_memory_mb: peak.map(|bytes| bytes.div_ceil(1 << 20)),
            memory_mb,
            iterator_age_ms: all
                .iter()
                .rev()
                .find_map(|invocation| iterator_age(&invocation.lines)),
            sources: sources
                .into_iter()
                .map(|(source, (count, failed))| (source, count, failed))
                .collect(),
        }
    }
}

fn per_second(all: &[std::sync::Arc<RecordedInvocation>]) -> Option<f64> {
    let (first, last) = (all.first()?, all.last()?);
    let time = last
        .ended
        .duration_since(first.ended)
        .ok()
        .filter(|time| !time.is_zero())?;
    let count = u32::try_from(all.len() - 1).ok()?;
    Some((f64::from(count) / time.as_secs_f64() * 100.0).round() / 100.0)
}

fn iterator_age(lines: &[String]) -> Option<f64> {
    let lines: Vec<String> = lines
        .iter()
        .filter(|line| line.contains("IteratorAge"))
        .cloned()
        .collect();
    let found = metrics(&lines)
        .into_iter()
        .find(|metric| metric.name == "IteratorAge")?;
    found.value.as_f64()
}

fn sorted(durations: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let mut sorted: Vec<Duration> = durations.collect();
    sorted.sort_unstable();
    sorted
}

/// The smallest duration that this many of a hundred do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).checked_sub(1)?;
    sorted.get(rank).copied().map(milliseconds)
}

fn since_1970(time: SystemTime) -> u64 {
    let passed = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
}

/// The bytes as JSON, or as text if they are not.
fn value(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(ids: &[&str]) -> String {
        let record = |id: &&str| json!({"eventSource": "aws:sqs", "messageId": id, "body": "{}"});
        json!({"Records": ids.iter().map(record).collect::<Vec<_>>()}).to_string()
    }

    fn failing(id: &str) -> (String, String) {
        let line = json!({"message": "record failed", "record": id, "error": "body.cents: missing"});
        let reply = json!({"batchItemFailures": [{"itemIdentifier": id}]});
        (reply.to_string(), line.to_string())
    }

    #[test]
    fn a_record_has_its_deliveries_and_why_it_came_again() {
        let recorder = Recorder::new(10);
        let (reply, line) = failing("b");
        recorder.note(
            event(&["a", "b"]),
            Ok(&reply),
            &[&line, r#"{"message":"x","correlation_id":"a"}"#],
        );
        recorder.note(event(&["b"]), Ok("null"), &[]);
        let second = recorder.get(2).unwrap();
        let record = serde_json::to_value(RecordDetails::of(&second, 0, &recorder).unwrap()).unwrap();
        assert_eq!(record["deliveries"], 2);
        assert_eq!(record["deliveries_known"][0]["outcome"], "failed");
        assert_eq!(record["deliveries_known"][0]["why"], Value::Null);
        assert_eq!(
            record["deliveries_known"][1]["why"],
            "It failed in #1: body.cents: missing"
        );
        let first = recorder.get(1).unwrap();
        let details = serde_json::to_value(InvocationDetails::of(&first, &recorder)).unwrap();
        assert_eq!(details["lines"][0]["record"], 1);
        assert_eq!(details["lines"][1]["record"], 0);
        assert_eq!(details["batch"][1]["error"], "body.cents: missing");
        assert_eq!(
            (&details["again"], &details["outcome"]),
            (&json!(1), &json!("1 failed of 2"))
        );
        assert_eq!(details["evidence"][0], r#"Records[0].eventSource = "aws:sqs""#);
        assert!(RecordDetails::of(&first, 2, &recorder).is_none());
    }

    #[test]
    fn health_is_that_of_the_kept_invocations() {
        let recorder = Recorder::new(100);
        let (reply, line) = failing("b");
        for _ in 0..99 {
            recorder.note("{}", Ok("null"), &[]);
        }
        recorder.note(event(&["a", "b"]), Ok(&reply), &[&line]);
        let health = serde_json::to_value(HealthNumbers::of(&recorder, 128)).unwrap();
        assert_eq!(
            (&health["invocations"], &health["failed"]),
            (&json!(100), &json!(1))
        );
        assert_eq!(
            (&health["records"], &health["records_failed"]),
            (&json!(101), &json!(1))
        );
        assert_eq!(
            (&health["p50_ms"], &health["p99_ms"]),
            (&json!(50.0), &json!(99.0))
        );
        assert_eq!(
            (&health["per_second"], &health["cold_starts"]),
            (&json!(1.0), &json!(1))
        );
        assert_eq!(health["sources"], json!([["sqs", 1, 1], ["unknown", 99, 0]]));
    }
}
