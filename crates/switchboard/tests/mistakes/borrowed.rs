//! A type that borrows from the body.
//~ implementation of `Deserialize` is not general enough

use switchboard::{Context, Failure, Json, Router};

#[derive(serde::Deserialize)]
struct Order<'b> {
    id: &'b str,
}

async fn on_order(Json(order): Json<Order<'_>>, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(order.id, "an order");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_order);
}
