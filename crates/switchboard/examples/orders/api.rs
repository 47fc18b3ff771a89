//! The shop's API, an axum router. A JWT authorizer of API Gateway has checked who calls; who that is stands in the request context.

use crate::app::{App, Order};
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::get;
use axum::{Json, Router};
use lambda_http::request::RequestContext;

pub(crate) fn service(app: App) -> Router {
    Router::new()
        .route("/orders", get(list).post(place))
        .route("/orders/{id}", get(show))
        .with_state(app)
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

async fn list(State(app): State<App>, Caller(customer): Caller) -> Json<Vec<Order>> {
    let is_theirs = |order: &&Order| order.customer == customer;
    Json(app.with(|shop| shop.orders.values().filter(is_theirs).cloned().collect()))
}

async fn show(
    State(app): State<App>,
    Caller(customer): Caller,
    Path(id): Path<String>,
) -> Result<Json<Order>, StatusCode> {
    let order = app.order(&id).filter(|order| order.customer == customer);
    order.map(Json).ok_or(StatusCode::NOT_FOUND)
}

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
