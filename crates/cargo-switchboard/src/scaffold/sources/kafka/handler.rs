use serde::Deserialize;
use switchboard::{Context, Failure, Json};

#[derive(Deserialize)]
pub struct Payment {
    order: u64,
    status: String,
}

/// Called for each record, in order within its partition. After an error this record and those behind it come again.
pub async fn on_payment(Json(payment): Json<Payment>, _cx: Context<App>) -> Result<(), Failure> {
    tracing::info!(payment.order, payment.status, "a payment arrived");
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use serde_json::json;
    use switchboard::testing::Kafka;

    #[tokio::test]
    async fn a_value_that_is_not_a_payment_comes_again() {
        let payment = Kafka::record("payments", 0, &json!({"order": 17, "status": "PAID"}));
        let other = Kafka::record("payments", 0, &json!({})).offset(18);
        let delivered = router(App).deliver(Kafka::batch([payment, other])).await;
        let failed = json!([{"itemIdentifier": {"partition": "payments-0", "offset": 18}}]);
        assert_eq!(delivered.reply()["batchItemFailures"], failed);
    }
}
