//! Orders from SQS, each handed over to a durable execution that may take days: the mapping of a queue would wait for it.
//!
//! ```text
//! cargo switchboard run --durable --example checkout &
//! cargo switchboard invoke --example starter --env STARTER_LAMBDA=127.0.0.1:9000 events/sqs.json
//! ```
//!
//! What it calls is Lambda's API on this machine, without an SDK. In an application it is `aws_sdk_lambda::Client`, with the feature
//! `durable-client`.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use switchboard::{Error, ExecutionStart, Failure, Router, start};

/// Lambda's answer to a name that is taken.
const CONFLICT: u16 = 409;

async fn invoke(address: String, start: ExecutionStart) -> Result<(), Failure> {
    let path = format!(
        "http://{address}/2015-03-31/functions/{}/invocations",
        start.function
    );
    let request = Request::post(path)
        .header("x-amz-invocation-type", "Event")
        .header("x-amz-durable-execution-name", start.name)
        .body(Full::new(start.payload))?;
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    match client.request(request).await?.status() {
        status if status.is_success() || status.as_u16() == CONFLICT => Ok(()),
        status => Err(Failure::msg(format!("Invoke: {status}"))),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address = switchboard::init(async {
        switchboard::telemetry::init()?;
        let address = std::env::var("STARTER_LAMBDA");
        address.map_err(|_| Error::configuration("STARTER_LAMBDA", None, "a host and a port"))
    })
    .await?;
    let client = move |start| invoke(address.clone(), start);
    switchboard::run(Router::new(()).sqs(start("checkout", client).concurrency(10))).await
}
