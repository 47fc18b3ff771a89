use serde::Deserialize;
use switchboard::{Change, Context, Failure};

#[derive(Deserialize)]
pub struct Order {
    status: String,
    total: u32,
}

/// Called for each change, in order. After an error the stream delivers again from this change on.
pub async fn on_change(change: Change<Order>, _cx: Context<App>) -> Result<(), Failure> {
    // A removed item has only an old image.
    if let Some(order) = change.new {
        tracing::info!(order.status, order.total, kind = ?change.kind, "an order has changed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use serde_json::json;
    use switchboard::testing::DynamodbStream;
    use switchboard::testing::RecordOutcome::{Done, Failed, NotStarted};

    #[tokio::test]
    async fn the_stream_comes_again_from_an_item_that_is_not_an_order() {
        let orders = [
            json!({"status": "PLACED", "total": 249}),
            json!({"status": "PLACED", "total": -1}),
            json!({"status": "PAID", "total": 249}),
        ];
        let key = json!({"pk": "ORDER#17"});
        let changes = orders.map(|order| DynamodbStream::insert("orders", &key, &order));
        let delivered = router(App).deliver(DynamodbStream::batch(changes)).await;
        assert!(matches!(
            delivered.outcomes()[..],
            [Done, Failed(_), NotStarted]
        ));
    }
}
