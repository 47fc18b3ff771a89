//! A function that tells of itself, or does not: `TOLD` in the environment says whether log lines and metrics are written.
//! Its handlers log nothing at the level that is written, as the library does of what succeeds.

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::kinesis::KinesisEventRecord;
use switchboard::{Context, Error, Failure, Router, telemetry};

async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

async fn on_event(event: CloudWatchEvent, _cx: Context<()>) -> Result<(), Failure> {
    tracing::debug!(kind = event.detail_type, "event");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var_os("TOLD").is_some() {
        switchboard::init(async { telemetry::init() }).await?;
    }
    let router = Router::new(()).kinesis(on_record).cloudwatch_events(on_event);
    switchboard::run(router).await
}
