use serde::Deserialize;
use switchboard::{Context, Failure, Json};

#[derive(Deserialize)]
pub struct Shipment {
    order: u64,
    status: String,
}

/// Called for each notification. After an error it is delivered again.
pub async fn on_shipment(Json(shipment): Json<Shipment>, _cx: Context<App>) -> Result<(), Failure> {
    tracing::info!(shipment.order, shipment.status, "a shipment has changed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use serde_json::json;
    use switchboard::testing::Sns;

    #[tokio::test]
    async fn a_notification_of_another_kind_is_an_error() {
        let shipment = Sns::notification(&json!({"order": 17, "status": "PACKED"}));
        router(App).deliver(shipment).await.assert_done();
        let other = Sns::text("hello");
        assert!(router(App).deliver(other).await.error().is_some());
    }
}
