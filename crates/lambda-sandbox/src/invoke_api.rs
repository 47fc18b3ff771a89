//! The part of Lambda's Invoke API that boto3 and the AWS CLI need to invoke a function.

mod asynchronous;
mod call;
mod durable;
mod event_stream;
mod operations;
mod refusal;
mod response;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::asynchronous::AsyncInvocations;
use self::asynchronous::Queue;
use self::call::{Call, InvocationType};
use self::durable::Callee;
use self::operations::{InvokeOperation, operation};
use self::refusal::Refusal;
use self::response::head;
pub(crate) use self::response::json_response;
use crate::durable::Durable;
use crate::reply_body::{Aftermath, Framing, ReplyBody};
use crate::report::{Fault, OnEvent};
use crate::{BufferedReply, Error, Function, FunctionError, InvokeEvent, Outcome, Reply};

/// How much of a buffered reply is in one message of an event stream.
const CHUNK: usize = 64 << 10;
/// The path prefix of the supported operations.
pub const PREFIX: &str = "/2015-03-31/functions";
/// How many bytes of the log a response includes.
const LOG_TAIL: usize = 4 << 10;

/// The Invoke API for one function, which answers to every name and ARN.
pub(crate) struct InvokeApi {
    function: Arc<Function>,
    report: OnEvent,
    queue: Queue,
    durable: Option<Arc<Durable>>,
}

type CallResult = Result<Response<ReplyBody>, Refusal>;

impl InvokeApi {
    pub(crate) fn new(function: Arc<Function>, report: OnEvent) -> Self {
        Self {
            function,
            report,
            queue: Queue::default(),
            durable: None,
        }
    }

    /// Reports to `report` from now on.
    pub(crate) fn report_to(&mut self, report: OnEvent) {
        self.report = report;
    }

    /// Sets what happens to asynchronous invocations.
    pub(crate) fn queue_with(&mut self, settings: AsyncInvocations) {
        self.queue.settings = settings;
    }

    /// Starts a durable execution for each invocation.
    pub(crate) fn durable(&mut self, service: Arc<Durable>) {
        self.durable = Some(service);
    }

    /// Whether a request is an operation of Lambda's API, supported or not.
    pub(crate) fn is_call(request: &Parts) -> bool {
        operation(request).is_some()
    }

    /// Answers a call. A `body` of `None` exceeds the limit.
    pub(crate) async fn answer(&self, request: &Parts, body: Option<Bytes>) -> Response<ReplyBody> {
        let whole = |response: Response<Bytes>| response.map(ReplyBody::from);
        let answer = match operation(request) {
            Some(InvokeOperation::ListFunctions) => Ok(whole(self.list())),
            Some(InvokeOperation::Invoke(name)) => self.invoke(name, request, body).await,
            Some(InvokeOperation::InvokeWithResponseStream(name)) => self.stream(name, request, body).await,
            Some(InvokeOperation::NotServed) | None => {
                Err(Refusal::not_served(&request.method, request.uri.path()))
            }
        };
        answer.unwrap_or_else(|refusal| whole(refusal.response()))
    }

    /// `ListFunctions`, by which clients also recognize this server.
    fn list(&self) -> Response<Bytes> {
        let mut functions = vec![described(&self.function, self.durable.as_deref())];
        if let Some(durable) = &self.durable {
            let others = durable.others();
            functions.extend(
                others.map(|(other, is_durable)| described(other, Some(&**durable).filter(|_| is_durable))),
            );
        }
        json_response(
            StatusCode::OK,
            json!({"Functions": functions, "NextMarker": null}).to_string(),
        )
    }

    async fn invoke(&self, name: &str, request: &Parts, body: Option<Bytes>) -> CallResult {
        let call = Call::read(name, request, body)?;
        let function = match self.callee(name) {
            Callee::Durable(service, name) => return self.execute(service, &name, call).await,
            Callee::Function(function) => function,
        };
        if call.execution.is_some() {
            return Err(Refusal::not_durable());
        }
        function.admits(&call.event).map_err(Refusal::from)?;
        match call.kind {
            InvocationType::RequestResponse => self.synchronous(function, call.event, call.with_log).await,
            InvocationType::Event => {
                let accepted = self.queue.push(function, call.event, &self.report)?;
                Ok(accepted.map(ReplyBody::from))
            }
            InvocationType::DryRun => Ok(dry_run()),
        }
    }

    /// `InvokeWithResponseStream`: the reply as the function writes it, in messages of an event stream.
    async fn stream(&self, name: &str, request: &Parts, body: Option<Bytes>) -> CallResult {
        let Call {
            kind,
            with_log,
            event,
            execution,
        } = Call::read(name, request, body)?;
        self.function.admits(&event).map_err(Refusal::from)?;
        match kind {
            InvocationType::RequestResponse => {}
            InvocationType::DryRun => return Ok(dry_run()),
            InvocationType::Event => return Err(Refusal::no_events_in_streams()),
        }
        let request_id = Uuid::new_v4().to_string();
        let event = event.request_id(&request_id);
        let reply = match self.callee(name) {
            Callee::Durable(service, name) => {
                let started = service.start(&name, event, execution.as_deref())?;
                Ok(Reply::Buffered(service.outcome(&started).await.into()))
            }
            Callee::Function(_) if execution.is_some() => return Err(Refusal::not_durable()),
            Callee::Function(function) => Arc::clone(function).invoke_streaming(event).await,
        };
        let function = Arc::clone(&self.function);
        let last = move |error: Option<&FunctionError>, outcome: Option<&Outcome>| {
            let log = outcome
                .filter(|_| with_log)
                .map(|outcome| log_tail(outcome, &function));
            event_stream::complete(error, log)
        };
        let body = match reply.map_err(Refusal::from)? {
            Reply::Streamed { chunks, .. } => {
                let framing = Framing::Messages {
                    chunk: event_stream::chunk,
                    with_outcome: with_log,
                    end: Box::new(last),
                };
                ReplyBody::streamed(Bytes::new(), chunks, framing, Arc::clone(&self.report))
            }
            Reply::Buffered(reply) => {
                let reply = whole(reply, with_log).await.map_err(Refusal::from)?;
                in_messages(reply, last)
            }
        };
        let mut response = head(StatusCode::OK, &request_id).map(|_| body);
        let fields = response.headers_mut();
        fields.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
        // Of the messages: the function's own type is not sent.
        let kind = HeaderValue::from_static("application/vnd.amazon.eventstream");
        fields.insert(header::CONTENT_TYPE, kind);
        Ok(response)
    }

    async fn synchronous(&self, function: &Arc<Function>, event: InvokeEvent, with_log: bool) -> CallResult {
        let request_id = Uuid::new_v4().to_string();
        let invoked = Arc::clone(function).invoke_for_reply(event.request_id(&request_id));
        let reply = whole(invoked.await.map_err(Refusal::from)?, with_log);
        Ok(self.respond(&request_id, reply.await.map_err(Refusal::from)?, with_log))
    }

    /// The response to a synchronous invocation. With its log, it has ended.
    fn respond(&self, request_id: &str, reply: BufferedReply, with_log: bool) -> Response<ReplyBody> {
        let mut response = head(StatusCode::OK, request_id);
        let fields = response.headers_mut();
        fields.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
        fields.insert("content-type", HeaderValue::from_static("application/json"));
        if reply.result.is_err() {
            fields.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
        }
        if let Some(outcome) = reply.remainder.ended().filter(|_| with_log) {
            let log = log_tail(outcome, &self.function);
            fields.extend(
                HeaderValue::try_from(log)
                    .map(|log| (http::HeaderName::from_static("x-amz-log-result"), log)),
            );
        }
        response.map(|_| before(reply, |result| result.unwrap_or_else(|error| error.payload)))
    }
}

/// The reply as soon as there is enough of it: for its log, when the invocation has ended.
async fn whole(reply: BufferedReply, with_log: bool) -> Result<BufferedReply, Error> {
    match with_log {
        true => reply.outcome().await.map(BufferedReply::from),
        false => Ok(reply),
    }
}

/// The body that `write` makes of a result. An error is reported after the end of the invocation.
fn before(reply: BufferedReply, write: impl FnOnce(Result<Bytes, FunctionError>) -> Bytes) -> ReplyBody {
    let fault = reply.result.as_ref().err().cloned().map(Fault::Function);
    let remainder = reply.remainder;
    ReplyBody::from(write(reply.result)).and_then(Aftermath { remainder, fault })
}

/// A reply in one piece as an event stream.
fn in_messages(
    reply: BufferedReply,
    last: impl Fn(Option<&FunctionError>, Option<&Outcome>) -> Bytes,
) -> ReplyBody {
    let mut messages = BytesMut::new();
    for part in reply.result.iter().flat_map(|reply| reply.chunks(CHUNK)) {
        messages.extend_from_slice(&event_stream::chunk(Bytes::copy_from_slice(part)));
    }
    messages.extend_from_slice(&last(reply.result.as_ref().err(), reply.remainder.ended()));
    before(reply, |_| messages.freeze())
}

fn dry_run() -> Response<ReplyBody> {
    head(StatusCode::NO_CONTENT, &Uuid::new_v4().to_string()).map(ReplyBody::from)
}

/// What `ListFunctions` says about a function.
fn described(function: &Function, durable: Option<&Durable>) -> Value {
    let mut described = json!({
        "FunctionName": function.name(),
        "FunctionArn": function.arn(),
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Timeout": function.timeout().as_secs(),
        "MemorySize": function.memory_mb(),
        "Version": "$LATEST",
        "PackageType": "Zip",
    });
    if let Some(durable) = durable {
        described["DurableConfig"] = durable.config();
    }
    described
}

/// The end of the invocation's log in Lambda's format, base64-encoded.
fn log_tail(outcome: &Outcome, function: &Function) -> String {
    let id = &outcome.request_id;
    let mut log = format!("START RequestId: {id} Version: $LATEST\n");
    for line in &outcome.logs {
        log.push_str(line);
        log.push('\n');
    }
    log.push_str(&format!("END RequestId: {id}\n{}\n", report(outcome, function)));
    // This may split a character, as Lambda does: the limit is in bytes.
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
    // Unknown if the process exited during the invocation.
    if let Some(peak) = outcome.peak_memory {
        report.push_str(&format!("\tMax Memory Used: {} MB", peak.div_ceil(1 << 20)));
    }
    if let Some(init) = outcome.init_duration {
        report.push_str(&format!("\tInit Duration: {:.2} ms", init.as_secs_f64() * 1000.0));
    }
    report
}
