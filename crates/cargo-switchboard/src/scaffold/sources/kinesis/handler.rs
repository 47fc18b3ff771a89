use aws_lambda_events::kinesis::KinesisEventRecord;
use serde::Deserialize;
use switchboard::{Context, Failure};

#[derive(Deserialize)]
struct Reading {
    device: String,
    celsius: f64,
}

/// Called for each record, in order. After an error the stream delivers again from this record on.
pub async fn on_record(record: KinesisEventRecord, _cx: Context<App>) -> Result<(), Failure> {
    let reading: Reading = serde_json::from_slice(&record.kinesis.data)?;
    tracing::info!(reading.device, reading.celsius, "a reading arrived");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::kinesis::KinesisEvent;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn a_record_that_is_no_reading_is_an_error() {
        // {"device":"sensor-17","celsius":21.4}
        let record = r#"{"eventSource":"aws:kinesis","kinesis":{"partitionKey":"sensor-17","sequenceNumber":"1","data":"eyJkZXZpY2UiOiJzZW5zb3ItMTciLCJjZWxzaXVzIjoyMS40fQ=="}}"#;
        let outcome = deliver::<KinesisEvent, _, _, _>(&App, on_record, record).await;
        assert!(outcome.is_ok());
        let record = record.replace(
            "eyJkZXZpY2UiOiJzZW5zb3ItMTciLCJjZWxzaXVzIjoyMS40fQ==",
            "e30=",
        );
        let outcome = deliver::<KinesisEvent, _, _, _>(&App, on_record, &record).await;
        assert!(outcome.is_err());
    }
}
