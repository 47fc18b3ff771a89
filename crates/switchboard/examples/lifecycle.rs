//! The life of a function: many invocations at once on Managed Instances, a snapshot and a restore with SnapStart, and
//! the end by SIGTERM.
//!
//! To try it:
//!
//! ```text
//! cargo switchboard run --max-concurrency 64 -- --example lifecycle
//! ```

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use axum::extract::{Path, State};
use axum::routing::get;
use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::{Context, Error, Failure, Router, telemetry};
use tokio::sync::Barrier;

/// What all invocations share.
#[derive(Clone)]
struct App {
    /// Opens when this many invocations are running at once.
    gate: Arc<Barrier>,
    /// How often the environment has been restored; each environment needs its own count.
    restored: Arc<AtomicU32>,
    /// Something that does not survive a snapshot.
    connection: Arc<Mutex<Option<&'static str>>>,
}

impl App {
    fn from_env() -> Result<Self, Error> {
        let together = std::env::var("LIFECYCLE_TOGETHER").unwrap_or_else(|_| "1".to_owned());
        let together = together
            .parse()
            .map_err(|_| Error::configuration("LIFECYCLE_TOGETHER", Some(together), "a whole number"))?;
        Ok(Self {
            gate: Arc::new(Barrier::new(together)),
            restored: Arc::default(),
            connection: Arc::new(Mutex::new(Some("made at start"))),
        })
    }

    /// Does what the event says when the others have arrived, and logs it, so that a test can see to which invocation
    /// each line belongs.
    async fn work(&self, told: &str) -> Result<(), Failure> {
        tracing::info!(told, "begun");
        self.gate.wait().await;
        let what = told.split('-').next().unwrap_or_default();
        match what {
            "fail" => return Err(Failure::msg("as told")),
            "panic" => panic!("as told"),
            "hang" => std::future::pending().await,
            "slow" => tokio::time::sleep(Duration::from_millis(100)).await,
            _ => tokio::task::yield_now().await,
        }
        let connection = *self.connection.lock().map_err(|_| Failure::msg("a panic"))?;
        tracing::info!(
            told,
            connection,
            restored = self.restored.load(Ordering::Relaxed),
            "done"
        );
        Ok(())
    }

    async fn disconnect(self) -> Result<(), Error> {
        self.set(None);
        tracing::info!("before the snapshot");
        fails_if_told("before_snapshot")
    }

    async fn connect(self) -> Result<(), Error> {
        self.set(Some("made after the restore"));
        self.restored.fetch_add(1, Ordering::Relaxed);
        tracing::info!("after the restore");
        fails_if_told("after_restore")
    }

    async fn stop(self) -> Result<(), Error> {
        self.set(None);
        match std::env::var("LIFECYCLE_LAST").as_deref() {
            Ok("hangs") => {
                tracing::info!("stopping");
                std::future::pending().await
            }
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        tracing::info!("stopped");
        Ok(())
    }

    fn set(&self, connection: Option<&'static str>) {
        if let Ok(mut slot) = self.connection.lock() {
            *slot = connection;
        }
    }
}

fn fails_if_told(hook: &str) -> Result<(), Error> {
    match std::env::var("LIFECYCLE_FAIL") {
        Ok(told) if told == hook => Err(Error::setup("as told")),
        _ => Ok(()),
    }
}

async fn on_object(record: S3EventRecord, cx: Context<App>) -> Result<(), Failure> {
    cx.state().work(&record.s3.object.key.unwrap_or_default()).await
}

async fn on_record(record: KinesisEventRecord, cx: Context<App>) -> Result<(), Failure> {
    cx.state()
        .work(&String::from_utf8_lossy(&record.kinesis.data))
        .await
}

async fn on_message(message: SqsMessage, cx: Context<App>) -> Result<(), Failure> {
    cx.state().work(&message.body.unwrap_or_default()).await
}

async fn on_event(event: CloudWatchEvent, cx: Context<App>) -> Result<(), Failure> {
    let told = event
        .detail
        .as_ref()
        .and_then(|detail: &Value| detail["told"].as_str());
    cx.state().work(told.unwrap_or_default()).await
}

async fn on_request(State(app): State<App>, Path(told): Path<String>) -> Result<String, String> {
    let worked = app.work(&told).await;
    worked.map(|()| told).map_err(|failure| failure.to_string())
}

fn main() -> Result<(), Error> {
    switchboard::block_on(async {
        let app = switchboard::init(async {
            telemetry::init()?;
            App::from_env()
        })
        .await?;
        let api = axum::Router::new().route("/{told}", get(on_request));
        let router = Router::new(app.clone())
            .s3(on_object)
            .kinesis(on_record)
            .cloudwatch_events(on_event)
            .on::<SqsEvent>(on_message)
            .http(api.with_state(app))
            .before_snapshot(App::disconnect)
            .after_restore(App::connect)
            .on_shutdown(App::stop);
        switchboard::run(router).await
    })
}
