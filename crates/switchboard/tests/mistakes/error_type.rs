//! An error type of one's own in the place of `Failure`.
//~ a handler returns `Result<_, Failure>`, not `Result<(), std::io::Error>`
//~ `?` turns every error into a `Failure`

use switchboard::{Context, Failure, Json, Router};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

async fn on_order(Json(order): Json<Order>, _cx: Context<()>) -> Result<(), std::io::Error> {
    tracing::info!(order.id, "an order");
    Ok(())
}

fn main() {
    let _: fn() -> Failure = || Failure::msg("");
    let _ = Router::new(()).sqs(on_order);
}
