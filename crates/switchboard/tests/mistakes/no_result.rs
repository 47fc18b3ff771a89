//! A handler that returns no `Result`.
//~ a handler returns `Result<_, Failure>`, not `()`
//~ return `Result<(), Failure>`

use switchboard::{Context, Json, Router};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

async fn on_order(Json(order): Json<Order>, _cx: Context<()>) {
    tracing::info!(order.id, "an order");
}

fn main() {
    let _ = Router::new(()).sqs(on_order);
}
