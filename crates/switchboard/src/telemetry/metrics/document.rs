//! Documents of the embedded metric format.
//!
//! Amazon CloudWatch User Guide, “Specification: Embedded metric format”.

use super::collected::{Amount, Dimensions, Series, SeriesGroup};
use super::{Metric, MetricsSettings};
use crate::telemetry::json::{self, key, member, string};
use crate::telemetry::scope::Scope;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use std::borrow::Cow;

/// How many metrics a document may have.
const MAX_METRICS: usize = 100;
/// How many values a metric may have in a document.
const MAX_VALUES: usize = 100;

/// Writes the documents, one line each, all at once.
pub(super) fn write(scope: &Scope, groups: &[SeriesGroup]) {
    let Some(settings) = &scope.settings.metrics else {
        return;
    };
    let now = Utc::now();
    let mut lines = Vec::with_capacity(2048);
    for group in groups {
        for entries in split(&group.series) {
            let document = Document {
                settings,
                scope,
                group,
                entries,
                now,
            };
            document.write(&mut lines);
        }
    }
    if !lines.is_empty() {
        (scope.settings.output)(&lines);
    }
}

/// A metric in one document.
struct Entry<'g> {
    metric: Metric,
    value: MetricValue<'g>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum MetricValue<'g> {
    Sum(u64),
    One(f64),
    Several(&'g [f64]),
}

impl<'g> MetricValue<'g> {
    fn of(values: &'g [f64]) -> Self {
        match values {
            [one] => Self::One(*one),
            several => Self::Several(several),
        }
    }
}

/// Distributes the series over documents, so that none is too large and none has a name twice.
fn split(series: &[Series]) -> Vec<Vec<Entry<'_>>> {
    let mut documents: Vec<Vec<Entry<'_>>> = Vec::new();
    for one in series {
        let values = match &one.amount {
            Amount::Sum(sum) => vec![MetricValue::Sum(*sum)],
            Amount::Values(values) => values.chunks(MAX_VALUES).map(MetricValue::of).collect(),
        };
        let mut from = 0;
        for value in values {
            let has_room = |document: &Vec<Entry<'_>>| {
                document.len() < MAX_METRICS
                    && document.iter().all(|entry| entry.metric.name != one.metric.name)
            };
            // A document without room for one part of a series has none for the next part.
            let at = documents[from..].iter().position(has_room).map(|at| from + at);
            let entry = Entry {
                metric: one.metric,
                value,
            };
            match at {
                Some(at) => documents[at].push(entry),
                None => documents.push(vec![entry]),
            }
            from = at.map_or(documents.len(), |at| at + 1);
        }
    }
    documents
}

struct Document<'d> {
    settings: &'d MetricsSettings,
    scope: &'d Scope,
    group: &'d SeriesGroup,
    entries: Vec<Entry<'d>>,
    now: DateTime<Utc>,
}

impl Document<'_> {
    fn write(&self, line: &mut Vec<u8>) {
        self.write_metadata(line);
        if let Some(level) = &self.settings.level {
            member(line, "level", level);
            let time = self.now.to_rfc3339_opts(SecondsFormat::Millis, true);
            member(line, "timestamp", &time);
        }
        let scope = self.scope;
        member(line, "service", &value(&scope.settings.service));
        member(line, "source", self.group.source.as_str());
        for (dimension, text) in own(&self.group.dimensions) {
            member(line, dimension.name, &value(text));
        }
        member(line, "function_name", &scope.settings.function_name);
        member(line, "function_request_id", &scope.request_id);
        if let Some(id) = scope.trace_id() {
            member(line, "xray_trace_id", id);
        }
        if let Some(id) = &scope.tenant_id {
            member(line, "tenant_id", &value(id));
        }
        for (name, value) in scope.execution() {
            member(line, name, value);
        }
        for entry in &self.entries {
            key(line, entry.metric.name);
            json::value(line, &entry.value);
        }
        line.extend(b"}\n");
    }

    /// `{"_aws":{…}`
    fn write_metadata(&self, line: &mut Vec<u8>) {
        line.extend(br#"{"_aws":{"Timestamp":"#);
        json::value(line, &self.now.timestamp_millis());
        line.extend(br#","CloudWatchMetrics":[{"Namespace":"#);
        string(line, &self.settings.namespace);
        line.extend(br#","Dimensions":[["service","source""#);
        // Only if asked for: each tenant is a metric that CloudWatch charges for.
        if self.scope.counts_by_tenant() {
            line.extend(br#","tenant_id""#);
        }
        for (dimension, _) in own(&self.group.dimensions) {
            line.push(b',');
            string(line, dimension.name);
        }
        line.extend(br#"]],"Metrics":["#);
        for (at, entry) in self.entries.iter().enumerate() {
            line.extend(if at == 0 {
                &br#"{"Name":"#[..]
            } else {
                br#",{"Name":"#
            });
            string(line, entry.metric.name);
            line.extend(br#","Unit":""#);
            line.extend(entry.metric.unit.as_str().as_bytes());
            line.extend(br#""}"#);
        }
        line.extend(b"]}]}");
    }
}

fn own(dimensions: &Option<Dimensions>) -> &[(super::Dimension, String)] {
    dimensions.as_deref().unwrap_or_default()
}

/// A dimension's value as CloudWatch accepts it: up to 1024 ASCII characters, no control characters, and at least one
/// that is not blank (CloudWatch API Reference, “Dimension”).
fn value(text: &str) -> Cow<'_, str> {
    let plain = (1..=1024).contains(&text.len()) && text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    if plain {
        return Cow::Borrowed(text);
    }
    let allowed = |character: char| match character {
        ' '..='~' => character,
        _ => '?',
    };
    let value: String = text.chars().take(1024).map(allowed).collect();
    match value.trim_ascii().is_empty() {
        true => Cow::Borrowed("-"),
        false => Cow::Owned(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Unit;
    use proptest::prelude::*;
    use std::collections::{HashMap, HashSet};

    const NAMES: [&str; 4] = ["a", "b", "c", "d"];

    fn amounts() -> impl Strategy<Value = Amount> {
        prop_oneof![
            any::<u64>().prop_map(Amount::Sum),
            prop::collection::vec(-1e9..1e9, 1..350).prop_map(Amount::Values),
        ]
    }

    fn series() -> impl Strategy<Value = Vec<Series>> {
        let unit = prop_oneof![Just(Unit::Count), Just(Unit::Bytes)];
        let one = (0..NAMES.len(), unit, amounts()).prop_map(|(name, unit, amount)| Series {
            metric: Metric {
                name: NAMES[name],
                unit,
            },
            amount,
        });
        prop::collection::vec(one, 0..12)
    }

    /// What is said of each metric, in no order.
    type Said = HashMap<(&'static str, &'static str), Vec<String>>;

    fn note(said: &mut Said, metric: Metric, values: impl Iterator<Item = String>) {
        let key = (metric.name, metric.unit.as_str());
        said.entry(key).or_default().extend(values);
    }

    fn told(said: &mut Said) {
        said.values_mut().for_each(|values| values.sort_unstable());
    }

    proptest! {
        #[test]
        fn no_document_has_too_much_and_nothing_is_lost(series in series()) {
            let (mut before, mut after) = (Said::new(), Said::new());
            for one in &series {
                match &one.amount {
                    Amount::Sum(sum) => note(&mut before, one.metric, [sum.to_string()].into_iter()),
                    Amount::Values(values) => note(&mut before, one.metric, values.iter().map(f64::to_string)),
                }
            }
            for document in split(&series) {
                prop_assert!((1..=MAX_METRICS).contains(&document.len()));
                let names: HashSet<_> = document.iter().map(|entry| entry.metric.name).collect();
                prop_assert_eq!(names.len(), document.len(), "a name occurs twice");
                for entry in &document {
                    match entry.value {
                        MetricValue::Sum(sum) => note(&mut after, entry.metric, [sum.to_string()].into_iter()),
                        MetricValue::One(value) => note(&mut after, entry.metric, [value.to_string()].into_iter()),
                        MetricValue::Several(values) => {
                            prop_assert!(values.len() <= MAX_VALUES);
                            note(&mut after, entry.metric, values.iter().map(f64::to_string));
                        }
                    }
                }
            }
            told(&mut before);
            told(&mut after);
            prop_assert_eq!(before, after);
        }

        #[test]
        fn a_dimensions_value_is_one_that_cloudwatch_takes(text in any::<String>()) {
            let value = value(&text);
            prop_assert!((1..=1024).contains(&value.len()));
            prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert!(value.bytes().any(|byte| byte != b' '));
        }
    }

    #[test]
    fn a_hundred_metrics_fill_a_document() {
        let names: Vec<&'static str> = (0..150).map(|n| &*format!("m{n}").leak()).collect();
        let one = |name: &&'static str| Series {
            metric: Metric {
                name,
                unit: Unit::None,
            },
            amount: Amount::Sum(1),
        };
        let series: Vec<_> = names.iter().map(one).collect();
        let sizes: Vec<_> = split(&series).iter().map(Vec::len).collect();
        assert_eq!(sizes, [100, 50]);
    }
}
