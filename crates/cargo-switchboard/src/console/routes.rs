//! The requests of `/api/`.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use lambda_sandbox::MAX_REQUEST;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::json;
use switchboard::source::Source;
use switchboard::testing::{generate, sources};

use super::cut::cut;
use super::describe::{HealthNumbers, InvocationDetails, InvocationRow, RecordDetails};
use super::forward;
use super::live::{self, ConsoleBody};
use super::recorder::RecordedInvocation;
use super::server::{Console, json as answer_of};

/// The most invocations in one answer, unless fewer are asked for.
const MOST: usize = 1000;
/// The most records of an event that is made.
const MOST_RECORDS: usize = 10_000;

/// An answer, or the status and the message of a refusal.
type Answered = Result<Response<Bytes>, ApiRefusal>;
pub(super) type ApiRefusal = (StatusCode, String);

/// What a request asks for.
struct ApiCall {
    method: Method,
    /// The parts of the path behind `/api/`.
    path: Vec<String>,
    query: Vec<(String, String)>,
}

impl ApiCall {
    fn query(&self, name: &str) -> Option<&str> {
        let mut all = self.query.iter();
        all.find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// # Errors
    /// If it is not a number.
    fn number(&self, name: &str, default: usize) -> Result<usize, ApiRefusal> {
        let Some(text) = self.query(name) else {
            return Ok(default);
        };
        let wrong = |_| (StatusCode::BAD_REQUEST, format!("`{name}` is not a whole number"));
        text.parse().map_err(wrong)
    }
}

/// Answers a request of the API.
pub(super) async fn answer(console: Arc<Console>, request: Request<Incoming>) -> Response<ConsoleBody> {
    let Some(call) = read(&request) else {
        return refusal(StatusCode::NOT_FOUND, "there is nothing at this path").map(ConsoleBody::from);
    };
    let last_event = request
        .headers()
        .get("last-event-id")
        .and_then(|id| id.to_str().ok());
    if call.method == Method::GET && call.path == ["live"] {
        let after = last_event.and_then(|id| live::resumed(&console.recorder.run, id));
        let mut response = Response::new(live::events(&console.recorder, after.unwrap_or_default()));
        let kind = header::HeaderValue::from_static("text/event-stream");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        return response;
    }
    let target = request.uri().path_and_query();
    let target = target.and_then(|path| forward::target(path.as_str()));
    let answered = match call.method {
        Method::GET | Method::POST if target.is_some() => {
            forwarded(&console, &target.unwrap_or_default(), request).await
        }
        Method::GET => looked_up(console, call).await,
        Method::POST => delivered(&console, &call, request).await,
        _ => Err((StatusCode::METHOD_NOT_ALLOWED, "expected GET or POST".to_owned())),
    };
    answered
        .unwrap_or_else(|(status, text)| refusal(status, &text))
        .map(ConsoleBody::from)
}

/// An answer that says why there is no other.
pub(super) fn refusal(status: StatusCode, text: &str) -> Response<Bytes> {
    answer_of(status, json!({"message": text}).to_string())
}

fn read(request: &Request<Incoming>) -> Option<ApiCall> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let path = request.uri().path().strip_prefix("/api/")?;
    let query = request.uri().query().unwrap_or_default().split('&');
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(&value.replace('+', " ")))
    };
    Some(ApiCall {
        method: request.method().clone(),
        path: path.split('/').map(decoded).collect(),
        query: query.map(pair).collect(),
    })
}

/// Answers on another thread: a large batch takes a while, and invocations go on meanwhile.
async fn looked_up(console: Arc<Console>, call: ApiCall) -> Answered {
    let looking = tokio::task::spawn_blocking(move || console.look_up(&call));
    looking.await.unwrap_or_else(|_| {
        let text = "the console failed to read this invocation".to_owned();
        Err((StatusCode::INTERNAL_SERVER_ERROR, text))
    })
}

impl Console {
    fn look_up(&self, call: &ApiCall) -> Answered {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        match path[..] {
            ["function"] => self.about(),
            ["health"] => object(&HealthNumbers::of(&self.recorder, self.memory_mb)),
            ["invocations"] => self.list(call),
            ["invocations", id] => object(&InvocationDetails::of(&*self.invocation(id)?, &self.recorder)),
            ["invocations", id, "event"] => {
                Ok(answer_of(StatusCode::OK, self.invocation(id)?.payload.clone()))
            }
            ["invocations", id, "records", index] => {
                let invocation = self.invocation(id)?;
                let index = index.parse().map_err(|_| none("record"))?;
                object(&RecordDetails::of(&invocation, index, &self.recorder).ok_or_else(|| none("record"))?)
            }
            ["search"] => self.search(call.query("q").unwrap_or_default()),
            ["sources"] => object(&sources().map(Source::as_str).collect::<Vec<_>>()),
            ["sources", name] => made(name, call),
            _ => Err((StatusCode::NOT_FOUND, "there is nothing at this path".to_owned())),
        }
    }

    fn about(&self) -> Answered {
        object(&json!({
            "name": self.function.name(),
            "run": self.recorder.run,
            "keep": self.recorder.keep(),
            "memory_mb": self.memory_mb,
            "url": format!("http://{}", self.served),
            "is_durable": self.durable.is_some(),
            "version": env!("CARGO_PKG_VERSION"),
        }))
    }

    fn list(&self, call: &ApiCall) -> Answered {
        let after = call.number("after", 0)?;
        let limit = call.number("limit", MOST)?.min(MOST);
        let found = self.recorder.after(after as u64, limit);
        object(
            &found
                .iter()
                .map(|invocation| InvocationRow::of(invocation))
                .collect::<Vec<_>>(),
        )
    }

    /// The numbers of the invocations whose event, reply or log lines contain a text.
    fn search(&self, text: &str) -> Answered {
        let found = self
            .recorder
            .all()
            .into_iter()
            .filter(|invocation| has(invocation, text));
        object(&found.map(|invocation| invocation.id).collect::<Vec<_>>())
    }

    fn invocation(&self, id: &str) -> Result<Arc<RecordedInvocation>, ApiRefusal> {
        let found = id.parse().ok().and_then(|id| self.recorder.get(id));
        found.ok_or_else(|| none("invocation"))
    }

    /// The event that a request wants delivered: its body, or that of an invocation.
    fn event(&self, call: &ApiCall, body: Bytes) -> Result<Bytes, ApiRefusal> {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        match path[..] {
            ["deliver"] => Ok(body),
            ["invocations", id, "deliver"] => {
                let invocation = self.invocation(id)?;
                part(&invocation, call.query("records").unwrap_or("all"))
            }
            _ => Err((StatusCode::NOT_FOUND, "there is nothing at this path".to_owned())),
        }
    }

    /// Delivers an event, and waits for the outcome. An execution is not waited for: it may take days.
    async fn invoke(self: &Arc<Self>, event: Bytes) -> Answered {
        if let Some(durable) = &self.durable {
            let durable = Arc::clone(durable);
            tokio::spawn(async move { durable.invoke(event).await });
            return Ok(answer_of(
                StatusCode::ACCEPTED,
                json!({"request_id": null}).to_string(),
            ));
        }
        let console = Arc::clone(self);
        // A task of its own: an invocation goes on if the page is closed.
        let invoked = tokio::spawn(async move { console.function.invoke(event).await }).await;
        match invoked {
            Ok(Ok(outcome)) => {
                let id = self
                    .recorder
                    .all()
                    .into_iter()
                    .rev()
                    .find(|one| one.request_id == outcome.request_id);
                object(&json!({"request_id": outcome.request_id, "invocation": id.map(|one| one.id)}))
            }
            Ok(Err(error)) => Err((StatusCode::BAD_GATEWAY, error.to_string())),
            Err(_) => Err((
                StatusCode::BAD_GATEWAY,
                "the invocation was broken off".to_owned(),
            )),
        }
    }
}

/// The body of a request.
async fn body_of(request: Request<Incoming>) -> Result<Bytes, ApiRefusal> {
    let body = Limited::new(request.into_body(), MAX_REQUEST).collect().await;
    let body = body.map_err(|_| {
        let text = "the event did not arrive, or has more than the 6 MB that Lambda takes".to_owned();
        (StatusCode::PAYLOAD_TOO_LARGE, text)
    })?;
    Ok(body.to_bytes())
}

async fn forwarded(console: &Arc<Console>, target: &str, request: Request<Incoming>) -> Answered {
    let method = request.method().clone();
    console.forward(method, target, body_of(request).await?).await
}

async fn delivered(console: &Arc<Console>, call: &ApiCall, request: Request<Incoming>) -> Answered {
    let event = console.event(call, body_of(request).await?)?;
    let json = event.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&event);
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(json) {
        return Err((StatusCode::BAD_REQUEST, format!("the event is not JSON: {error}")));
    }
    console.invoke(event).await
}

/// The event of an invocation, with all of its records or some.
fn part(invocation: &RecordedInvocation, which: &str) -> Result<Bytes, ApiRefusal> {
    let batch = invocation.batch();
    let indexes = match which {
        "all" => return Ok(invocation.payload.clone()),
        "again" => batch.again(),
        "failed" => batch.indexes(|record| record.error.is_some()),
        list => {
            let indexes = list.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>();
            let mut indexes = indexes.map_err(|_| {
                let text =
                    "expected `all`, `again`, `failed`, or indexes with commas between them".to_owned();
                (StatusCode::BAD_REQUEST, text)
            })?;
            indexes.sort_unstable();
            indexes
        }
    };
    match indexes.last() {
        Some(last) if *last < batch.records.len() => {
            Ok(cut(&invocation.payload, &batch.records, &indexes).into())
        }
        _ => Err((StatusCode::BAD_REQUEST, "the event has no such record".to_owned())),
    }
}

/// An event of a source, as `cargo switchboard event` makes it.
fn made(name: &str, call: &ApiCall) -> Answered {
    let source: Source = name.parse().map_err(|_| none("source"))?;
    let count = call.number("count", 1)?;
    if count > MOST_RECORDS {
        return Err((StatusCode::BAD_REQUEST, format!("at most {MOST_RECORDS} records")));
    }
    let event = generate(source, call.query("body"), count);
    let event = event.map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    Ok(answer_of(StatusCode::OK, event.to_json()))
}

fn has(invocation: &RecordedInvocation, text: &str) -> bool {
    let contains = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(text);
    let reply = match &invocation.result {
        Ok(reply) => reply,
        Err(error) => &error.payload,
    };
    contains(&invocation.payload)
        || contains(reply)
        || invocation.lines.iter().any(|line| line.contains(text))
}

fn object(value: &impl Serialize) -> Answered {
    let json = serde_json::to_vec(value);
    let json = json.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(answer_of(StatusCode::OK, json))
}

fn none(what: &str) -> (StatusCode, String) {
    (
        StatusCode::NOT_FOUND,
        format!("there is no such {what}, or it is no longer kept"),
    )
}
