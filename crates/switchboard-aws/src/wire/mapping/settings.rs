//! The wanted settings of a mapping and the current ones, property by property.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{
    DestinationConfig, EventSourceMappingConfiguration as Configuration, Filter, FilterCriteria,
    FunctionResponseType, OnFailure, ScalingConfig,
};
use serde_json::Value;

/// Where a new mapping starts to read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Start {
    /// With the oldest record in the stream.
    #[default]
    TrimHorizon,
    /// With records that arrive from now on.
    Latest,
    /// With the first record after this Unix time, in seconds.
    At(i64),
}

/// The wanted settings of a mapping. `None` means that the source does not have the setting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The largest number of records in a batch.
    pub batch_size: i32,
    /// The batching window in seconds.
    pub batch_window: i32,
    /// Event filter patterns in JSON. An empty list lets every record through.
    pub filters: Vec<String>,
    /// Settings that only streams have.
    pub stream: Option<StreamSettings>,
    /// The maximum concurrency of a queue's mapping.
    pub maximum_concurrency: Option<i32>,
}

/// Settings that only mappings of streams have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamSettings {
    /// Where a new mapping starts to read.
    pub start: Start,
    /// How many batches of a shard run at once.
    pub parallelization_factor: i32,
    /// Whether Lambda splits a failed batch in two.
    pub bisect: bool,
    /// The maximum number of retries; -1 is unlimited.
    pub maximum_retry_attempts: i32,
    /// The maximum record age in seconds; -1 is unlimited.
    pub maximum_record_age: i32,
    /// The ARN of a queue, a topic or a bucket.
    pub on_failure: Option<String>,
}

impl Settings {
    /// Where Lambda sends the batches of a stream that it gives up on.
    pub fn on_failure(&self) -> Option<&str> {
        self.stream.as_ref()?.on_failure.as_deref()
    }

    /// Empty criteria remove the current filters.
    pub(super) fn filter_criteria(&self) -> FilterCriteria {
        let filter = |pattern: &String| Filter::builder().pattern(pattern).build();
        let filters: Vec<Filter> = self.filters.iter().map(filter).collect();
        FilterCriteria::builder()
            .set_filters((!filters.is_empty()).then_some(filters))
            .build()
    }

    /// Each property by its name, as text to compare and to display.
    pub(super) fn properties(&self) -> BTreeMap<&'static str, String> {
        let mut all = BTreeMap::from([
            ("batch size", self.batch_size.to_string()),
            ("batch window", format!("{} s", self.batch_window)),
            ("response types", "ReportBatchItemFailures".to_owned()),
            ("filters", canonical(self.filters.iter().map(String::as_str))),
        ]);
        if let Some(stream) = &self.stream {
            all.extend([
                (
                    "parallelization factor",
                    stream.parallelization_factor.to_string(),
                ),
                ("bisect on error", stream.bisect.to_string()),
                ("maximum retries", or_unlimited(stream.maximum_retry_attempts)),
                ("maximum age in seconds", or_unlimited(stream.maximum_record_age)),
                ("on failure", stream.on_failure.clone().unwrap_or_default()),
            ]);
        } else {
            let concurrency = self.maximum_concurrency.map(|many| many.to_string());
            all.insert("maximum concurrency", concurrency.unwrap_or_default());
        }
        all
    }
}

pub(super) fn properties_of(found: &Configuration) -> BTreeMap<&'static str, String> {
    let filters = found
        .filter_criteria()
        .map(FilterCriteria::filters)
        .unwrap_or_default();
    let on_failure = found.destination_config().and_then(DestinationConfig::on_failure);
    let responses = found
        .function_response_types()
        .iter()
        .map(FunctionResponseType::as_str);
    let concurrency = found
        .scaling_config()
        .and_then(ScalingConfig::maximum_concurrency);
    BTreeMap::from([
        ("batch size", found.batch_size().unwrap_or(100).to_string()),
        (
            "batch window",
            format!("{} s", found.maximum_batching_window_in_seconds().unwrap_or(0)),
        ),
        ("response types", responses.collect::<Vec<_>>().join(", ")),
        ("filters", canonical(filters.iter().filter_map(Filter::pattern))),
        (
            "parallelization factor",
            found.parallelization_factor().unwrap_or(1).to_string(),
        ),
        (
            "bisect on error",
            found
                .bisect_batch_on_function_error()
                .unwrap_or(false)
                .to_string(),
        ),
        (
            "maximum retries",
            or_unlimited(found.maximum_retry_attempts().unwrap_or(-1)),
        ),
        (
            "maximum age in seconds",
            or_unlimited(found.maximum_record_age_in_seconds().unwrap_or(-1)),
        ),
        (
            "on failure",
            on_failure
                .and_then(OnFailure::destination)
                .unwrap_or_default()
                .to_owned(),
        ),
        (
            "maximum concurrency",
            concurrency.map(|many| many.to_string()).unwrap_or_default(),
        ),
    ])
}

fn or_unlimited(number: i32) -> String {
    if number < 0 {
        "unlimited".to_owned()
    } else {
        number.to_string()
    }
}

/// Patterns as compact JSON, so that whitespace and the order of keys make no difference.
fn canonical<'a>(patterns: impl Iterator<Item = &'a str>) -> String {
    let compact = |pattern: &str| {
        let value = serde_json::from_str::<Value>(pattern);
        value.map_or_else(|_| pattern.to_owned(), |value| value.to_string())
    };
    patterns.map(compact).collect::<Vec<_>>().join(" or ")
}
