//! A handler that takes no context.
//~once function is expected to take 2 arguments, but it takes 1 argument

use switchboard::{Failure, Json, Router};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

async fn on_order(Json(order): Json<Order>) -> Result<(), Failure> {
    tracing::info!(order.id, "an order");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_order);
}
