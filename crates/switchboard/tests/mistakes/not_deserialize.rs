//! A type that serde cannot read.
//~ the trait bound `Order: serde::Deserialize<'de>` is not satisfied
//~ required for `switchboard::Json<Order>` to implement `FromRecord<SqsEvent>`

use switchboard::{Context, Failure, Json, Router};

struct Order {
    id: u64,
}

async fn on_order(Json(order): Json<Order>, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(order.id, "an order");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_order);
}
