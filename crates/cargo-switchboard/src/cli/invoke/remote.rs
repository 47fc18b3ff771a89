//! A small client of Lambda's Invoke API, for functions that are served elsewhere.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;
use serde_json::Value;
use tokio::time::timeout;

use super::super::render::Summary;
use super::invocation::Invocation;
use super::log_tail::LogTail;
use crate::Error;
use crate::http_client::HttpClient;
use lambda_sandbox::FunctionError;
use lambda_sandbox::invoke_api::PREFIX;

/// The prefix of the `Server` header by which this program recognizes itself.
const SERVER_NAME: &str = "cargo-switchboard/";
/// The `Server` header of `run`.
pub(in crate::cli) const SERVER: &str = concat!("cargo-switchboard/", env!("CARGO_PKG_VERSION"));
/// The default endpoint of `run`.
const DEFAULT: &str = "http://127.0.0.1:9000";
/// How long to wait for an answer to the probe for `run`.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) struct Remote {
    client: HttpClient,
}

impl Remote {
    /// # Errors
    /// If the endpoint is not an `http://` address.
    pub(super) fn new(endpoint: &str) -> Result<Self, Error> {
        HttpClient::new(endpoint).map(|client| Self { client })
    }

    /// The function that `cargo switchboard run` serves on its default port, if it is running.
    pub(super) async fn running() -> Option<Self> {
        let remote = Self::new(DEFAULT).ok()?;
        let request = Request::get(format!("{PREFIX}/")).body(Full::default()).ok()?;
        let response = timeout(PATIENCE, remote.client.send(request)).await.ok()?.ok()?;
        // Another program may listen there, and must not receive events.
        let server = response.headers().get("server")?.to_str().ok()?;
        server.starts_with(SERVER_NAME).then_some(remote)
    }

    pub(super) fn endpoint(&self) -> &Uri {
        self.client.address()
    }

    /// Invokes the function.
    ///
    /// # Errors
    /// If there is no answer. A refused call is returned as a function error.
    pub(super) async fn invoke(&self, payload: Bytes, tenant: Option<&str>) -> Result<Invocation, Error> {
        let base = self.endpoint().path().trim_end_matches('/');
        let mut request = Request::post(format!("{base}{PREFIX}/function/invocations"))
            .header("content-type", "application/json")
            .header("x-amz-log-type", "Tail");
        if let Some(tenant) = tenant {
            request = request.header("x-amz-tenant-id", tenant);
        }
        let request = request
            .body(Full::new(payload.clone()))
            .map_err(|error| Error::other(error.to_string()))?;
        let begun = Instant::now();
        let response = self.client.send(request).await?;
        let duration = begun.elapsed();
        let (head, reply) = response.into_parts();
        let result = match head.status.is_success() {
            // The call succeeds even if the function fails.
            true if head.headers.contains_key("x-amz-function-error") => {
                Err(FunctionError::reported(reply, None))
            }
            true => Ok(reply),
            false => Err(refused(&head, &reply)),
        };
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let log = header("x-amz-log-result").and_then(|log| STANDARD.decode(log).ok());
        let tail = LogTail::read(&log.unwrap_or_default());
        let summary = Summary {
            request_id: header("x-amzn-requestid").unwrap_or_default().to_owned(),
            init: tail.report.init,
            peak_mb: tail.report.peak_mb,
            memory_mb: tail.report.memory_mb,
            ..Summary::new(&payload, &result, tail.report.duration.unwrap_or(duration))
        };
        Ok(Invocation {
            result,
            summary,
            lines: Vec::new(),
            logs: tail.lines,
        })
    }
}

/// Why the call did not reach the function.
fn refused(head: &http::response::Parts, body: &[u8]) -> FunctionError {
    let error_type = head
        .headers
        .get("x-amzn-errortype")
        .and_then(|value| value.to_str().ok());
    // Lambda uses both spellings of the key.
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = body["message"].as_str().or(body["Message"].as_str());
    FunctionError::new(
        error_type.unwrap_or("ServiceException"),
        message.map_or_else(|| format!("answered with {}", head.status), str::to_owned),
    )
}
