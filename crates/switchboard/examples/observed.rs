//! What an application logs and counts, and what its lines belong to: fields, spans, separate tasks, metrics, and
//! failures of each kind.
//!
//! To try it:
//!
//! ```text
//! export AWS_LAMBDA_LOG_FORMAT=JSON SWITCHBOARD_LOG_BUFFER_MAX_BYTES=20480 POWERTOOLS_METRICS_NAMESPACE=Observed
//! cargo switchboard invoke events/kinesis/*.json -- --example observed
//! ```

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sns::{SnsEvent, SnsRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use axum::routing::get;
use std::io;
use std::panic::catch_unwind;
use std::time::Duration;
use switchboard::telemetry::{Dimension, Metric, Metrics, Unit};
use switchboard::{Context, DeadLetter, Failure, Handler as _, Router, telemetry};
use tracing::Instrument as _;

const RECORD_SIZE: Metric = Metric::new("RecordSize", Unit::Bytes);
const BYTES_READ: Metric = Metric::new("BytesRead", Unit::Bytes);
const GREETINGS: Metric = Metric::new("Greetings", Unit::Count);
const PARTITION: Dimension = Dimension::new("Partition");

async fn on_object(record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(event = record.event_name, "object");
    Ok(())
}

async fn on_change(_record: EventRecord, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!("item");
    Ok(())
}

async fn on_record(record: KinesisEventRecord, cx: Context<()>) -> Result<(), Failure> {
    tracing::info!("record");
    let size = record.kinesis.data.len();
    cx.metrics().record(RECORD_SIZE, size as f64);
    let partition = cx.metrics().with(PARTITION, record.kinesis.partition_key);
    partition.add(BYTES_READ, size as u64);
    Ok(())
}

async fn on_notification(_record: SnsRecord, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!("notification");
    Ok(())
}

/// Does what the message says.
async fn on_message(message: SqsMessage, _cx: Context<()>) -> Result<(), Failure> {
    tracing::debug!("message");
    // Lets the other messages of the batch run in between.
    tokio::task::yield_now().await;
    match message.body.as_deref() {
        Some("fail") => Err(io::Error::other(Refused(io::Error::other("the disk is full"))).into()),
        Some("reject") => Err(Failure::reject("nobody wants it")),
        Some("panic") => panic!("no such thing"),
        // A panic that the application catches is logged, too.
        Some("catch") => {
            let _ = catch_unwind(|| panic!("caught"));
            Ok(())
        }
        Some("hang") => std::future::pending().await,
        _ => {
            tracing::info!("handled");
            Ok(())
        }
    }
}

#[derive(Debug)]
struct Refused(io::Error);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the message was refused")
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

async fn on_event(event: CloudWatchEvent, _cx: Context<()>) -> Result<(), Failure> {
    let work = async {
        let (requests, share, missing) = (3, 0.5, None::<u8>);
        tracing::warn!(
            requests,
            share,
            missing,
            source = event.source,
            requestId = "another",
            r#type = ?event.detail_type,
            "two\nlines"
        );
    };
    let span = tracing::info_span!("order", order = 7, requests = 1, late = tracing::field::Empty);
    span.record("late", true);
    work.instrument(span).await;
    let beside = async { tracing::info!("beside the invocation") };
    tokio::spawn(telemetry::in_scope(beside)).await?;
    Ok(())
}

async fn hello() -> &'static str {
    tracing::info!("hello");
    Metrics::current().add(GREETINGS, 1);
    "hello\n"
}

async fn hang() -> &'static str {
    tracing::debug!("about to hang");
    tokio::time::sleep(Duration::from_secs(3600)).await;
    "never\n"
}

async fn block() -> &'static str {
    std::thread::sleep(Duration::from_secs(3600));
    "never\n"
}

async fn fail() -> &'static str {
    panic!("no such page")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), switchboard::Error> {
    switchboard::init(async { telemetry::init() }).await?;
    let api = axum::Router::new()
        .route("/hello", get(hello))
        .route("/hang", get(hang))
        .route("/block", get(block))
        .route("/fail", get(fail));
    let router = Router::new(())
        .s3(on_object)
        .dynamodb(on_change)
        .kinesis(on_record)
        .cloudwatch_events(on_event)
        .on::<SnsEvent>(on_notification)
        .on::<SqsEvent>(on_message.concurrency(10))
        .dead_letters(|_: DeadLetter| async { Ok::<_, io::Error>(()) })
        .http(api);
    switchboard::run(router).await
}
