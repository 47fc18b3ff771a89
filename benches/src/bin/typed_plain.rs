//! A function for one source whose handler needs the application's own type of each record, as one writes it by hand:
//! `lambda_runtime` reads the whole event into the struct of `aws_lambda_events`, the handler reads each record's body.
//! `PLAIN` in the environment says which source.

use aws_lambda_events::dynamodb;
use aws_lambda_events::kinesis::KinesisEvent;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::streams::{DynamoDbEventResponse, KinesisEventResponse};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use std::hint::black_box;
use types::{Click, Line, Order};

#[path = "../types.rs"]
mod types;

async fn kinesis(event: LambdaEvent<KinesisEvent>) -> Result<KinesisEventResponse, Error> {
    for record in event.payload.records {
        let click: Click = serde_json::from_slice(&record.kinesis.data)?;
        black_box(&click);
    }
    Ok(KinesisEventResponse::default())
}

async fn dynamodb(event: LambdaEvent<dynamodb::Event>) -> Result<DynamoDbEventResponse, Error> {
    for record in event.payload.records {
        let new: Line = serde_dynamo::from_item(record.change.new_image)?;
        let old: Line = serde_dynamo::from_item(record.change.old_image)?;
        black_box((&record.event_name, &record.change.keys, &new, &old));
    }
    Ok(DynamoDbEventResponse::default())
}

async fn sqs(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    for message in event.payload.records {
        let order: Order = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        black_box(&order);
    }
    Ok(SqsBatchResponse::default())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    match std::env::var("PLAIN").as_deref() {
        Ok("kinesis") => run(service_fn(kinesis)).await,
        Ok("dynamodb") => run(service_fn(dynamodb)).await,
        Ok("sqs") => run(service_fn(sqs)).await,
        other => Err(format!("PLAIN is {other:?}, but must name a source").into()),
    }
}
