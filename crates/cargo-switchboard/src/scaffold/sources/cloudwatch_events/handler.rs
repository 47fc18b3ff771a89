use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use serde::{Deserialize, Serialize};
use switchboard::{Context, Failure};

#[derive(Deserialize, Serialize)]
pub struct Parcel {
    parcel: String,
    depot: String,
}

/// Called for each event. After an error it is delivered again.
pub async fn on_event(event: CloudWatchEvent<Parcel>, _cx: Context<App>) -> Result<(), Failure> {
    let detail = event.detail.ok_or("the event has no detail")?;
    tracing::info!(
        detail.parcel,
        detail.depot,
        kind = event.detail_type,
        "an event arrived"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn a_parcel_is_handled() {
        let event = r#"{"detail-type":"Parcel Arrived","source":"com.example.warehouse","detail":{"parcel":"PX-20931","depot":"Leipzig"}}"#;
        let outcome = deliver::<CloudWatchEvent<Parcel>, _, _, _>(&App, on_event, event).await;
        assert!(outcome.is_ok());
    }
}
