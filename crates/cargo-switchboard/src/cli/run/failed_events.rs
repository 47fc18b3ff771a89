//! What `run` does with events of asynchronous invocations that fail.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::Args;
use lambda_sandbox::AsyncInvocations;
use serde_json::Value;

use super::super::output;
use crate::Error;
use crate::http_client::HttpClient;
use crate::sync::lock;

/// Options for asynchronous invocations (`InvocationType=Event`).
#[derive(Args)]
pub(in crate::cli) struct FailedEvents {
    /// How often an event is tried again that the function was invoked with asynchronously, 1 and 2 seconds later
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=2), conflicts_with = "exit")]
    retries: u32,
    /// Where the record of such an event goes when all attempts have failed: a file, which gets a line of JSON, or an http:// address,
    /// which gets a POST
    #[arg(long, value_name = "FILE|URL", conflicts_with = "exit")]
    on_failure: Option<String>,
}

impl FailedEvents {
    /// # Errors
    /// If the file cannot be opened, or the address is not one.
    pub(in crate::cli) fn settings(&self) -> Result<AsyncInvocations, Error> {
        let settings = AsyncInvocations::new().retries(self.retries);
        let Some(destination) = &self.on_failure else {
            return Ok(settings);
        };
        Ok(match destination.contains("://") {
            true => {
                let client = HttpClient::new(destination)?;
                settings.on_failure(move |record| post(client.clone(), record))
            }
            false => {
                let (path, file) = opened(destination)?;
                settings.on_failure(move |record| append(&path, &file, record))
            }
        })
    }
}

fn opened(path: &str) -> Result<(PathBuf, Mutex<File>), Error> {
    let file = File::options().append(true).create(true).open(path);
    let file = file.map_err(|e| Error::io(format!("cannot open {path}"), e))?;
    Ok((path.into(), Mutex::new(file)))
}

fn append(path: &Path, file: &Mutex<File>, record: &Value) {
    if let Err(error) = writeln!(lock(file), "{record}") {
        output::note(&format!("cannot write to {}: {error}", path.display()));
    }
}

/// Posts a record, and says if it did not arrive.
fn post(client: HttpClient, record: &Value) {
    let body = record.to_string();
    tokio::spawn(async move {
        let answer = client.post_json(body).await;
        let problem = match answer {
            Ok(status) if status.is_success() => return,
            Ok(status) => format!("answered with {status}"),
            Err(error) => error.to_string(),
        };
        output::note(&format!(
            "the record of a failed event was not delivered: {problem}"
        ));
    });
}
