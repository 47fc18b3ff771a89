//! The API of durable executions over HTTP.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::checkpoint::Checkpoint;
use super::listing::Filter;
use super::operation::ErrorObject;
use super::refusal::DurableRefusal;
use super::routes::{CHECKPOINT, DurableRoute, Query, operation};
use super::service::Durable;
use super::time::Times;
use super::update::Update;
use crate::MAX_REQUEST;
use crate::invoke_api::json_response;

/// The longest client token.
const CLIENT_TOKEN: usize = 64;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CheckpointBody {
    checkpoint_token: String,
    client_token: Option<String>,
    updates: Option<Vec<Update>>,
}

/// Whether a request is one of this API.
pub(crate) fn is_call(request: &Parts) -> bool {
    operation(request).is_some()
}

/// How many bytes the body of a request may have.
pub(crate) fn body_limit(request: &Parts) -> usize {
    match operation(request) {
        Some(DurableRoute::Checkpoint(_)) => CHECKPOINT,
        _ => MAX_REQUEST,
    }
}

impl Durable {
    /// Answers a request of this API. A `body` of `None` exceeds the limit.
    pub(crate) fn answer(&self, request: &Parts, body: Option<Bytes>) -> Response<Bytes> {
        let answer = match (operation(request), body) {
            (Some(operation), Some(body)) => self.perform(operation, &Query::of(request), &body),
            (Some(_), None) => Err(DurableRefusal::invalid(format!(
                "the request has more than {} bytes",
                body_limit(request)
            ))),
            (None, _) => Err(DurableRefusal::NotFound("there is no such operation".to_owned())),
        };
        let answer = answer.map(|body| json_response(StatusCode::OK, body));
        answer.unwrap_or_else(|refusal| refused(&refusal, request))
    }

    fn perform(&self, operation: DurableRoute, query: &Query, body: &Bytes) -> Result<Bytes, DurableRefusal> {
        let json = |value: Value| Bytes::from(value.to_string());
        match operation {
            DurableRoute::Checkpoint(arn) => {
                let checkpoint = checkpoint(body)?;
                self.change(|machine, now| machine.checkpoint(&arn, checkpoint, now))
            }
            DurableRoute::State(arn) => {
                let token = query.get("CheckpointToken");
                let token = token.ok_or_else(|| DurableRefusal::invalid("CheckpointToken is missing"))?;
                let most = query.most()?;
                self.look(|machine| machine.state(&arn, token, query.get("Marker"), most))
            }
            DurableRoute::History(arn) => {
                let with_data = query.flag("IncludeExecutionData")?.unwrap_or_default();
                let page = query.page()?;
                self.look(|machine| machine.history(&arn, &page, with_data))
                    .map(json)
            }
            DurableRoute::Get(arn) => {
                let with_data = query.flag("IncludeExecutionData")?.unwrap_or(true);
                self.look(|machine| machine.describe(&arn, with_data)).map(json)
            }
            DurableRoute::Stop(arn) => {
                let error = error(body)?;
                let stopped = self.change(|machine, now| machine.stop(&arn, error, now))?;
                Ok(json(json!({"StopTimestamp": stopped.written(Times::Seconds)})))
            }
            DurableRoute::List(function) => {
                let (filter, page) = (self.filter(&function, query)?, query.page()?);
                self.look(|machine| machine.list(&filter, &page)).map(json)
            }
            DurableRoute::Succeed(id) => {
                let result = std::str::from_utf8(body);
                let result = result
                    .map_err(|_| DurableRefusal::invalid("the result of a callback must be text in UTF-8"))?;
                let result = Ok(Arc::from(result));
                self.change(|machine, now| machine.end_callback(&id, result, now))?;
                Ok(json(json!({})))
            }
            DurableRoute::Fail(id) => {
                let error = error(body)?.unwrap_or_default();
                self.change(|machine, now| machine.end_callback(&id, Err(error), now))?;
                Ok(json(json!({})))
            }
            DurableRoute::Heartbeat(id) => {
                self.change(|machine, now| machine.heartbeat(&id, now))?;
                Ok(json(json!({})))
            }
            DurableRoute::NextTimer => Ok(json(match self.next_timer() {
                Some(seconds) => json!({"SkippedSeconds": seconds}),
                None => json!({}),
            })),
        }
    }

    fn filter(&self, function: &str, query: &Query) -> Result<Filter, DurableRefusal> {
        Ok(Filter {
            function: self.name_of(function).to_owned(),
            name: query.get("DurableExecutionName").map(str::to_owned),
            statuses: query.all("Statuses").map(str::to_owned).collect(),
            after: query.time("StartedAfter")?,
            before: query.time("StartedBefore")?,
        })
    }
}

fn checkpoint(body: &[u8]) -> Result<Checkpoint, DurableRefusal> {
    let body: CheckpointBody =
        serde_json::from_slice(body).map_err(|error| unreadable("checkpoint", &error))?;
    let is_token = |token: &String| (1..=CLIENT_TOKEN).contains(&token.len());
    if !body.client_token.as_ref().is_none_or(is_token) {
        return Err(DurableRefusal::invalid(
            "ClientToken must have 1 to 64 characters",
        ));
    }
    Ok(Checkpoint {
        token: body.checkpoint_token,
        client_token: body.client_token,
        updates: body.updates.unwrap_or_default(),
    })
}

/// The error in a body, if there is a body.
fn error(body: &[u8]) -> Result<Option<ErrorObject>, DurableRefusal> {
    if body.is_empty() {
        return Ok(None);
    }
    let error = serde_json::from_slice(body).map_err(|error| unreadable("error", &error))?;
    Ok(Some(error))
}

/// Says where the body differs from the model, without quoting it.
fn unreadable(what: &str, error: &serde_json::Error) -> DurableRefusal {
    DurableRefusal::invalid(format!(
        "the body is not JSON of a {what} as the API's model has it: line {}, column {}",
        error.line(),
        error.column()
    ))
}

/// A refusal as AWS's model has it.
pub(super) fn refused(refusal: &DurableRefusal, request: &Parts) -> Response<Bytes> {
    let (status, error_type) = refusal.kind();
    let text = match refusal {
        DurableRefusal::StaleToken(why) => format!("{}: {why}", stale_token(request)),
        refusal => refusal.to_string(),
    };
    // The model spells the member in both ways.
    let member = match refusal {
        DurableRefusal::Invalid(_) | DurableRefusal::StaleToken(_) | DurableRefusal::TooMany(_) => "message",
        DurableRefusal::NotFound(_) | DurableRefusal::CallbackTimeout | DurableRefusal::AlreadyStarted(_) => {
            "Message"
        }
    };
    error_response(status, error_type, &json!({"Type": "User", member: text}))
}

/// An error of this type, as AWS's model has them.
pub(super) fn error_response(status: StatusCode, error_type: &'static str, body: &Value) -> Response<Bytes> {
    let mut response = json_response(status, body.to_string());
    let name = HeaderName::from_static("x-amzn-errortype");
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(error_type));
    response
}

/// The SDKs recognize a stale token by the beginning of the message, and do not agree on it.
fn stale_token(request: &Parts) -> &'static str {
    let agent = request.headers.get(header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    match agent.to_ascii_lowercase().contains("boto") {
        true => "Invalid checkpoint token",
        false => "Invalid Checkpoint Token",
    }
}
