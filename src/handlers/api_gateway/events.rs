//! The journal's entries: query them, and append some.

use super::binding::{self, PostedEntries};
use super::openapi::{CloudEvent, Refused};
use super::parameters::Parameters;
use super::problem::{Problem, shown};
use super::reference::Reference;
use super::{follow, links};
use crate::handlers::App;
use crate::journal::{Append, BATCH_JSON, EVENT_JSON, Entry, EntryQuery, batch_to_json};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::json;

/// The largest accepted body, in bytes.
const MAX_BODY: usize = 1024 * 1024;
const PARAMETERS: &[&str] = &[
    "source", "type", "subject", "since", "until", "limit", "cursor", "after",
];

/// `GET /events`
#[utoipa::path(
    get,
    path = "/events",
    params(
        ("source" = Option<String>, Query, description = "Exactly.", min_length = 1, max_length = 4096),
        ("type" = Option<String>, Query, description = "Exactly.", min_length = 1, max_length = 4096),
        ("subject" = Option<String>, Query, description = "Exactly.", min_length = 1, max_length = 4096),
        ("since" = Option<String>, Query, description = "RFC 3339, inclusive, on `time`.", format = DateTime),
        ("until" = Option<String>, Query, description = "RFC 3339, exclusive, on `time`.", format = DateTime),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 1000),
        ("cursor" = Option<String>, Query, description = "From `Link` with `rel=\"next\"`.", min_length = 1, max_length = 4096),
        ("after" = Option<String>, Query, min_length = 1, max_length = 4096,
            description = "Lists in the order of arrival: `0` starts with the first entry, `Link` goes on. Not together with `since`, \
                           `until` and `cursor`."),
    ),
    responses(
        (status = 200, description = "Entries.", headers(("link" = Option<String>, description = "The next page.")),
            content((Vec<CloudEvent> = "application/cloudevents-batch+json"), (String = "text/event-stream"))),
        (status = 400, response = Refused),
    )
)]
pub(super) async fn list(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let parameters = Parameters::read(parts.uri.query(), PARAMETERS)?;
    if follow::is_asked(&parts, &parameters) {
        return follow::list(&app, &parts, &parameters).await;
    }
    let query = EntryQuery {
        source: parameters.text("source"),
        event_type: parameters.text("type"),
        subject: parameters.text("subject"),
        since: parameters.time("since")?,
        until: parameters.time("until")?,
        limit: parameters.limit()?,
        cursor: parameters.cursor(),
    };
    let page = app.store().entries(&query).await?;
    let mut headers = content_type(BATCH_JSON);
    links::damaged(&mut headers, &parts, &page.damaged);
    if let Some(cursor) = page.next {
        links::next_page(&mut headers, &parts, &parameters, "cursor", &cursor);
    }
    Ok((headers, batch_to_json(&page.items)).into_response())
}

/// `GET /events/{source}/{id}`
#[utoipa::path(
    get,
    path = "/events/{source}/{id}",
    params(("source" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, description = "The entry.", content_type = "application/cloudevents+json", body = CloudEvent),
        (status = 400, response = Refused),
        (status = 404, response = Refused),
        (status = 414, response = Refused),
    )
)]
pub(super) async fn one(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    Parameters::read(uri.query(), &[])?;
    let reference = Reference::read(&uri, "/events/")?;
    for (source, id) in reference.pairs() {
        if let Some(entry) = app.store().entry(&source, &id).await? {
            return Ok((content_type(EVENT_JSON), entry.to_json()).into_response());
        }
    }
    let detail = format!(
        "no entry has the `source` and `id` that `{}` names",
        shown(uri.path())
    );
    Err(Problem::new(StatusCode::NOT_FOUND, detail))
}

/// `POST /events`
#[utoipa::path(
    post,
    path = "/events",
    request_body(
        description = "An event or a batch of at most 1,000, of at most 1 MB. Binary mode is taken, too: `ce-` headers and any media type.",
        content(
            (CloudEvent = "application/cloudevents+json"),
            (Vec<CloudEvent> = "application/cloudevents-batch+json"),
        )
    ),
    responses(
        (status = 200, description = "There was one with this `source` and `id`, which is kept; of a batch: all of them.",
            content((CloudEvent = "application/cloudevents+json"), (Object = "application/json"))),
        (status = 201, description = "Appended. Of a batch: how many were, and how many there were before.",
            content((CloudEvent = "application/cloudevents+json"), (Object = "application/json"))),
        (status = 400, response = Refused),
        (status = 413, response = Refused),
        (status = 415, response = Refused),
    )
)]
pub(super) async fn append(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    Parameters::read(parts.uri.query(), &[])?;
    let body = collect(body).await?;
    match binding::read(&parts.headers, body)? {
        PostedEntries::One(entry) => append_one(&app, &parts, *entry).await,
        PostedEntries::Batch(entries) => append_batch(&app, entries).await,
    }
}

async fn append_one(app: &App, parts: &Parts, entry: Entry) -> Result<Response, Problem> {
    let append = [Append::from(entry)];
    let appended = app.store().append(&append).await?.pop();
    let [Append { entry, .. }] = append;
    let (id, new) = appended.map_or((entry.id().to_owned(), true), |appended| {
        (appended.id, appended.new)
    });
    // The response has the stored entry, because an earlier one may differ from the posted one.
    let kept = match app.store().entry(entry.source(), &id).await? {
        Some(kept) => {
            warn_of_other(&kept, &entry);
            kept
        }
        None => entry,
    };
    let mut headers = content_type(EVENT_JSON);
    let location = HeaderValue::try_from(links::entry(parts, kept.source(), &id));
    headers.extend(location.ok().map(|location| (header::LOCATION, location)));
    Ok((status(new), headers, kept.to_json()).into_response())
}

async fn append_batch(app: &App, entries: Vec<Entry>) -> Result<Response, Problem> {
    let batch: Vec<Append> = entries.into_iter().map(Append::from).collect();
    let outcome = app.store().append(&batch).await?;
    for (append, appended) in batch.iter().zip(&outcome) {
        if !appended.new
            && let Some(kept) = app.store().entry(append.entry.source(), &appended.id).await?
        {
            warn_of_other(&kept, &append.entry);
        }
    }
    let appended = outcome.iter().filter(|appended| appended.new).count();
    let counts = json!({ "appended": appended, "duplicates": outcome.len() - appended });
    Ok((
        status(appended > 0),
        content_type("application/json"),
        counts.to_string(),
    )
        .into_response())
}

/// In CloudEvents, events with the same source and id are one event: the first one is stored. A client that reuses ids
/// loses what it posts.
fn warn_of_other(kept: &Entry, posted: &Entry) {
    // Older releases did not record who wrote an entry.
    let unsigned = |entry: &Entry| entry.clone().written_by("").to_json();
    if unsigned(kept) != unsigned(posted) {
        tracing::warn!(
            source = posted.source(),
            id = posted.id(),
            "the posted event is not stored: there is another entry with its source and id; use a different id for each event"
        );
    }
}

fn status(new: bool) -> StatusCode {
    if new { StatusCode::CREATED } else { StatusCode::OK }
}

pub(super) fn content_type(media_type: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))])
}

async fn collect(body: Body) -> Result<Vec<u8>, Problem> {
    // Counted while it is read, because a claimed length proves nothing.
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than 1 MB",
        )),
        Err(_) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "the body could not be read to its end",
        )),
    }
}
