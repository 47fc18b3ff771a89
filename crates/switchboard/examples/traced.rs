//! What an application adds to its traces: spans by `tracing`, spans by OpenTelemetry, and separate tasks.
//!
//! To try it, with a collector on port 4318 of this machine:
//!
//! ```text
//! export OTEL_TRACES_SAMPLER=always_on
//! cargo switchboard invoke events/kinesis/*.json -- --example traced --features otel
//! ```

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sns::{SnsEvent, SnsRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use opentelemetry::trace::{FutureExt as _, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context as Trace, global};
use std::time::Duration;
use switchboard::{Batch, Context, DeadLetter, Failure, Handler as _, Router, telemetry};

async fn on_object(_record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

/// Does not wait.
async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

/// A bulk write: one call for all.
async fn on_notifications(batch: Batch<SnsRecord>, _cx: Context<()>) -> Result<(), Failure> {
    batch.done();
    Ok(())
}

/// Does what the message says.
async fn on_message(message: SqsMessage, _cx: Context<()>) -> Result<(), Failure> {
    match message.body.as_deref() {
        Some("fail") => Err(Failure::msg("the disk is full")),
        Some("reject") => Err(Failure::reject("nobody wants it")),
        Some("panic") => panic!("no such thing"),
        Some("hang") => std::future::pending().await,
        _ => {
            ship(7).await;
            Ok(())
        }
    }
}

/// A span by `tracing`, and in it one by OpenTelemetry.
#[tracing::instrument]
async fn ship(order: u64) {
    tracing::info!("shipped");
    let label = global::tracer("labels").start("print a label");
    let printing = async { tokio::task::yield_now().await };
    printing.with_context(Trace::current_with_span(label)).await;
}

async fn on_event(_event: CloudWatchEvent, _cx: Context<()>) -> Result<(), Failure> {
    let beside = telemetry::in_scope(async { ship(8).await });
    tokio::spawn(beside).await?;
    Ok(())
}

async fn order(Path(id): Path<u64>) -> String {
    format!("order {id}\n")
}

async fn down() -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

async fn fail() -> &'static str {
    panic!("no such page")
}

async fn hang() -> &'static str {
    ship(9).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    "never\n"
}

async fn serve() -> Result<(), switchboard::Error> {
    switchboard::init(async { telemetry::init() }).await?;
    let api = axum::Router::new()
        .route("/orders/{id}", get(order))
        .route("/down", get(down))
        .route("/fail", get(fail))
        .route("/hang", get(hang));
    let router = Router::new(())
        .s3(on_object)
        .kinesis(on_record)
        .cloudwatch_events(on_event)
        .on_batch::<SnsEvent>(on_notifications)
        .on::<SqsEvent>(on_message.concurrency(10))
        .dead_letters(|_: DeadLetter| async { Ok::<_, std::io::Error>(()) })
        .http(api);
    switchboard::run(router).await
}

fn main() -> Result<(), switchboard::Error> {
    switchboard::block_on(serve())
}
