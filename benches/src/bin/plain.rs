//! A function for one source, as one writes it by hand: `lambda_runtime` reads the whole event into its struct,
//! the handler looks at a field of each record, and log lines are on as `cargo lambda new` has them. `PLAIN` in the
//! environment says which source.

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb;
use aws_lambda_events::kinesis::KinesisEvent;
use aws_lambda_events::s3::S3Event;
use aws_lambda_events::streams::{DynamoDbEventResponse, KinesisEventResponse};
use axum::extract::Path;
use axum::routing::get;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use std::hint::black_box;

async fn s3(event: LambdaEvent<S3Event>) -> Result<(), Error> {
    for record in event.payload.records {
        black_box(&record.s3.object.key);
    }
    Ok(())
}

async fn dynamodb(event: LambdaEvent<dynamodb::Event>) -> Result<DynamoDbEventResponse, Error> {
    for record in event.payload.records {
        black_box(&record.event_name);
    }
    Ok(DynamoDbEventResponse::default())
}

async fn kinesis(event: LambdaEvent<KinesisEvent>) -> Result<KinesisEventResponse, Error> {
    for record in event.payload.records {
        black_box(record.kinesis.data.len());
    }
    Ok(KinesisEventResponse::default())
}

async fn cloudwatch_events(event: LambdaEvent<CloudWatchEvent>) -> Result<(), Error> {
    black_box(&event.payload.detail_type);
    Ok(())
}

async fn hello(Path(name): Path<String>) -> String {
    format!("hello, {name}\n")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    match std::env::var("PLAIN").as_deref() {
        Ok("s3") => run(service_fn(s3)).await,
        Ok("dynamodb") => run(service_fn(dynamodb)).await,
        Ok("kinesis") => run(service_fn(kinesis)).await,
        Ok("cloudwatch_events") => run(service_fn(cloudwatch_events)).await,
        Ok("api_gateway") => lambda_http::run(axum::Router::new().route("/hello/{name}", get(hello))).await,
        other => Err(format!("PLAIN is {other:?}, but must name a source").into()),
    }
}
