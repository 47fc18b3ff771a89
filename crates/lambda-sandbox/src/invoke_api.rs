//! Lambda's Invoke API, as far as boto3 and the AWS CLI need it to invoke.

mod call;
mod operations;
mod refusal;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;
use tokio::sync::Semaphore;
use uuid::Uuid;

use self::call::{Call, Kind};
use self::operations::{Operation, operation};
use self::refusal::Refusal;
use crate::gateway::{Report, Reported};
use crate::{Function, InvokeEvent, Outcome};

/// Where the paths of the operations that are served begin.
pub const PREFIX: &str = "/2015-03-31/functions";
/// How much of the log an invocation's answer carries, in bytes.
const LOG_TAIL: usize = 4 << 10;
/// How many asynchronous invocations may wait.
const QUEUE: usize = 1000;

/// The API before one function; every name and ARN is taken for it.
pub(crate) struct InvokeApi {
    function: Arc<Function>,
    report: Report,
    queue: Arc<Semaphore>,
}

type Answer = Result<Response<Bytes>, Refusal>;

impl InvokeApi {
    pub(crate) fn new(function: Arc<Function>, report: Report) -> Self {
        Self {
            function,
            report,
            queue: Arc::new(Semaphore::new(QUEUE)),
        }
    }

    /// Whether a request is a call of Lambda's API, served here or not.
    pub(crate) fn is_call(request: &Parts) -> bool {
        operation(request).is_some()
    }

    /// Answers a call; a `body` of `None` is over the limit.
    pub(crate) async fn answer(&self, request: &Parts, body: Option<Bytes>) -> Response<Bytes> {
        let answer = match operation(request) {
            Some(Operation::ListFunctions) => Ok(self.list()),
            Some(Operation::Invoke(name)) => self.invoke(name, request, body).await,
            Some(Operation::NotServed) | None => {
                Err(Refusal::not_served(&request.method, request.uri.path()))
            }
        };
        answer.unwrap_or_else(Refusal::response)
    }

    /// `ListFunctions`, which also tells a client that a companion answers.
    fn list(&self) -> Response<Bytes> {
        let function = json!({
            "FunctionName": self.function.name(),
            "FunctionArn": self.function.arn(),
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Timeout": self.function.timeout().as_secs(),
            "MemorySize": self.function.memory_mb(),
            "Version": "$LATEST",
            "PackageType": "Zip",
        });
        json_response(
            StatusCode::OK,
            json!({"Functions": [function], "NextMarker": null}).to_string(),
        )
    }

    async fn invoke(&self, name: &str, request: &Parts, body: Option<Bytes>) -> Answer {
        let call = Call::read(name, request, body)?;
        match call.kind {
            Kind::RequestResponse => self.synchronous(call.event, call.with_log).await,
            Kind::Event => self.asynchronous(call.event),
            Kind::DryRun => Ok(head(StatusCode::NO_CONTENT, &Uuid::new_v4().to_string())),
        }
    }

    async fn synchronous(&self, event: InvokeEvent, with_log: bool) -> Answer {
        let outcome = self.function.invoke(event).await.map_err(Refusal::from)?;
        if let Err(error) = &outcome.result {
            (self.report)(&Reported::FunctionError(error));
        }
        let mut response = head(StatusCode::OK, &outcome.request_id);
        let fields = response.headers_mut();
        fields.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
        fields.insert("content-type", HeaderValue::from_static("application/json"));
        if outcome.result.is_err() {
            fields.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
        }
        if with_log {
            let log = log_tail(&outcome, &self.function);
            fields.extend(
                HeaderValue::try_from(log)
                    .map(|log| (http::HeaderName::from_static("x-amz-log-result"), log)),
            );
        }
        *response.body_mut() = outcome.result.unwrap_or_else(|error| error.payload);
        Ok(response)
    }

    fn asynchronous(&self, event: InvokeEvent) -> Answer {
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| Refusal {
            status: StatusCode::TOO_MANY_REQUESTS,
            error_type: "TooManyRequestsException",
            message: format!("{QUEUE} asynchronous invocations are waiting already"),
        })?;
        let function = Arc::clone(&self.function);
        let report = Arc::clone(&self.report);
        // The answer names the invocation that has yet to come.
        let request_id = Uuid::new_v4().to_string();
        let event = event.request_id(&request_id);
        tokio::spawn(async move {
            match function.invoke(event).await.map(|outcome| outcome.result) {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => report(&Reported::FunctionError(&error)),
                Err(error) => report(&Reported::Error(&error)),
            }
            drop(place);
        });
        Ok(head(StatusCode::ACCEPTED, &request_id))
    }
}

/// The end of the invocation's log as Lambda writes it, base64.
fn log_tail(outcome: &Outcome, function: &Function) -> String {
    let id = &outcome.request_id;
    let mut log = format!("START RequestId: {id} Version: $LATEST\n");
    for line in &outcome.logs {
        log.push_str(line);
        log.push('\n');
    }
    log.push_str(&format!("END RequestId: {id}\n{}\n", report(outcome, function)));
    // May cut a character, as Lambda does: the limit is in bytes.
    let start = log.len().saturating_sub(LOG_TAIL);
    STANDARD.encode(&log.as_bytes()[start..])
}

fn report(outcome: &Outcome, function: &Function) -> String {
    let milliseconds = outcome.duration.as_secs_f64() * 1000.0;
    let mut report = format!(
        "REPORT RequestId: {}\tDuration: {milliseconds:.2} ms\tBilled Duration: {:.0} ms\tMemory Size: {} MB",
        outcome.request_id,
        milliseconds.ceil(),
        function.memory_mb(),
    );
    // Unknown if the process has ended over the invocation.
    if let Some(peak) = function.peak_memory() {
        report.push_str(&format!("\tMax Memory Used: {} MB", peak.div_ceil(1 << 20)));
    }
    if let Some(init) = outcome.init_duration {
        report.push_str(&format!("\tInit Duration: {:.2} ms", init.as_secs_f64() * 1000.0));
    }
    report
}

fn head(status: StatusCode, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    let id = HeaderValue::try_from(request_id).ok();
    response
        .headers_mut()
        .extend(id.map(|id| (http::HeaderName::from_static("x-amzn-requestid"), id)));
    response
}

fn json_response(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = head(status, &Uuid::new_v4().to_string());
    response
        .headers_mut()
        .insert("content-type", HeaderValue::from_static("application/json"));
    *response.body_mut() = body.into();
    response
}
