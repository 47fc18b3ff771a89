//! Which handler serves which source.

use super::{App, api_gateway, cloudwatch_events, dynamodb, kinesis, s3};
use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::kinesis::KinesisEvent;
use switchboard::Router;

/// The stock function's router. Replace a handler, or leave one out, to make another function of it. Streams are
/// handled in batches, which the journal appends in bulk.
#[must_use]
pub fn router(app: App) -> Router<App> {
    Router::new(app.clone())
        .s3(s3::on_object)
        .http(api_gateway::Api::new(app))
        .on_batch::<Event>(dynamodb::on_changes)
        .on_batch::<KinesisEvent>(kinesis::on_records)
        .cloudwatch_events(cloudwatch_events::on_event)
        // A DynamoDB client is then part of the snapshot; its connections are opened after the restore.
        .before_snapshot(|app: App| async move { app.store().prepare().await })
}
