use aws_lambda_events::kafka::KafkaRecord;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use switchboard::{Context, Failure};

#[derive(Deserialize)]
struct Payment {
    order: u64,
    status: String,
}

/// Called for each record, in order within its partition. After an error this record and those behind it come again.
pub async fn on_payment(record: KafkaRecord, _cx: Context<App>) -> Result<(), Failure> {
    let value = STANDARD.decode(record.value.unwrap_or_default())?;
    let payment: Payment = serde_json::from_slice(&value)?;
    tracing::info!(
        payment.order,
        payment.status,
        offset = record.offset,
        "a payment arrived"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::kafka::KafkaEvent;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn a_value_that_is_no_payment_is_an_error() {
        // {"order":17,"status":"PAID"}
        let record = r#"{"topic":"payments","partition":0,"offset":15,"timestamp":1791204800987,"value":"eyJvcmRlciI6MTcsInN0YXR1cyI6IlBBSUQifQ=="}"#;
        let outcome = deliver::<KafkaEvent, _, _, _>(&App, on_payment, record).await;
        assert!(outcome.is_ok());
        let record = record.replace("eyJvcmRlciI6MTcsInN0YXR1cyI6IlBBSUQifQ==", "e30=");
        let outcome = deliver::<KafkaEvent, _, _, _>(&App, on_payment, &record).await;
        assert!(outcome.is_err());
    }
}
