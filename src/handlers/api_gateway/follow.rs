//! Following the journal: entries in the order of arrival, as a batch or as server-sent events.

use super::events::content_type;
use super::links;
use super::parameters::Parameters;
use super::problem::Problem;
use crate::handlers::App;
use crate::journal::{Arrivals, BATCH_JSON, Cursor, Damaged, Entry, Follow, batch_to_json};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The parameter with the entry to continue after.
const AFTER: &str = "after";

/// The value of `after` that starts with the first entry that arrived.
const BEGINNING: &str = "0";

/// The header that a browser sends when it reconnects.
const LAST_EVENT_ID: &str = "last-event-id";

const EVENT_STREAM: &str = "text/event-stream";

/// After how many seconds to ask again if there is nothing more.
const PAUSE_SECONDS: u64 = 2;

/// Whether a request follows the journal, instead of listing it by time.
pub(super) fn is_asked(parts: &Parts, parameters: &Parameters) -> bool {
    parameters.text(AFTER).is_some() || streams(&parts.headers)
}

/// `GET /events?after=…`
pub(super) async fn list(app: &App, parts: &Parts, parameters: &Parameters) -> Result<Response, Problem> {
    for other in ["cursor", "since", "until"] {
        if parameters.text(other).is_some() {
            return Err(Problem::parameter(
                other,
                "not possible when following the journal, which is ordered by arrival",
            ));
        }
    }
    let streams = streams(&parts.headers);
    let follow = Follow {
        source: parameters.text("source"),
        event_type: parameters.text("type"),
        subject: parameters.text("subject"),
        limit: parameters.limit()?,
        after: after(parts, parameters, streams),
    };
    let arrivals = app
        .store()
        .follow(&follow)
        .await
        .map_err(|error| match error.is_invalid_cursor() {
            true => Problem::parameter(AFTER, &error.to_string()),
            false => error.into(),
        })?;
    Ok(match streams {
        true => event_stream(&arrivals),
        false => batch(parts, parameters, arrivals),
    })
}

fn streams(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut types = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    types.any(|accepted| {
        let essence = accepted.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case(EVENT_STREAM)
    })
}

/// The entry to continue after. A browser reconnects with its original address, so the last event that it has seen
/// takes precedence.
fn after(parts: &Parts, parameters: &Parameters, streams: bool) -> Option<Cursor> {
    let seen = parts.headers.get(LAST_EVENT_ID).filter(|_| streams);
    let seen = seen.and_then(|id| id.to_str().ok()).map(str::to_owned);
    let after = seen
        .filter(|id| !id.is_empty())
        .or_else(|| parameters.text(AFTER));
    after.filter(|after| after != BEGINNING).map(Cursor::new)
}

/// What has arrived, with a link to what will arrive.
fn batch(parts: &Parts, parameters: &Parameters, arrivals: Arrivals) -> Response {
    let mut headers = content_type(BATCH_JSON);
    fresh(&mut headers);
    links::damaged(&mut headers, parts, &arrivals.damaged);
    links::next_page(&mut headers, parts, parameters, AFTER, &arrivals.next);
    if !arrivals.more {
        headers.insert(header::RETRY_AFTER, PAUSE_SECONDS.into());
    }
    let entries: Vec<Entry> = arrivals.items.into_iter().map(|arrived| arrived.entry).collect();
    (headers, batch_to_json(&entries)).into_response()
}

/// What has arrived, and then the end: the client reconnects after the pause with its last event id.
fn event_stream(arrivals: &Arrivals) -> Response {
    let pause = if arrivals.more { 0 } else { PAUSE_SECONDS * 1000 };
    let mut body = format!("retry: {pause}\n\n");
    for arrived in &arrivals.items {
        body.push_str(&format!("id: {}\n", arrived.cursor.as_str()));
        push_data(&mut body, &arrived.entry.to_json());
    }
    for damaged in &arrivals.damaged {
        body.push_str("event: damaged\n");
        push_data(&mut body, &name(damaged));
    }
    // Even if the filters match nothing: entries are not examined twice.
    body.push_str(&format!("id: {}\n\n", arrivals.next.as_str()));
    let mut headers = content_type(EVENT_STREAM);
    fresh(&mut headers);
    (headers, body).into_response()
}

/// An event's data, line by line, because a line break would end it. In JSON, line breaks can only be between values.
fn push_data(body: &mut String, json: &str) {
    for line in json.split(['\r', '\n']).filter(|line| !line.is_empty()) {
        body.push_str("data: ");
        body.push_str(line);
        body.push('\n');
    }
    body.push('\n');
}

fn name(damaged: &Damaged) -> String {
    match damaged {
        Damaged::Entry { source, id } => json!({ "source": source, "id": id }),
        Damaged::Resource { urn } => json!({ "urn": urn }),
    }
    .to_string()
}

/// Caches must not answer repeated requests.
fn fresh(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
