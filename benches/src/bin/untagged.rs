//! A function for many sources, as one finds it on the web: an untagged enum that takes the first type which
//! parses. It is measured for speed; that it also picks wrong types is another matter.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb;
use aws_lambda_events::kinesis::KinesisEvent;
use aws_lambda_events::s3::S3Event;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use std::hint::black_box;

#[derive(Deserialize)]
#[serde(untagged)]
enum Event {
    S3(S3Event),
    Kinesis(KinesisEvent),
    DynamoDb(dynamodb::Event),
    CloudWatch(CloudWatchEvent),
    Http(Box<ApiGatewayV2httpRequest>),
}

async fn handle(event: LambdaEvent<Event>) -> Result<Value, Error> {
    match event.payload {
        Event::S3(event) => {
            for record in event.records {
                black_box(&record.s3.object.key);
            }
        }
        Event::Kinesis(event) => {
            for record in event.records {
                black_box(record.kinesis.data.len());
            }
            return Ok(json!({"batchItemFailures": []}));
        }
        Event::DynamoDb(event) => {
            for record in event.records {
                black_box(&record.event_name);
            }
            return Ok(json!({"batchItemFailures": []}));
        }
        Event::CloudWatch(event) => {
            black_box(&event.detail_type);
        }
        Event::Http(request) => {
            let name = request
                .raw_path
                .as_deref()
                .and_then(|path| path.strip_prefix("/hello/"))
                .unwrap_or("");
            return Ok(json!({"statusCode": 200, "body": format!("hello, {name}\n")}));
        }
    }
    Ok(Value::Null)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}
