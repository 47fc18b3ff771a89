//! What the warehouse calls when an order is packed, or cannot be: an HTTP route of the same function.

use aws_config::BehaviorVersion;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::sync::OnceCell;

/// Created with the first request.
static LAMBDA: OnceCell<Client> = OnceCell::const_new();

pub(crate) fn api() -> axum::Router {
    axum::Router::new().route("/packed/{callback}", post(packed))
}

async fn client() -> Client {
    Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await)
}

/// `true` or `false` for the execution that waits.
async fn packed(
    Path(callback): Path<String>,
    Json(packed): Json<bool>,
) -> Result<StatusCode, (StatusCode, String)> {
    let lambda = LAMBDA.get_or_init(client).await;
    let told = lambda
        .send_durable_execution_callback_success()
        .callback_id(callback)
        .result(Blob::new(packed.to_string()));
    match told.send().await {
        Ok(_) => Ok(StatusCode::ACCEPTED),
        // It was told before, or is unknown.
        Err(error) => Err((StatusCode::CONFLICT, DisplayErrorContext(error).to_string())),
    }
}
