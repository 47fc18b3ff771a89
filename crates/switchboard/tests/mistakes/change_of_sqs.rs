//! A change of an item, of a queue.
//~ `Change<Order>` cannot be read from a record of `SqsEvent`
//~ `Change<T>` is for DynamoDB

use switchboard::{Change, Context, Failure, Router};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

async fn on_change(change: Change<Order>, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(id = change.new.map(|order| order.id), "a change");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_change);
}
