//! A response of two pieces, streamed: with `STREAMED=by_hand` by a function on `lambda_runtime` alone, else by Switchboard.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_util::{Stream, StreamExt as _, stream};
use lambda_runtime::streaming::Response;
use lambda_runtime::{Error, LambdaEvent, MetadataPrelude, service_fn};
use std::convert::Infallible;
use std::hint::black_box;
use switchboard::{Router, StreamingFronts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if std::env::var("STREAMED").as_deref() == Ok("by_hand") {
        lambda_runtime::tracing::init_default_subscriber();
        return lambda_runtime::run(service_fn(by_hand)).await;
    }
    switchboard::telemetry::init()?;
    let api = axum::Router::new().route("/hello/{name}", get(|| async { Body::from_stream(pieces()) }));
    switchboard::run(Router::new(()).http_stream(api, StreamingFronts::FUNCTION_URL)).await?;
    Ok(())
}

async fn by_hand(
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<Response<impl Stream<Item = Result<Bytes, Infallible>>>, Error> {
    black_box(&event.payload.raw_path);
    Ok(Response {
        metadata_prelude: MetadataPrelude::default(),
        stream: pieces().boxed(),
    })
}

fn pieces() -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    let piece = Bytes::from_static(&[b'x'; 1024]);
    // The first byte does not wait for the second piece.
    stream::iter([piece.clone(), piece]).then(|piece| async move {
        tokio::task::yield_now().await;
        Ok(piece)
    })
}
