//! A function whose handler waits, as one that calls another service does; `LANES` in the environment says how many
//! records it handles at once.

use aws_lambda_events::kinesis::KinesisEventRecord;
use std::time::Duration;
use switchboard::{Context, Error, Failure, Handler, Router};

async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    tokio::time::sleep(Duration::from_millis(2)).await;
    Ok(())
}

async fn lanes() -> Result<usize, Error> {
    let text = std::env::var("LANES").ok();
    let lanes = text.as_deref().and_then(|text| text.parse().ok());
    lanes.ok_or_else(|| Error::configuration("LANES", text, "a number"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let lanes = switchboard::init(lanes()).await?;
    switchboard::run(Router::new(()).kinesis(on_record.concurrency(lanes))).await
}
