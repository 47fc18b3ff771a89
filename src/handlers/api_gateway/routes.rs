//! The routes.

use super::problem::{Problem, shown};
use super::{events, openapi, resources};
use crate::handlers::App;
use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The journal's HTTP API.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "sqlite")] {
/// use switchboard_function::handlers::{App, api_gateway};
/// use switchboard_function::journal::Sqlite;
///
/// let api = api_gateway::router(App::new(Sqlite::memory()));
/// let router = switchboard::Router::new(()).http(api);
/// # let _ = router;
/// # }
/// ```
pub fn router(app: App) -> Router {
    Router::new()
        .route("/events", get(events::list).post(events::append))
        .route("/events/{*reference}", get(events::one))
        .route("/resources", get(resources::list))
        .route("/resources/{*urn}", get(resources::one))
        .route("/health", get(health))
        .route("/openapi.json", get(openapi::document))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

/// `GET /health`
#[utoipa::path(
    get,
    path = "/health",
    responses(
        (status = 200, description = "The journal can be read and written.", content_type = "application/json", body = Object),
        (status = 503, response = openapi::Refused),
    )
)]
pub(super) async fn health(State(app): State<App>) -> Result<Response, Problem> {
    app.store().health().await.map_err(Problem::unhealthy)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#).into_response())
}

async fn unknown_path(uri: Uri) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        format!("there is nothing at `{}`", shown(uri.path())),
    )
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let detail = format!(
        "`{}` does not take {method}; the header `Allow` says what it takes",
        shown(uri.path())
    );
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
