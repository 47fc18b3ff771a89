//! Documents of the embedded metric format.
//!
//! Amazon CloudWatch User Guide, “Specification: Embedded metric format”.

use super::collected::{Amount, Dimensions, Group, Series};
use super::{Metric, MetricsSettings, Unit};
use crate::telemetry::scope::Scope;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// As many metrics a document may have.
const MAX_METRICS: usize = 100;
/// As many values a metric may have in a document.
const MAX_VALUES: usize = 100;

/// Writes documents, a line each, in one go.
pub(super) fn write(scope: &Scope, groups: &[Group]) {
    let Some(settings) = &scope.settings.metrics else {
        return;
    };
    let now = Utc::now();
    let mut lines = Vec::with_capacity(1024);
    for group in groups {
        for entries in split(&group.series) {
            let document = Document {
                settings,
                scope,
                group,
                entries,
                now,
            };
            if document.write(&mut lines).is_ok() {
                lines.push(b'\n');
            }
        }
    }
    if !lines.is_empty() {
        (scope.settings.output)(&lines);
    }
}

/// What a metric has in one document.
struct Entry<'g> {
    metric: Metric,
    value: Value<'g>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value<'g> {
    Sum(u64),
    One(f64),
    Several(&'g [f64]),
}

impl<'g> Value<'g> {
    fn of(values: &'g [f64]) -> Self {
        match values {
            [one] => Self::One(*one),
            several => Self::Several(several),
        }
    }
}

/// Shares the series out to documents, so that none has more than it may and no name twice.
fn split(series: &[Series]) -> Vec<Vec<Entry<'_>>> {
    let mut documents: Vec<Vec<Entry<'_>>> = Vec::new();
    for one in series {
        let values = match &one.amount {
            Amount::Sum(sum) => vec![Value::Sum(*sum)],
            Amount::Values(values) => values.chunks(MAX_VALUES).map(Value::of).collect(),
        };
        let mut from = 0;
        for value in values {
            let has_room = |document: &Vec<Entry<'_>>| {
                document.len() < MAX_METRICS
                    && document.iter().all(|entry| entry.metric.name != one.metric.name)
            };
            // A document that had no room for one part of a series has none for its next.
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
    group: &'d Group,
    entries: Vec<Entry<'d>>,
    now: DateTime<Utc>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'d> {
    timestamp: i64,
    cloud_watch_metrics: [Directive<'d>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'d> {
    namespace: &'d str,
    dimensions: [Vec<&'d str>; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: Unit,
}

impl Document<'_> {
    fn write(&self, line: &mut Vec<u8>) -> serde_json::Result<()> {
        let mut serializer = serde_json::Serializer::new(line);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("_aws", &self.metadata())?;
        if let Some(level) = &self.settings.level {
            map.serialize_entry("level", level)?;
            let time = self.now.to_rfc3339_opts(SecondsFormat::Millis, true);
            map.serialize_entry("timestamp", &time)?;
        }
        let scope = self.scope;
        map.serialize_entry("service", &value(&scope.settings.service))?;
        map.serialize_entry("source", self.group.source.as_str())?;
        for (dimension, text) in own(&self.group.dimensions) {
            map.serialize_entry(dimension.name, &value(text))?;
        }
        map.serialize_entry("function_name", &scope.settings.function_name)?;
        map.serialize_entry("function_request_id", &scope.request_id)?;
        if let Some(id) = &scope.trace_id {
            map.serialize_entry("xray_trace_id", id)?;
        }
        for entry in &self.entries {
            map.serialize_entry(entry.metric.name, &entry.value)?;
        }
        map.end()
    }

    fn metadata(&self) -> Metadata<'_> {
        let mut dimensions = vec!["service", "source"];
        dimensions.extend(own(&self.group.dimensions).iter().map(|(own, _)| own.name));
        let metrics = self.entries.iter().map(|entry| Definition {
            name: entry.metric.name,
            unit: entry.metric.unit,
        });
        Metadata {
            timestamp: self.now.timestamp_millis(),
            cloud_watch_metrics: [Directive {
                namespace: &self.settings.namespace,
                dimensions: [dimensions],
                metrics: metrics.collect(),
            }],
        }
    }
}

fn own(dimensions: &Option<Dimensions>) -> &[(super::Dimension, String)] {
    dimensions.as_deref().unwrap_or_default()
}

/// A dimension's value as CloudWatch takes it: up to 1024 ASCII characters, none of them a control character, and at
/// least one that is no blank (CloudWatch API Reference, “Dimension”).
fn value(text: &str) -> String {
    let allowed = |character: char| match character {
        ' '..='~' => character,
        _ => '?',
    };
    let value: String = text.chars().take(1024).map(allowed).collect();
    match value.trim_ascii().is_empty() {
        true => "-".to_owned(),
        false => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
                prop_assert_eq!(names.len(), document.len(), "a name stands twice");
                for entry in &document {
                    match entry.value {
                        Value::Sum(sum) => note(&mut after, entry.metric, [sum.to_string()].into_iter()),
                        Value::One(value) => note(&mut after, entry.metric, [value.to_string()].into_iter()),
                        Value::Several(values) => {
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
