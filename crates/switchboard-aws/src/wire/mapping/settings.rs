//! The wanted settings of a mapping and the current ones, property by property.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{
    DestinationConfig, EventSourceMappingConfiguration as Configuration, Filter, FilterCriteria,
    FunctionResponseType, OnFailure, ProvisionedPollerConfig, ScalingConfig,
};
use serde_json::Value;

use super::kafka::KafkaSettings;

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
    /// Settings that only streams and Kafka clusters have.
    pub stream: Option<StreamSettings>,
    /// Settings that only Kafka clusters have.
    pub kafka: Option<KafkaSettings>,
    /// The maximum concurrency of a queue's mapping.
    pub maximum_concurrency: Option<i32>,
    /// Provisioned mode, which queues and Kafka clusters have.
    pub pollers: Option<Pollers>,
}

/// Settings that only mappings of streams and Kafka clusters have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamSettings {
    /// Where a new mapping starts to read.
    pub start: Start,
    /// How many batches of a shard run at once; `None` for Kafka.
    pub parallelization_factor: Option<i32>,
    /// Whether Lambda splits a failed batch in two.
    pub bisect: bool,
    /// The maximum number of retries; -1 is unlimited.
    pub maximum_retry_attempts: i32,
    /// The maximum record age in seconds; -1 is unlimited.
    pub maximum_record_age: i32,
    /// The ARN of a queue, a topic or a bucket, or `kafka://TOPIC` of the same cluster.
    pub on_failure: Option<String>,
}

/// Provisioned mode: event pollers that Lambda keeps for this mapping.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pollers {
    /// The smallest number of pollers, which run all the time; `None` is Lambda's default.
    pub minimum: Option<i32>,
    /// The largest number of pollers; `None` is Lambda's default.
    pub maximum: Option<i32>,
    /// The group of Kafka mappings with which this one shares its pollers.
    pub group: Option<String>,
}

/// The pollers that Lambda provides unless the mapping says how many.
const DEFAULT_MAXIMUM_POLLERS: i32 = 200;

impl Pollers {
    fn of(found: &ProvisionedPollerConfig) -> Option<Self> {
        let pollers = Self {
            minimum: found.minimum_pollers(),
            maximum: found.maximum_pollers(),
            group: found
                .poller_group_name()
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
        };
        (pollers != Self::default()).then_some(pollers)
    }

    fn shown(&self, default_minimum: i32) -> String {
        let minimum = self.minimum.unwrap_or(default_minimum);
        let maximum = self.maximum.unwrap_or(DEFAULT_MAXIMUM_POLLERS);
        let group = self
            .group
            .as_deref()
            .map(|group| format!(" in group {group}"))
            .unwrap_or_default();
        format!("{minimum} to {maximum}{group}")
    }

    /// Provisioned mode as Lambda takes it.
    pub(super) fn configuration(&self) -> ProvisionedPollerConfig {
        ProvisionedPollerConfig::builder()
            .set_minimum_pollers(self.minimum)
            .set_maximum_pollers(self.maximum)
            .set_poller_group_name(self.group.clone())
            .build()
    }
}

impl Settings {
    /// Where Lambda sends the batches of a stream that it gives up on.
    pub fn on_failure(&self) -> Option<&str> {
        self.stream.as_ref()?.on_failure.as_deref()
    }

    /// Whether Lambda takes partial answers and bounds of retries: always, except for Kafka without provisioned mode.
    pub fn has_retry_controls(&self) -> bool {
        self.kafka.is_none() || self.pollers.is_some()
    }

    /// Empty criteria remove the current filters.
    pub(super) fn filter_criteria(&self) -> FilterCriteria {
        let filter = |pattern: &String| Filter::builder().pattern(pattern).build();
        let filters: Vec<Filter> = self.filters.iter().map(filter).collect();
        FilterCriteria::builder()
            .set_filters((!filters.is_empty()).then_some(filters))
            .build()
    }

    pub(super) fn response_types(&self) -> Vec<FunctionResponseType> {
        let partial = self
            .has_retry_controls()
            .then_some(FunctionResponseType::ReportBatchItemFailures);
        partial.into_iter().collect()
    }

    /// Each property by its name, as text to compare and to display.
    pub(super) fn properties(&self) -> BTreeMap<&'static str, String> {
        let responses = self.response_types();
        let mut all = BTreeMap::from([
            ("batch size", self.batch_size.to_string()),
            ("batch window", window(self.batch_window, self.kafka.is_some())),
            ("response types", response_names(&responses)),
            ("filters", canonical(self.filters.iter().map(String::as_str))),
        ]);
        if let Some(stream) = &self.stream {
            all.extend(self.stream_properties(stream));
        } else {
            let concurrency = self.maximum_concurrency.map(|many| many.to_string());
            all.insert("maximum concurrency", concurrency.unwrap_or_default());
        }
        if let Some(kafka) = &self.kafka {
            all.extend(kafka.properties());
        }
        if self.stream.is_none() || self.kafka.is_some() {
            let least = default_minimum_pollers(self.kafka.is_some());
            let pollers = self.pollers.as_ref().map(|pollers| pollers.shown(least));
            all.insert("provisioned pollers", pollers.unwrap_or_default());
        }
        all
    }

    fn stream_properties(
        &self,
        stream: &StreamSettings,
    ) -> impl Iterator<Item = (&'static str, String)> + use<> {
        let factor = stream.parallelization_factor;
        let factor = factor.map(|many| ("parallelization factor", many.to_string()));
        let rest = match self.has_retry_controls() {
            true => vec![
                ("bisect on error", stream.bisect.to_string()),
                ("maximum retries", or_unlimited(stream.maximum_retry_attempts)),
                ("maximum age in seconds", or_unlimited(stream.maximum_record_age)),
            ],
            false => Vec::new(),
        };
        let on_failure = ("on failure", stream.on_failure.clone().unwrap_or_default());
        factor.into_iter().chain(rest).chain([on_failure])
    }
}

/// Without a window, Lambda waits for half a second for Kafka records.
fn window(seconds: i32, is_kafka: bool) -> String {
    match seconds {
        0 if is_kafka => "500 ms".to_owned(),
        seconds => format!("{seconds} s"),
    }
}

fn default_minimum_pollers(is_kafka: bool) -> i32 {
    if is_kafka { 1 } else { 2 }
}

fn response_names(types: &[FunctionResponseType]) -> String {
    let names: Vec<&str> = types.iter().map(FunctionResponseType::as_str).collect();
    names.join(", ")
}

pub(super) fn properties_of(found: &Configuration) -> BTreeMap<&'static str, String> {
    let filters = found
        .filter_criteria()
        .map(FilterCriteria::filters)
        .unwrap_or_default();
    let on_failure = found.destination_config().and_then(DestinationConfig::on_failure);
    let concurrency = found
        .scaling_config()
        .and_then(ScalingConfig::maximum_concurrency);
    let is_kafka = !found.topics().is_empty();
    let least = default_minimum_pollers(is_kafka);
    let pollers = pollers_of(found).map(|pollers| pollers.shown(least));
    let mut all = BTreeMap::from([
        ("batch size", found.batch_size().unwrap_or(100).to_string()),
        (
            "batch window",
            window(found.maximum_batching_window_in_seconds().unwrap_or(0), is_kafka),
        ),
        ("response types", response_names(found.function_response_types())),
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
        ("provisioned pollers", pollers.unwrap_or_default()),
    ]);
    all.extend(KafkaSettings::of(found).properties());
    all
}

/// Provisioned mode of an existing mapping.
pub(super) fn pollers_of(found: &Configuration) -> Option<Pollers> {
    Pollers::of(found.provisioned_poller_config()?)
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

#[cfg(test)]
mod tests;
