//! Converts arguments to settings.

use std::fs;

use super::args::{ApiArgs, Auth, RuleArgs, Sqs, Stream};
use super::parse::json;
use crate::Error;
use switchboard_aws::wire::{ApiKind, Queue, RuleMatch, Settings, StreamSettings};
use switchboard_aws::{Aws, Failure};

impl Auth {
    pub(super) fn is_anybody(self) -> bool {
        self == Self::None
    }
}

impl From<&ApiArgs> for ApiKind {
    fn from(args: &ApiArgs) -> Self {
        match args.rest {
            true => Self::Rest {
                stage: args.stage.clone(),
            },
            false => Self::Http,
        }
    }
}

impl RuleArgs {
    /// The pattern, read from its file, or the schedule.
    ///
    /// # Errors
    /// If the file cannot be read or is not a JSON object.
    pub(super) fn when(&self) -> Result<Option<RuleMatch>, Error> {
        if let Some(schedule) = &self.schedule {
            return Ok(Some(RuleMatch::Schedule(schedule.clone())));
        }
        let Some(path) = &self.pattern else {
            return Ok(None);
        };
        let text =
            fs::read_to_string(path).map_err(|e| Error::io(format!("cannot read {}", path.display()), e))?;
        let text = json(&text)
            .map_err(|e| Error::other(format!("{} is not an event pattern: {e}", path.display())))?;
        Ok(Some(RuleMatch::Pattern(text)))
    }
}

/// The settings of a stream's mapping.
///
/// # Errors
/// If the failure destination cannot be found.
pub(super) async fn of_stream(aws: &Aws, args: &Stream) -> Result<Settings, Failure> {
    let on_failure = match args.on_failure.as_deref() {
        Some(name) if !name.starts_with("arn:") => {
            Some(Queue::look_up(&aws.sqs(), name).await?.arn.to_string())
        }
        given => given.map(str::to_owned),
    };
    Ok(Settings {
        batch_size: args.batch_size,
        batch_window: args.batch_window,
        filters: args.filters.clone(),
        stream: Some(StreamSettings {
            start: args.starting_position.clone(),
            parallelization_factor: args.parallelization_factor,
            bisect: !args.no_bisect,
            maximum_retry_attempts: args.max_retries.unwrap_or(-1),
            maximum_record_age: args.max_age.unwrap_or(-1),
            on_failure,
        }),
        maximum_concurrency: None,
    })
}

/// The settings of a queue's mapping.
pub(super) fn of_queue(args: &Sqs) -> Settings {
    Settings {
        batch_size: args.batch_size,
        batch_window: args.batch_window,
        filters: args.filters.clone(),
        stream: None,
        maximum_concurrency: args.max_concurrency,
    }
}
