//! A document in CloudWatch's embedded metric format (CloudWatch User Guide, “Specification: Embedded metric format”).

use std::collections::{HashMap, HashSet};

use anstyle::{AnsiColor, Style};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::clock::of_milliseconds;
use super::field::fields;
use super::object::{Object, array, string};
use super::text::{harmless, word};
use crate::cli::output::DIM;

const METRIC: Style = AnsiColor::Cyan.on_default();
/// The most metrics shown, which is also the specification's limit for one directive.
const METRICS: usize = 100;
/// The most values of a metric that are shown.
const VALUES: usize = 4;

/// The member `_aws`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: Option<f64>,
    cloud_watch_metrics: Vec<Directive>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: String,
    #[serde(default)]
    dimensions: Vec<Vec<String>>,
    #[serde(default)]
    metrics: Vec<Definition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: String,
    unit: Option<String>,
}

/// Formats `HH:MM:SS.mmm METRIC namespace dimension=value …: name = value unit, …`, followed by the other members. `None` if
/// the object is not such a document.
pub(super) fn metrics(object: &Object<'_>) -> Option<String> {
    let metadata: Metadata = serde_json::from_str(object.get("_aws")?).ok()?;
    let values: HashMap<&str, &str> = object.0.iter().map(|(key, value)| (&**key, *value)).collect();
    let time = metadata.timestamp.and_then(of_milliseconds);
    let mut line = time.map_or_else(String::new, |time| format!("{DIM}{time}{DIM:#} "));
    line.push_str(&format!("{METRIC}METRIC{METRIC:#}"));
    let mut named = HashSet::from(["_aws"]);
    let mut left = METRICS;
    for (place, directive) in metadata.cloud_watch_metrics.iter().take(METRICS).enumerate() {
        let separator = if place == 0 { " " } else { "; " };
        line.extend([separator, &directive.text(&values, left)]);
        left = left.saturating_sub(directive.metrics.len());
        named.extend(directive.dimensions.iter().flatten().map(String::as_str));
        named.extend(directive.metrics.iter().map(|metric| metric.name.as_str()));
    }
    let rest = object.0.iter().filter(|(key, _)| !named.contains(key.as_str()));
    let (beside, below) = fields(&Object(rest.cloned().collect()));
    Some(format!("{line}{DIM}{beside}{below}{DIM:#}"))
}

impl Directive {
    fn text(&self, values: &HashMap<&str, &str>, most: usize) -> String {
        let mut seen = HashSet::new();
        let dimensions = self.dimensions.iter().flatten().filter(|name| seen.insert(*name));
        let dimensions = dimensions.map(|name| format!(" {}={}", word(name), dimension(values.get(&**name))));
        let mut shown: Vec<_> = self
            .metrics
            .iter()
            .take(most)
            .map(|metric| metric.text(values))
            .collect();
        if self.metrics.len() > most {
            shown.push(format!("{} more", self.metrics.len() - most));
        }
        format!(
            "{}{}: {}",
            word(&self.namespace),
            dimensions.collect::<String>(),
            shown.join(", ")
        )
    }
}

impl Definition {
    fn text(&self, values: &HashMap<&str, &str>) -> String {
        let value = values
            .get(&*self.name)
            .map_or("missing".to_owned(), |value| amount(value));
        let unit = self.unit.as_deref().map_or(String::new(), unit);
        format!("{} = {value}{unit}", word(&self.name))
    }
}

fn dimension(value: Option<&&str>) -> String {
    match value {
        None => "missing".to_owned(),
        Some(value) => match string(value) {
            Some(text) => word(&text).into_owned(),
            None => harmless(value).into_owned(),
        },
    }
}

/// A number, or several.
fn amount(value: &str) -> String {
    let Some(values) = array::<&RawValue>(value) else {
        return harmless(value).into_owned();
    };
    let shown: Vec<_> = values
        .iter()
        .take(VALUES)
        .map(|value| harmless(value.get()))
        .collect();
    match values.len() > VALUES {
        true => format!("[{}, …] ({} values)", shown.join(", "), values.len()),
        false => format!("[{}]", shown.join(", ")),
    }
}

/// A CloudWatch unit, abbreviated for display.
fn unit(name: &str) -> String {
    match name {
        "None" | "Count" => String::new(),
        "Percent" => " %".to_owned(),
        "Seconds" => " s".to_owned(),
        "Milliseconds" => " ms".to_owned(),
        "Microseconds" => " µs".to_owned(),
        "Bytes" => " B".to_owned(),
        "Kilobytes" => " kB".to_owned(),
        "Megabytes" => " MB".to_owned(),
        "Gigabytes" => " GB".to_owned(),
        other => format!(" {}", word(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(json: &str) -> Option<String> {
        let text = metrics(&Object::read(json).unwrap())?;
        Some(anstream::adapter::strip_str(&text).to_string())
    }

    #[test]
    fn a_document_is_one_line() {
        let json = r#"{"_aws":{"Timestamp":1795523696789,"CloudWatchMetrics":[{"Namespace":"Switchboard",
            "Dimensions":[["service"],["service","source"]],"Metrics":[{"Name":"Invocations","Unit":"Count"},
            {"Name":"Duration","Unit":"Milliseconds"},{"Name":"Size","Unit":"Bytes/Second"},{"Name":"Gone"}]}]},
            "service":"shop","source":"s3","Invocations":1,"Duration":[1.5,2,3,4,5],"Size":0,"requestId":"5c0f","tenant":"t"}"#;
        assert_eq!(
            plain(json).unwrap(),
            "12:34:56.789 METRIC Switchboard service=shop source=s3: Invocations = 1, \
             Duration = [1.5, 2, 3, 4, …] (5 values) ms, Size = 0 Bytes/Second, Gone = missing tenant=t"
        );
    }

    #[test]
    fn several_directives_follow_each_other() {
        let json = r#"{"_aws":{"CloudWatchMetrics":[{"Namespace":"A B","Metrics":[{"Name":"n"}]},
            {"Namespace":"B","Dimensions":[["d"]],"Metrics":[]}]},"n":1}"#;
        assert_eq!(plain(json).unwrap(), r#"METRIC "A B": n = 1; B d=missing: "#);
    }

    #[test]
    fn the_work_is_bounded_however_often_a_metric_is_named() {
        let names = r#"{"Name":"n"},"#.repeat(5000);
        let json = format!(
            r#"{{"_aws":{{"CloudWatchMetrics":[{{"Namespace":"A","Metrics":[{}]}}]}},"n":[{}]}}"#,
            names.trim_end_matches(','),
            "1,".repeat(20_000).trim_end_matches(',')
        );
        let text = plain(&json).unwrap();
        assert!(text.ends_with(", 4900 more"), "{text}");
        assert!(text.len() < 10_000);
    }

    #[test]
    fn anything_else_is_not_a_document() {
        assert_eq!(plain(r#"{"n":1}"#), None);
        assert_eq!(plain(r#"{"_aws":{"CloudWatchMetrics":7}}"#), None);
    }
}
