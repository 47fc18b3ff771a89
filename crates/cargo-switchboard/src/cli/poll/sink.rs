//! Where the record of a batch goes that is given up.

use std::fs::File;
use std::io::Write as _;

use serde_json::Value;
use switchboard_aws::poll::MessageQueue;
use switchboard_aws::{Arn, Aws};

use crate::Error;

/// The on-failure destination.
pub(super) enum FailureSink {
    /// Nowhere.
    None,
    /// A file, which gets the event, too, as a bucket does.
    File {
        path: String,
        file: File,
    },
    Queue(MessageQueue),
}

impl FailureSink {
    /// # Errors
    /// If the file cannot be opened, or the queue not found.
    pub(super) async fn open(aws: &Aws, destination: Option<&str>) -> Result<Self, Error> {
        let Some(destination) = destination else {
            return Ok(FailureSink::None);
        };
        if destination.starts_with("arn:") {
            return match destination.parse::<Arn>().map(|arn| arn.service).as_deref() {
                Ok("sqs") => Ok(FailureSink::Queue(MessageQueue::look_up(aws, destination).await?)),
                _ => Err(Error::other("--on-failure takes a file or the ARN of a queue")),
            };
        }
        let file = File::options().append(true).create(true).open(destination);
        let file = file.map_err(|e| Error::io(format!("cannot open {destination}"), e))?;
        Ok(FailureSink::File {
            path: destination.to_owned(),
            file,
        })
    }

    /// Whether records have the event, too.
    pub(super) fn takes_payload(&self) -> bool {
        matches!(self, FailureSink::File { .. })
    }

    /// # Errors
    /// If the record cannot be written or sent.
    pub(super) async fn send(&self, record: &Value) -> Result<(), Error> {
        match self {
            FailureSink::None => Ok(()),
            FailureSink::File { path, file } => {
                let mut file = file;
                let line = format!("{record}\n");
                let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_data());
                written.map_err(|e| Error::io(format!("cannot write to {path}"), e))
            }
            FailureSink::Queue(queue) => Ok(queue.send(&record.to_string()).await?),
        }
    }
}
