use aws_lambda_events::sqs::SqsMessage;
use serde::Deserialize;
use switchboard::{Context, Failure};

#[derive(Deserialize)]
struct Order {
    id: u64,
    customer: String,
}

/// Called for each message. `Ok` deletes it from the queue; an error brings this message back, and no other.
pub async fn on_message(message: SqsMessage, _cx: Context<App>) -> Result<(), Failure> {
    let body = message.body.unwrap_or_default();
    let order: Order = serde_json::from_str(&body)?;
    tracing::info!(order.id, order.customer, "an order arrived");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::sqs::SqsEvent;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn a_message_that_is_no_order_is_an_error() {
        let message = r#"{"messageId":"m-1","eventSource":"aws:sqs","body":"{\"id\":17,\"customer\":\"Ada\"}"}"#;
        let outcome = deliver::<SqsEvent, _, _, _>(&App, on_message, message).await;
        assert!(outcome.is_ok());
        let message = message.replace("17", "null");
        let outcome = deliver::<SqsEvent, _, _, _>(&App, on_message, &message).await;
        assert!(outcome.is_err());
    }
}
