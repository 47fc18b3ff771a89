//! The stock function: one binary for S3, API Gateway, DynamoDB Streams, Kinesis and CloudWatch Events.

use switchboard::{Error, telemetry};
use switchboard_function::handlers::{self, App};

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
