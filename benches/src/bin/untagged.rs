//! A function for many sources, as one finds it on the web: an untagged enum that takes the first type which
//! parses, with log lines as `cargo lambda new` has them. It is measured for speed; that it also picks wrong types is
//! another matter.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb;
use aws_lambda_events::kinesis::KinesisEvent;
use aws_lambda_events::s3::S3Event;
use axum::extract::Path;
use axum::routing::get;
use lambda_http::http::{self, Response};
use lambda_http::request::LambdaRequest;
use lambda_http::{Body, IntoResponse};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::hint::black_box;
use tower::ServiceExt;

#[derive(Deserialize)]
#[serde(untagged)]
enum Event {
    S3(S3Event),
    Kinesis(KinesisEvent),
    DynamoDb(dynamodb::Event),
    CloudWatch(CloudWatchEvent),
    Http(Box<ApiGatewayV2httpRequest>),
}

/// The reply of an HTTP API, as small as it may be.
fn reply(response: &Response<Body>) -> Result<Value, Error> {
    let headers: HashMap<&str, &str> = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    Ok(json!({"statusCode": response.status().as_u16(), "headers": headers, "body": response.body()}))
}

async fn hello(Path(name): Path<String>) -> String {
    format!("hello, {name}\n")
}

async fn handle(event: LambdaEvent<Event>, api: axum::Router) -> Result<Value, Error> {
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
            let request = http::Request::<Body>::from(LambdaRequest::ApiGatewayV2(*request));
            let response = api.oneshot(request).await?.into_response().await;
            return reply(&response);
        }
    }
    Ok(Value::Null)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let api = axum::Router::new().route("/hello/{name}", get(hello));
    run(service_fn(move |event| handle(event, api.clone()))).await
}
