//! The arguments in the other order.
//~ `switchboard::Context<()>` cannot be read from a record of `SqsEvent`
//~ the item comes first, the `Context` second

use switchboard::{Context, Failure, Json, Router};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

async fn on_order(_cx: Context<()>, Json(order): Json<Order>) -> Result<(), Failure> {
    tracing::info!(order.id, "an order");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_order);
}
