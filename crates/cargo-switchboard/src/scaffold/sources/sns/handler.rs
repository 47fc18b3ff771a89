use aws_lambda_events::sns::SnsRecord;
use serde::Deserialize;
use switchboard::{Context, Failure};

#[derive(Deserialize)]
struct Shipment {
    order: u64,
    status: String,
}

/// Called for each notification. After an error it is delivered again.
pub async fn on_notification(record: SnsRecord, _cx: Context<App>) -> Result<(), Failure> {
    let shipment: Shipment = serde_json::from_str(&record.sns.message)?;
    tracing::info!(shipment.order, shipment.status, "a notification arrived");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::sns::SnsEvent;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn a_notification_of_another_kind_is_an_error() {
        let record = r#"{"EventSource":"aws:sns","Sns":{"MessageId":"n-1","Message":"{\"order\":17,\"status\":\"PACKED\"}"}}"#;
        let outcome = deliver::<SnsEvent, _, _, _>(&App, on_notification, record).await;
        assert!(outcome.is_ok());
        let record = record.replace("17", "null");
        let outcome = deliver::<SnsEvent, _, _, _>(&App, on_notification, &record).await;
        assert!(outcome.is_err());
    }
}
