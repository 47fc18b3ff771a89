//! The stock function: one binary for S3, API Gateway, DynamoDB Streams, Kinesis and CloudWatch Events.

use switchboard::handlers::{self, App};
use switchboard::{Error, telemetry};

fn main() -> Result<(), Error> {
    switchboard::block_on(async {
        let app = switchboard::init(configure()).await?;
        switchboard::run(handlers::router(app)).await
    })
}

async fn configure() -> Result<App, Error> {
    telemetry::init()?;
    App::from_env().await
}
