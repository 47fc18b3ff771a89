//! The service of a shop: one function that hears of orders from eleven places.
//!
//! Each module is one of them, with types of its own. The tests of each stand in `tests/`, and run without AWS:
//!
//! ```console
//! $ cargo test -p lambda-switchboard --example orders
//! ```

mod app;

mod api;
mod clicks;
mod events;
mod files;
mod graphql;
mod payments;
mod prices;
mod queues;
mod table;
mod users;

#[cfg(test)]
mod tests;

use app::App;
use switchboard::when::{bucket, detail_type, field, key_suffix, queue, resolver, topic};
use switchboard::{Handler as _, OnFault, Router, Unwrap};

fn router(app: App) -> Router<App> {
    Router::new(app.clone())
        // Two FIFO queues, and one in which the bucket's notifications arrive through a topic.
        .sqs(
            queues::on_order
                .when(queue("orders.fifo"))
                .on_unreadable(OnFault::Reject),
        )
        .sqs(
            queues::on_refund
                .when(queue("refunds.fifo"))
                .on_unreadable(OnFault::Reject),
        )
        .sqs(Unwrap.when(queue("files")))
        .s3(files::on_invoice.when(bucket("shop").and(key_suffix(".pdf"))))
        // Streams.
        .dynamodb(table::on_change)
        .kinesis(clicks::on_click.concurrency(8))
        .kafka(prices::on_price.when(topic("prices")))
        // Three types of events, and the rest of what the bus sends.
        .cloudwatch_events(events::on_shipped.when(detail_type("ParcelShipped")))
        .cloudwatch_events(events::on_returned.when(detail_type("ParcelReturned")))
        .cloudwatch_events(events::on_stock.when(detail_type("StockChanged")))
        .cloudwatch_events(events::on_other.otherwise())
        // Callers that wait.
        .http(api::service(app))
        .cognito(users::on_sign_up)
        .cognito(users::on_confirmation)
        .appsync(graphql::order.when(resolver("Query", "order")))
        .appsync(graphql::parcels.when(resolver("Order", "parcels")).concurrency(4))
        .direct::<payments::Charge>(payments::charge.when(field("task").is("charge")))
        .dead_letters(app::bury)
}

fn main() -> Result<(), switchboard::Error> {
    switchboard::block_on(async {
        let app = switchboard::init(async {
            switchboard::telemetry::init()?;
            Ok::<_, switchboard::Error>(App::default())
        })
        .await?;
        switchboard::run(router(app)).await
    })
}
