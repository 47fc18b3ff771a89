//! The settings of the engine: those of the arguments, else those of a deployed mapping, else Lambda's own.

use std::time::Duration;

use event_source_mapping::filter::Filters;
use event_source_mapping::{QueueSettings, StreamSettings};
use switchboard_aws::poll::DeployedMapping;

use super::args::MappingArgs;
use crate::Error;

impl MappingArgs {
    /// # Errors
    /// If a setting is not one of queues.
    pub(super) fn of_queue(&self, deployed: &DeployedMapping, is_fifo: bool) -> Result<QueueSettings, Error> {
        let of_streams = [
            (self.checkpoints.is_some(), "--checkpoints"),
            (self.parallelization_factor.is_some(), "--parallelization-factor"),
            (self.bisect, "--bisect"),
            (self.max_retries.is_some(), "--max-retries"),
            (self.max_age.is_some(), "--max-age"),
            (self.tumbling_window.is_some(), "--tumbling-window"),
            (self.on_failure.is_some(), "--on-failure"),
        ];
        if let Some((_, option)) = of_streams.into_iter().find(|(is_set, _)| *is_set) {
            return Err(Error::other(format!(
                "{option} is for streams; a queue has its visibility timeout and its dead-letter queue"
            )));
        }
        let batch_size = number(self.batch_size).or(deployed.batch_size).unwrap_or(10);
        let window = self.window(deployed);
        let problem = match is_fifo {
            true if batch_size > 10 => "a FIFO queue delivers at most 10 messages at once",
            true if !window.is_zero() => "a FIFO queue has no --batch-window",
            false if batch_size > 10 && window.is_zero() => {
                "more than 10 messages at once require --batch-window"
            }
            _ => {
                return Ok(QueueSettings {
                    batch_size,
                    maximum_batching_window: window,
                    maximum_concurrency: number(self.concurrency)
                        .or(deployed.maximum_concurrency)
                        .unwrap_or(1),
                    report_batch_item_failures: self.reads_answers(deployed),
                    is_fifo,
                    ..QueueSettings::default()
                });
            }
        };
        Err(Error::other(problem))
    }

    /// # Errors
    /// If a setting is not one of streams.
    pub(super) fn of_stream(&self, deployed: &DeployedMapping) -> Result<StreamSettings, Error> {
        if self.concurrency.is_some() {
            return Err(Error::other(
                "--concurrency is for queues; a stream has --parallelization-factor",
            ));
        }
        let seconds = |seconds: Option<u32>| seconds.map(|seconds| Duration::from_secs(seconds.into()));
        let settings = StreamSettings {
            batch_size: number(self.batch_size).or(deployed.batch_size).unwrap_or(100),
            maximum_batching_window: self.window(deployed),
            parallelization_factor: number(self.parallelization_factor)
                .or(deployed.parallelization_factor)
                .unwrap_or(1),
            maximum_retry_attempts: self.max_retries.or(deployed.maximum_retry_attempts),
            maximum_record_age: seconds(self.max_age).or(deployed.maximum_record_age),
            bisect_batch_on_function_error: self.bisect || deployed.bisects,
            report_batch_item_failures: self.reads_answers(deployed),
            tumbling_window: seconds(self.tumbling_window).or(deployed.tumbling_window),
            ..StreamSettings::default()
        };
        match settings.tumbling_window.is_some() && settings.parallelization_factor > 1 {
            true => Err(Error::other(
                "a stream in tumbling windows has no --parallelization-factor",
            )),
            false => Ok(settings),
        }
    }

    /// # Errors
    /// If a pattern is not valid.
    pub(super) fn filters(&self, deployed: &DeployedMapping) -> Result<Filters, Error> {
        let patterns = match self.filters.is_empty() {
            true => &deployed.filters,
            false => &self.filters,
        };
        Filters::parse(patterns).map_err(|error| Error::other(error.to_string()))
    }

    fn window(&self, deployed: &DeployedMapping) -> Duration {
        let given = self
            .batch_window
            .map(|seconds| Duration::from_secs(seconds.into()));
        given.unwrap_or(deployed.batching_window)
    }

    /// A mapping that is not deployed yet should have `ReportBatchItemFailures`.
    fn reads_answers(&self, deployed: &DeployedMapping) -> bool {
        !self.no_partial_answers && (deployed.uuid.is_empty() || deployed.reports_failures)
    }
}

fn number(given: Option<u32>) -> Option<usize> {
    given.and_then(|number| usize::try_from(number).ok())
}
