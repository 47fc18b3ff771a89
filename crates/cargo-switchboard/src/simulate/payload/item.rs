//! A record in one delivery.

use chrono::{DateTime, SecondsFormat};

use super::{ACCOUNT, REGION, START};
use crate::simulate::plan::{Record, Task};

/// A record in one delivery.
#[derive(Clone, Debug)]
pub(in crate::simulate) struct Item {
    /// Its index among all records.
    pub(in crate::simulate) index: usize,
    pub(in crate::simulate) record: Record,
    pub(in crate::simulate) task: Task,
    /// How often it has been delivered, including this time.
    pub(in crate::simulate) receives: usize,
}

impl Item {
    /// The payload: what to do, as JSON.
    pub(super) fn json(&self) -> String {
        self.task.json(&self.record.id)
    }

    /// When it was sent, in milliseconds since the Unix epoch.
    pub(super) fn sent(&self) -> i64 {
        START + 100 * i64::try_from(self.index).unwrap_or_default()
    }

    /// The same, as text.
    pub(super) fn sent_text(&self) -> String {
        DateTime::from_timestamp_millis(self.sent())
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

/// The ARN of something in `service`.
pub(super) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}
