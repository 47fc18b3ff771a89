//! `Json` for a change of an item.
//~ the records of `switchboard::aws_lambda_events::dynamodb::Event` have no body
//~ for DynamoDB, ask for `Change<T>`

use switchboard::{Context, Failure, Json, Router};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

async fn on_order(Json(order): Json<Order>, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(order.id, "an order");
    Ok(())
}

fn main() {
    let _ = Router::new(()).dynamodb(on_order);
}
