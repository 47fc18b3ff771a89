//! The metrics of an invocation, from documents in CloudWatch's embedded metric format among its log lines.

use serde::Serialize;
use serde_json::Value;

/// A metric's value.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct MetricValue {
    namespace: String,
    pub(super) name: String,
    unit: Option<String>,
    /// A number, or a list of them.
    pub(super) value: Value,
    /// Names and values.
    dimensions: Vec<(String, Value)>,
}

/// The metrics of these log lines.
pub(super) fn metrics(lines: &[String]) -> Vec<MetricValue> {
    let documents = lines.iter().filter(|line| line.contains("\"CloudWatchMetrics\""));
    let documents = documents.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    documents.flat_map(|document| of_document(&document)).collect()
}

fn of_document(document: &Value) -> Vec<MetricValue> {
    let directives = document["_aws"]["CloudWatchMetrics"].as_array();
    let of_directive = |directive: &Value| {
        let names = directive["Dimensions"].as_array().into_iter().flatten();
        let names = names
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_str);
        let mut dimensions: Vec<_> = names
            .map(|name| (name.to_owned(), document[name].clone()))
            .collect();
        dimensions.dedup();
        let metrics = directive["Metrics"].as_array().into_iter().flatten();
        let values = metrics.filter_map(|metric| {
            let name = metric["Name"].as_str()?;
            Some(MetricValue {
                namespace: directive["Namespace"].as_str().unwrap_or_default().to_owned(),
                name: name.to_owned(),
                unit: metric["Unit"].as_str().map(str::to_owned),
                value: document.get(name)?.clone(),
                dimensions: dimensions.clone(),
            })
        });
        values.collect::<Vec<_>>()
    };
    directives.into_iter().flatten().flat_map(of_directive).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_are_read_and_other_lines_are_not() {
        let document = json!({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Namespace": "shop", "Dimensions": [["service"]],
            "Metrics": [{"Name": "Records", "Unit": "Count"}, {"Name": "missing"}]}]}, "service": "orders", "Records": 3});
        let found = metrics(&["plain".to_owned(), document.to_string()]);
        let expected = MetricValue {
            namespace: "shop".to_owned(),
            name: "Records".to_owned(),
            unit: Some("Count".to_owned()),
            value: json!(3),
            dimensions: vec![("service".to_owned(), json!("orders"))],
        };
        assert_eq!(found, [expected]);
    }
}
