//! Deployed mappings, as they are set.

use std::time::Duration;

use aws_sdk_lambda::types::{EventSourceMappingConfiguration as Configuration, FunctionResponseType};

use crate::{Aws, CallContext as _, Failure};

/// A mapping that Lambda has. `None` is what it does not have, or what has no bound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeployedMapping {
    /// Its id.
    pub uuid: String,
    /// The ARN of the queue or the stream.
    pub source_arn: String,
    /// The ARN of the function.
    pub function_arn: String,
    /// `Enabled`, `Disabled` …
    pub state: String,
    /// The most records of a batch.
    pub batch_size: Option<usize>,
    /// How long it waits for more records.
    pub batching_window: Duration,
    /// Event filter patterns in JSON.
    pub filters: Vec<String>,
    /// Whether it reads answers.
    pub reports_failures: bool,
    /// How many batches of a shard run at once.
    pub parallelization_factor: Option<usize>,
    /// Whether it splits a failed batch in two.
    pub bisects: bool,
    /// How often it retries.
    pub maximum_retry_attempts: Option<u32>,
    /// How old a record may become.
    pub maximum_record_age: Option<Duration>,
    /// The length of tumbling windows.
    pub tumbling_window: Option<Duration>,
    /// The most concurrent invocations of a queue's mapping.
    pub maximum_concurrency: Option<usize>,
}

impl DeployedMapping {
    /// Whether Lambda reads for it now, or will soon.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !["Disabled", "Disabling", "Deleting"].contains(&self.state.as_str())
    }

    fn of(told: &Configuration) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let bounded = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
        let size = |value: Option<i32>| value.and_then(|value| usize::try_from(value).ok());
        let seconds = |value: Option<i32>| bounded(value).map(|seconds| Duration::from_secs(seconds.into()));
        let filters = told
            .filter_criteria()
            .map(|criteria| criteria.filters())
            .unwrap_or_default();
        Self {
            uuid: text(told.uuid()),
            source_arn: text(told.event_source_arn()),
            function_arn: text(told.function_arn()),
            state: text(told.state()),
            batch_size: size(told.batch_size()),
            batching_window: seconds(told.maximum_batching_window_in_seconds()).unwrap_or_default(),
            filters: filters
                .iter()
                .filter_map(|filter| filter.pattern())
                .map(str::to_owned)
                .collect(),
            reports_failures: told
                .function_response_types()
                .contains(&FunctionResponseType::ReportBatchItemFailures),
            parallelization_factor: size(told.parallelization_factor()),
            bisects: told.bisect_batch_on_function_error().unwrap_or(false),
            maximum_retry_attempts: bounded(told.maximum_retry_attempts()),
            maximum_record_age: seconds(told.maximum_record_age_in_seconds()),
            tumbling_window: seconds(told.tumbling_window_in_seconds()).filter(|length| !length.is_zero()),
            maximum_concurrency: size(
                told.scaling_config()
                    .and_then(|scaling| scaling.maximum_concurrency()),
            ),
        }
    }
}

/// The mappings that read this queue or stream.
///
/// # Errors
/// If they cannot be listed.
pub async fn mappings_of(aws: &Aws, source_arn: &str) -> Result<Vec<DeployedMapping>, Failure> {
    let mut pages = aws
        .lambda()
        .list_event_source_mappings()
        .event_source_arn(source_arn)
        .into_paginator()
        .send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.call_context("lambda:ListEventSourceMappings", source_arn)?;
        all.extend(page.event_source_mappings().iter().map(DeployedMapping::of));
    }
    Ok(all)
}

/// The mapping with this id.
///
/// # Errors
/// If it does not exist or cannot be read.
pub async fn deployed_mapping(aws: &Aws, uuid: &str) -> Result<DeployedMapping, Failure> {
    let call = aws.lambda().get_event_source_mapping().uuid(uuid);
    let told = call.send().await;
    let told = told.call_context("lambda:GetEventSourceMapping", format!("mapping {uuid}"))?;
    let told = Configuration::builder()
        .set_uuid(told.uuid)
        .set_event_source_arn(told.event_source_arn)
        .set_function_arn(told.function_arn)
        .set_state(told.state)
        .set_batch_size(told.batch_size)
        .set_maximum_batching_window_in_seconds(told.maximum_batching_window_in_seconds)
        .set_filter_criteria(told.filter_criteria)
        .set_function_response_types(told.function_response_types)
        .set_parallelization_factor(told.parallelization_factor)
        .set_bisect_batch_on_function_error(told.bisect_batch_on_function_error)
        .set_maximum_retry_attempts(told.maximum_retry_attempts)
        .set_maximum_record_age_in_seconds(told.maximum_record_age_in_seconds)
        .set_tumbling_window_in_seconds(told.tumbling_window_in_seconds)
        .set_scaling_config(told.scaling_config)
        .build();
    Ok(DeployedMapping::of(&told))
}
