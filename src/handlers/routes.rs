//! Which handler serves which source.

use super::{App, api_gateway, cloudwatch_events, dynamodb, kinesis, s3};
use crate::Router;

/// The stock function's router: replace a handler, or leave one out, to make it another function.
#[must_use]
pub fn router(app: App) -> Router<App> {
    Router::new(app.clone())
        .s3(s3::on_object)
        .http(api_gateway::Api::new(app))
        .dynamodb(dynamodb::on_change)
        .kinesis(kinesis::on_record)
        .cloudwatch_events(cloudwatch_events::on_event)
}
