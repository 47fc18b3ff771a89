//! A small service and its unit tests: every source it listens to, with events as AWS sends them.
//!
//! ```console
//! $ cargo test -p lambda-switchboard --example tested
//! ```

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde::{Deserialize, Serialize};
use switchboard::{Context, DeadLetter, Failure, Router, Unwrap};

/// An order, as messages, events and the table contain it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Order {
    id: String,
    cents: u64,
}

/// Orders arrive in a queue. A message that is not an order is rejected: a retry would not help.
async fn on_order(message: SqsMessage, _cx: Context<()>) -> Result<(), Failure> {
    let body = message.body.unwrap_or_default();
    let order: Order = serde_json::from_str(&body).map_err(|error| Failure::new(error).rejecting())?;
    match order.cents {
        0 => Err(Failure::msg("the price is not known yet")),
        cents => {
            tracing::info!(order = order.id, cents, "an order");
            Ok(())
        }
    }
}

/// Invoices are put into a bucket, whose notifications come through a topic and a queue.
async fn on_invoice(record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
    match record.s3.object.size {
        Some(0) => Err(Failure::msg("the invoice is empty")),
        _ => Ok(()),
    }
}

/// The table's stream reports paid orders.
async fn on_change(record: EventRecord, _cx: Context<()>) -> Result<(), Failure> {
    let order: Order = serde_dynamo::from_item(record.change.new_image)?;
    tracing::info!(order = order.id, "a change");
    Ok(())
}

async fn on_event(event: CloudWatchEvent<Order>, _cx: Context<()>) -> Result<(), Failure> {
    let order = event
        .detail
        .ok_or_else(|| Failure::reject("an event without an order"))?;
    tracing::info!(order = order.id, "an event");
    Ok(())
}

fn router() -> Router<()> {
    Router::new(())
        .on::<SqsEvent>(Unwrap.or(on_order))
        .s3(on_invoice)
        .dynamodb(on_change)
        .cloudwatch_events(on_event)
        .dead_letters(|letter: DeadLetter| async move {
            tracing::warn!(id = letter.id, reason = letter.reason, "rejected");
            Ok::<_, std::io::Error>(())
        })
}

fn main() -> Result<(), switchboard::Error> {
    switchboard::block_on(switchboard::run(router()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use switchboard::source::Source;
    use switchboard::testing::{DynamodbStream, EventBridge, RecordOutcome, S3, Sqs};

    fn order(cents: u64) -> Order {
        Order {
            id: "o-1001".to_owned(),
            cents,
        }
    }

    #[tokio::test]
    async fn only_the_order_without_a_price_comes_again() {
        let batch = Sqs::batch([
            Sqs::message(&order(24_900)),
            Sqs::message(&order(0)).id("free").received(3),
            Sqs::text("not an order"),
        ]);
        let delivered = router().deliver(batch).await;
        let [done, failed, rejected] = &delivered.outcomes()[..] else {
            panic!("{delivered}");
        };
        assert_eq!(*done, RecordOutcome::Done);
        assert_eq!(
            *failed,
            RecordOutcome::Failed("the price is not known yet".to_owned())
        );
        assert!(matches!(rejected, RecordOutcome::Rejected(_)), "{delivered}");
        assert_eq!(
            delivered.reply(),
            &json!({"batchItemFailures": [{"itemIdentifier": "free"}]})
        );
    }

    #[tokio::test]
    async fn in_a_fifo_queue_nothing_of_a_group_overtakes_a_failure() {
        let message = |cents| Sqs::message(&order(cents)).fifo("customer-42");
        let other = Sqs::message(&order(1)).fifo("customer-7");
        let batch = Sqs::batch([message(0), message(1), other]);
        let outcomes = router().deliver(batch).await.outcomes();
        assert!(matches!(
            outcomes[..],
            [
                RecordOutcome::Failed(_),
                RecordOutcome::NotStarted,
                RecordOutcome::Done
            ]
        ));
    }

    #[tokio::test]
    async fn an_invoice_is_found_in_the_notification_in_the_message() {
        let invoice = |size| S3::put("invoices", "2026/inv 1.pdf").size(size).in_sns().in_sqs();
        let delivered = router().deliver(Sqs::batch([invoice(7), invoice(0)])).await;
        assert!(matches!(
            delivered.outcomes()[..],
            [RecordOutcome::Done, RecordOutcome::Failed(_)]
        ));
    }

    #[tokio::test]
    async fn changes_and_events_are_read_as_orders() {
        let keys = json!({"id": "o-1001"});
        let change = DynamodbStream::modify("orders", &keys, &order(0), &order(24_900));
        router().deliver(change).await.assert_done();
        let event = EventBridge::event("shop.orders", "Order Placed", &order(24_900));
        let delivered = router().deliver(event).await;
        delivered.assert_done();
        assert_eq!(delivered.source(), Source::CloudwatchEvents);
        assert!(delivered.logs().iter().any(|line| line["order"] == "o-1001"));
    }
}
