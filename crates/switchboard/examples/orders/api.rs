//! The shop's API, an axum router, and its document of OpenAPI. A JWT authorizer of API Gateway has checked who calls; who that is stands in the request context.

use crate::app::{App, Order};
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::get;
use axum::{Json, Router};
use lambda_http::request::RequestContext;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_scalar::{Scalar, Servable as _};

#[derive(OpenApi)]
#[openapi(info(title = "The shop", description = "Orders of those who call."))]
struct Document;

/// The routes describe themselves. `/openapi.json` has the document, and `/docs` a page to read it on, whose script the browser gets
/// from a CDN.
pub(crate) fn service(app: App) -> Router {
    let (api, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list, place))
        .routes(routes!(show))
        .split_for_parts();
    let page = Scalar::with_url("/docs", document.clone());
    api.with_state(app)
        .route("/openapi.json", get(|| async { Json(document) }))
        .merge(page)
}

/// Who calls: the subject of the token.
pub(crate) struct Caller(String);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let subject = match parts.extensions.get() {
            Some(RequestContext::ApiGatewayV2(context)) => context
                .authorizer
                .as_ref()
                .and_then(|authorizer| authorizer.jwt.as_ref()?.claims.get("sub").cloned()),
            _ => None,
        };
        subject.map(Self).ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// The caller's orders.
#[utoipa::path(
    get,
    path = "/orders",
    responses((status = 200, body = Vec<Order>), (status = 401, description = "Nobody calls."))
)]
async fn list(State(app): State<App>, Caller(customer): Caller) -> Json<Vec<Order>> {
    let is_theirs = |order: &&Order| order.customer == customer;
    Json(app.with(|shop| shop.orders.values().filter(is_theirs).cloned().collect()))
}

/// One of them.
#[utoipa::path(
    get,
    path = "/orders/{id}",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Order),
        (status = 401, description = "Nobody calls."),
        (status = 404, description = "The caller has no such order."),
    )
)]
async fn show(
    State(app): State<App>,
    Caller(customer): Caller,
    Path(id): Path<String>,
) -> Result<Json<Order>, StatusCode> {
    let order = app.order(&id).filter(|order| order.customer == customer);
    order.map(Json).ok_or(StatusCode::NOT_FOUND)
}

/// Places an order.
#[utoipa::path(
    post,
    path = "/orders",
    request_body = Order,
    responses(
        (status = 201, description = "Placed."),
        (status = 401, description = "Nobody calls."),
        (status = 403, description = "It is somebody else's order."),
    )
)]
async fn place(
    State(app): State<App>,
    Caller(customer): Caller,
    Json(order): Json<Order>,
) -> Result<StatusCode, StatusCode> {
    if order.customer != customer {
        return Err(StatusCode::FORBIDDEN);
    }
    app.with(|shop| shop.orders.insert(order.id.clone(), order));
    Ok(StatusCode::CREATED)
}
