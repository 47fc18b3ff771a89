//! Metrics: whatever is added and recorded, by whatever dimensions, is in the documents that CloudWatch reads, once and as it was;
//! and no document is one that it refuses.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use lambda_runtime::Context;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use switchboard::fuzzing::written;
use switchboard::telemetry::{Dimension, Metric, Metrics, Unit};

const COUNTERS: [Metric; 2] = [
    Metric::new("OrdersAccepted", Unit::Count),
    Metric::new("Bytes \"in\"", Unit::Bytes),
];
const VALUES: [Metric; 2] = [
    Metric::new("OrderSize", Unit::Bytes),
    Metric::new("Latency", Unit::Milliseconds),
];
const DIMENSIONS: [Dimension; 2] = [Dimension::new("Country"), Dimension::new("Shop\\Floor")];
const DIMENSION_NAMES: [&str; 2] = ["Country", "Shop\\Floor"];
/// The library's own.
const OWN: [&str; 3] = ["Invocations", "ColdStart", "Duration"];

/// The dimensions of a document, and what each metric has in it: sums, or values in their order.
type MetricValues = BTreeMap<(Vec<(String, String)>, String), Vec<f64>>;

fuzz_target!(|data: &[u8]| {
    let mut expected = MetricValues::new();
    let mut context = Context::default();
    context.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
    let lines = written(&context, true, || {
        // It ends where the bytes do.
        let _ = collect(&mut Unstructured::new(data), &mut expected);
    });
    let mut values = MetricValues::new();
    for line in String::from_utf8(lines).expect("JSON is UTF-8").lines() {
        let metadata: Value = serde_json::from_str(line).expect("each line is JSON");
        if metadata.get("_aws").is_none() {
            assert_eq!(metadata["level"], "WARN", "of what is no number, or too large");
            continue;
        }
        // What a metric can hold no reader has to round.
        let members: HashMap<String, Box<RawValue>> =
            serde_json::from_str(line).expect("each line is a document");
        read(&metadata, &members, &mut values);
    }
    assert_eq!(settled(expected), settled(values));
});

/// Dimensions that look the same to CloudWatch are the same: their sums are added up there, their values have no order.
fn settled(mut values: MetricValues) -> MetricValues {
    for ((_, name), values) in &mut values {
        match name == "OrdersAccepted" || name == "Bytes \"in\"" {
            true => *values = vec![values.iter().sum()],
            false => values.sort_by(f64::total_cmp),
        }
    }
    values
}

/// Adds and records what the bytes say.
fn collect(bytes: &mut Unstructured<'_>, expected: &mut MetricValues) -> Result<()> {
    let mut dimensions: [Option<String>; 2] = [None, None];
    while !bytes.is_empty() {
        let mut metrics = Metrics::current();
        let named: Vec<_> = dimensions
            .iter()
            .enumerate()
            .filter_map(|(at, value)| Some((at, value.clone()?)))
            .collect();
        for (at, value) in &named {
            metrics = metrics.with(DIMENSIONS[*at], value);
        }
        let named = named
            .into_iter()
            .map(|(at, value)| (DIMENSION_NAMES[at].to_owned(), taken(&value)));
        let named: Vec<_> = named.collect();
        let which = usize::from(bool::arbitrary(bytes)?);
        match bytes.int_in_range(0..=3)? {
            0 => {
                // As many digits as a double has: sums of more are rounded by those who read them.
                let more = u64::from(u32::arbitrary(bytes)?);
                metrics.add(COUNTERS[which], more);
                let sum = expected
                    .entry((named, name_of(&COUNTERS, which)))
                    .or_insert_with(|| vec![0.0]);
                sum[0] += more as f64;
            }
            1 => {
                let value = f64::arbitrary(bytes)?;
                // Of a long series several are made.
                for _ in 0..*bytes.choose(&[1, 1, 1, 1, 1, 1, 2, 150])? {
                    metrics.record(VALUES[which], value);
                    if value.abs() < 2.0_f64.powi(360) {
                        expected
                            .entry((named.clone(), name_of(&VALUES, which)))
                            .or_default()
                            .push(value);
                    }
                }
            }
            2 => dimensions[which] = Some(<&str>::arbitrary(bytes)?.to_owned()),
            _ => dimensions[which] = None,
        }
    }
    Ok(())
}

fn name_of(metrics: &[Metric; 2], which: usize) -> String {
    let counts = metrics[0] == COUNTERS[0];
    let names = if counts {
        ["OrdersAccepted", "Bytes \"in\""]
    } else {
        ["OrderSize", "Latency"]
    };
    names[which].to_owned()
}

/// A dimension's value as CloudWatch takes it: up to 1024 characters of ASCII that can be seen, not all of them blank.
fn taken(value: &str) -> String {
    let value = value.chars().take(1024).map(|character| {
        if (' '..='~').contains(&character) {
            character
        } else {
            '?'
        }
    });
    let value: String = value.collect();
    if value.trim().is_empty() {
        "-".to_owned()
    } else {
        value
    }
}

/// Reads a document as CloudWatch does. (Amazon CloudWatch User Guide, “Specification: Embedded metric format”.)
fn read(document: &Value, members: &HashMap<String, Box<RawValue>>, values: &mut MetricValues) {
    let directive = &document["_aws"]["CloudWatchMetrics"][0];
    let names = directive["Dimensions"][0]
        .as_array()
        .expect("a set of dimensions");
    assert!(names.len() <= 30);
    let mut dimensions = Vec::new();
    for name in names {
        let name = name.as_str().expect("a name");
        let value = document[name].as_str().expect("each dimension has a text");
        assert!(
            !value.trim().is_empty() && value.len() <= 1024 && value.is_ascii(),
            "{value:?}"
        );
        if DIMENSION_NAMES.contains(&name) {
            dimensions.push((name.to_owned(), value.to_owned()));
        }
    }
    dimensions.sort();
    let metrics = directive["Metrics"].as_array().expect("metrics");
    assert!((1..=100).contains(&metrics.len()));
    let mut seen = Vec::new();
    for metric in metrics {
        let name = metric["Name"].as_str().expect("a name");
        assert!(!seen.contains(&name), "{name} stands twice in a document");
        seen.push(name);
        let value = members[name].get();
        let numbers = value
            .trim_matches(['[', ']'])
            .split(',')
            .map(|value| value.trim().parse().expect("a number"));
        let numbers: Vec<f64> = numbers.collect();
        assert!(numbers.len() <= 100);
        if !OWN.contains(&name) {
            values
                .entry((dimensions.clone(), name.to_owned()))
                .or_default()
                .extend(numbers);
        }
    }
}
