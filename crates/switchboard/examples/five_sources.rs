//! Five event sources, one function: each handler only reads a field.
//!
//! To try it:
//!
//! ```text
//! cargo switchboard invoke events/s3/put.json -- --example five_sources
//! ```

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use axum::extract::Path;
use axum::routing::get;
use switchboard::{Context, Failure, Router};

async fn on_object(record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
    tracing::debug!(key = record.s3.object.key, "object");
    Ok(())
}

async fn on_change(record: EventRecord, _cx: Context<()>) -> Result<(), Failure> {
    tracing::debug!(event = record.event_name, "item");
    Ok(())
}

async fn on_record(record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    tracing::debug!(bytes = record.kinesis.data.len(), "record");
    Ok(())
}

async fn on_event(event: CloudWatchEvent, _cx: Context<()>) -> Result<(), Failure> {
    tracing::debug!(kind = event.detail_type, "event");
    Ok(())
}

async fn hello(Path(name): Path<String>) -> String {
    format!("hello, {name}\n")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), switchboard::Error> {
    switchboard::init(async { switchboard::telemetry::init() }).await?;
    let api = axum::Router::new().route("/hello/{name}", get(hello));
    let router = Router::new(())
        .s3(on_object)
        .dynamodb(on_change)
        .kinesis(on_record)
        .cloudwatch_events(on_event)
        .http(api);
    switchboard::run(router).await
}
