use serde::Deserialize;
use switchboard::{Context, Failure, Json};

#[derive(Deserialize)]
pub struct Reading {
    device: String,
    celsius: f64,
}

/// Called for each record, in order. After an error the stream delivers again from this record on.
pub async fn on_reading(Json(reading): Json<Reading>, _cx: Context<App>) -> Result<(), Failure> {
    tracing::info!(reading.device, reading.celsius, "a reading arrived");
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use serde_json::json;
    use switchboard::testing::Kinesis;
    use switchboard::testing::RecordOutcome::{Done, Failed, NotStarted};

    #[tokio::test]
    async fn the_stream_comes_again_from_a_record_that_is_not_a_reading() {
        let readings = [
            json!({"device": "sensor-17", "celsius": 21.4}),
            json!({"device": "sensor-17"}),
            json!({"device": "sensor-17", "celsius": 21.5}),
        ];
        let records = readings.map(|reading| Kinesis::record("sensor-17", &reading));
        let delivered = router(App).deliver(Kinesis::batch(records)).await;
        assert!(matches!(
            delivered.outcomes()[..],
            [Done, Failed(_), NotStarted]
        ));
    }
}
