//! A type of one's own without `Json` around it.
//~ `Order` cannot be read from a record of `SqsEvent`
//~ ask for `Json<T>` with a type of yours

use switchboard::{Context, Failure, Router};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

async fn on_order(order: Order, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(order.id, "an order");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_order);
}
