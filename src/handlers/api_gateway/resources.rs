//! The current state of resources.

use super::links;
use super::openapi::Refused;
use super::parameters::Parameters;
use super::problem::{Problem, shown};
use super::reference::{fits, names};
use crate::handlers::App;
use crate::journal::{Resource, ResourceQuery};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// `GET /resources`
#[utoipa::path(
    get,
    path = "/resources",
    params(
        ("type" = Option<String>, Query, description = "Exactly, such as `s3.object`.", min_length = 1, max_length = 4096),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 1000),
        ("cursor" = Option<String>, Query, description = "From `Link` with `rel=\"next\"`.", min_length = 1, max_length = 4096),
    ),
    responses(
        (status = 200, description = "Resources by name.", content_type = "application/json", body = Vec<Resource>),
        (status = 400, response = Refused),
    )
)]
pub(super) async fn list(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let parameters = Parameters::read(parts.uri.query(), &["type", "limit", "cursor"])?;
    let query = ResourceQuery {
        resource_type: parameters.text("type"),
        limit: parameters.limit()?,
        cursor: parameters.cursor(),
    };
    let page = app.store().resources(&query).await?;
    let mut headers = HeaderMap::new();
    links::damaged(&mut headers, &parts, &page.damaged);
    if let Some(cursor) = page.next {
        links::next_page(&mut headers, &parts, &parameters, "cursor", &cursor);
    }
    Ok((headers, json(&page.items)).into_response())
}

/// `GET /resources/{urn}`
#[utoipa::path(
    get,
    path = "/resources/{urn}",
    params(("urn" = String, Path)),
    responses(
        (status = 200, description = "Its current state.", content_type = "application/json", body = Resource),
        (status = 400, response = Refused),
        (status = 404, response = Refused),
        (status = 414, response = Refused),
    )
)]
pub(super) async fn one(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    Parameters::read(uri.query(), &[])?;
    fits(&uri)?;
    let names = names(&uri, "/resources/");
    for name in &names {
        if let Some(resource) = app.store().resource(name).await? {
            return Ok(json(&resource));
        }
    }
    let name = names.first().map_or("", String::as_str);
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        format!("no resource `{}` is known", shown(name)),
    ))
}

fn json(value: &impl Serialize) -> Response {
    let body =
        serde_json::to_string(value).expect("names are strings and values are plain, so nothing can fail");
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
