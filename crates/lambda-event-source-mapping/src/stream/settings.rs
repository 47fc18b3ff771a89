//! The settings of a mapping of a stream, and its commands.

use std::time::Duration;

use crate::{AnswerForm, Batch, Discarded};

/// The first and the longest wait before a retry.
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);

/// The settings of a mapping of a stream, named as Lambda names them. The default is Lambda's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StreamSettings {
    /// The most records of a batch.
    pub batch_size: usize,
    /// How long to wait for more records.
    pub maximum_batching_window: Duration,
    /// Into how many lanes the records of a shard are split, by their keys.
    pub parallelization_factor: usize,
    /// How often a batch is retried; `None` for ever.
    pub maximum_retry_attempts: Option<u32>,
    /// Records that are older are given up; `None` for never.
    pub maximum_record_age: Option<Duration>,
    /// Whether a batch that fails is split in two.
    pub bisect_batch_on_function_error: bool,
    /// Whether answers are read (`ReportBatchItemFailures`).
    pub report_batch_item_failures: bool,
    /// The length of tumbling windows.
    pub tumbling_window: Option<Duration>,
    /// How answers name records.
    pub answers: AnswerForm,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self {
            batch_size: 100,
            maximum_batching_window: Duration::ZERO,
            parallelization_factor: 1,
            maximum_retry_attempts: None,
            maximum_record_age: None,
            bisect_batch_on_function_error: false,
            report_batch_item_failures: true,
            tumbling_window: None,
            answers: AnswerForm::Texts,
        }
    }
}

impl StreamSettings {
    /// How long a batch waits that has failed this often.
    pub(super) fn back_off(failures: u32) -> Duration {
        match failures {
            0 => Duration::ZERO,
            failures => (FIRST_BACK_OFF * 2u32.saturating_pow(failures - 1)).min(LONGEST_BACK_OFF),
        }
    }
}

/// What the caller of a [`Lane`](super::Lane) or a [`Shard`](super::Shard) has to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StreamCommand<R> {
    /// Invoke the function with this batch, and hand it back with the answer.
    Invoke(Batch<R>),
    /// Send a record of this batch to the destination, and hand it back when that is done.
    Discard(Discarded<R>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_back_off_grows_to_a_minute() {
        assert_eq!(StreamSettings::back_off(0), Duration::ZERO);
        assert_eq!(StreamSettings::back_off(1), FIRST_BACK_OFF);
        assert_eq!(StreamSettings::back_off(4), Duration::from_secs(8));
        assert_eq!(StreamSettings::back_off(40), LONGEST_BACK_OFF);
    }
}
