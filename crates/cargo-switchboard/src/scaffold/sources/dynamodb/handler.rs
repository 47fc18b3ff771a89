use aws_lambda_events::dynamodb::EventRecord;
use serde::Deserialize;
use switchboard::{Context, Failure};

#[derive(Deserialize)]
struct Order {
    status: String,
    total: u32,
}

/// Called for each change, in order. After an error the stream delivers again from this change on.
pub async fn on_change(record: EventRecord, _cx: Context<App>) -> Result<(), Failure> {
    if record.event_name == "REMOVE" {
        return Ok(());
    }
    let order: Order = serde_dynamo::from_item(record.change.new_image)?;
    tracing::info!(
        order.status,
        order.total,
        change = record.event_name,
        "an order changed"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::dynamodb::Event;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn an_item_that_is_no_order_is_an_error() {
        let record = r#"{"eventSource":"aws:dynamodb","eventID":"e-1","eventName":"INSERT","dynamodb":{"SequenceNumber":"1",
            "Keys":{"pk":{"S":"ORDER#17"}},"NewImage":{"pk":{"S":"ORDER#17"},"status":{"S":"PLACED"},"total":{"N":"249"}}}}"#;
        let outcome = deliver::<Event, _, _, _>(&App, on_change, record).await;
        assert!(outcome.is_ok());
        let record = record.replace("249", "-1");
        let outcome = deliver::<Event, _, _, _>(&App, on_change, &record).await;
        assert!(outcome.is_err());
    }
}
