use serde::Deserialize;
use switchboard::{Context, Failure, Json};

#[derive(Deserialize)]
pub struct Order {
    id: u64,
    customer: String,
}

/// Called for each message. `Ok` deletes it from the queue; an error brings this message back, and no other.
pub async fn on_order(Json(order): Json<Order>, _cx: Context<App>) -> Result<(), Failure> {
    tracing::info!(order.id, order.customer, "an order arrived");
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use serde_json::json;
    use switchboard::testing::Sqs;

    #[tokio::test]
    async fn only_a_message_that_is_not_an_order_comes_again() {
        let order = Sqs::message(&json!({"id": 17, "customer": "Ada"}));
        let other = Sqs::message(&json!({"id": null})).id("other");
        let delivered = router(App).deliver(Sqs::batch([order, other])).await;
        let failed = json!([{"itemIdentifier": "other"}]);
        assert_eq!(delivered.reply()["batchItemFailures"], failed);
    }
}
