//! Several things of a record as arguments of their own.
//~once function is expected to take 2 arguments, but it takes 3 arguments

use switchboard::event::Attributes;
use switchboard::{Context, Failure, Json, Router};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

async fn on_order(Json(order): Json<Order>, _attributes: Attributes, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(order.id, "an order");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_order);
}
