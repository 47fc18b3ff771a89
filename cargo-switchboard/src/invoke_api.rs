//! Lambda's Invoke API, as far as boto3 and the AWS CLI need it to invoke.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::de::IgnoredAny;
use serde_json::json;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::gateway::{Report, Reported};
use crate::{Error, Function, InvokeEvent, MAX_ASYNC_REQUEST, MAX_REQUEST, Outcome};

/// Where the API's paths begin.
pub(crate) const PREFIX: &str = "/2015-03-31/functions";
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

/// A refused call.
struct Refusal {
    status: StatusCode,
    error_type: &'static str,
    message: String,
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

    /// Answers a request below [`PREFIX`]; a `body` of `None` is over the limit.
    pub(crate) async fn answer(&self, request: &Parts, body: Option<Bytes>) -> Response<Bytes> {
        let path = request.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let answer = match (segments.as_slice(), request.method.as_str()) {
            ([], "GET") => Ok(self.list()),
            ([_name, "invocations"], "POST") => self.invoke(&request.headers, body).await,
            _ => Err(Refusal {
                status: StatusCode::NOT_FOUND,
                error_type: "ResourceNotFoundException",
                message: format!(
                    "no such operation here: {} {}",
                    request.method,
                    request.uri.path()
                ),
            }),
        };
        answer.unwrap_or_else(refused)
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

    async fn invoke(&self, headers: &HeaderMap, body: Option<Bytes>) -> Answer {
        let kind = header(headers, "x-amz-invocation-type").unwrap_or("RequestResponse");
        let event = event(
            headers,
            body,
            if kind == "Event" {
                MAX_ASYNC_REQUEST
            } else {
                MAX_REQUEST
            },
        )?;
        match kind {
            "RequestResponse" => self.synchronous(headers, event).await,
            "Event" => self.asynchronous(event),
            "DryRun" => Ok(head(StatusCode::NO_CONTENT, &Uuid::new_v4().to_string())),
            other => Err(bad_request(
                "InvalidParameterValueException",
                format!("`{other}` is no invocation type: RequestResponse, Event and DryRun are"),
            )),
        }
    }

    async fn synchronous(&self, headers: &HeaderMap, event: InvokeEvent) -> Answer {
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
        if header(headers, "x-amz-log-type") == Some("Tail") {
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

/// The event of a call, if Lambda would take it.
fn event(headers: &HeaderMap, body: Option<Bytes>, limit: usize) -> Result<InvokeEvent, Refusal> {
    let payload = body
        .filter(|body| body.len() <= limit)
        .ok_or_else(|| too_large(limit))?;
    // An invocation without a payload is one with an empty object.
    let payload = if payload.is_empty() {
        Bytes::from_static(b"{}")
    } else {
        payload
    };
    // A byte order mark is for the function to judge. Skipping values instead of reading them knows no depth limit.
    let json = payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&payload);
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(json) {
        let message = format!("Could not parse request body into json: {error}");
        return Err(bad_request("InvalidRequestContentException", message));
    }
    let mut event = InvokeEvent::from(payload);
    if let Some(context) = header(headers, "x-amz-client-context") {
        event = event.client_context(client_context(context)?);
    }
    if let Some(trace_id) = header(headers, "x-amzn-trace-id") {
        event = event.trace_id(trace_id);
    }
    Ok(event)
}

fn client_context(base64: &str) -> Result<String, Refusal> {
    let text = STANDARD
        .decode(base64)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.filter(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    text.ok_or_else(|| {
        bad_request(
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
        )
    })
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

fn refused(refusal: Refusal) -> Response<Bytes> {
    let kind = if refusal.status.is_server_error() {
        "Service"
    } else {
        "User"
    };
    let body = json!({"Type": kind, "message": refusal.message}).to_string();
    let mut response = json_response(refusal.status, body);
    let error_type = HeaderValue::from_static(refusal.error_type);
    response.headers_mut().insert("x-amzn-errortype", error_type);
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

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn bad_request(error_type: &'static str, message: impl Into<String>) -> Refusal {
    Refusal {
        status: StatusCode::BAD_REQUEST,
        error_type,
        message: message.into(),
    }
}

fn too_large(limit: usize) -> Refusal {
    Refusal {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        error_type: "RequestTooLargeException",
        message: format!("Request must be smaller than {limit} bytes for the InvokeFunction operation"),
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if error.is_payload_too_large() {
            return too_large(MAX_REQUEST);
        }
        Refusal {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            error_type: "ServiceException",
            message: error.to_string(),
        }
    }
}
