//! A function that writes log lines and metrics if `INSTRUMENTED` is set in its environment.
//! Its handlers log nothing at the level that is written, like the library when a record succeeds.

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
    if std::env::var_os("INSTRUMENTED").is_some() {
        switchboard::init(async { telemetry::init() }).await?;
    }
    let router = Router::new(()).kinesis(on_record).cloudwatch_events(on_event);
    switchboard::run(router).await
}
