//! A body of a source that sends none.
//~ the records of `S3Event` have no body
//~ ask for the struct of `aws_lambda_events`

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
    let _ = Router::new(()).s3(on_order);
}
