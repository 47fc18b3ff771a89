//! The internal extension without which Lambda sends no SIGTERM.

use http::{Method, Request};
use lambda_runtime::Error;
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{Client, build_request};

/// Told from the names of other extensions of the function.
const NAME: &str = "switchboard-graceful-shutdown";

/// Registers an extension that wants to know of no event, and has it wait for one, as Lambda asks of every extension
/// before initialisation is over. AWS Lambda Developer Guide, “Using the Lambda Extensions API to create extensions”.
///
/// Where it cannot be registered, under an emulator that has no extensions for instance, SIGTERM may come all the same.
pub(super) async fn register() {
    match registered().await {
        Ok((client, next)) => {
            // Not answered for as long as the process lives; what is answered all the same is of no interest.
            tokio::spawn(async move { client.call(next).await });
        }
        Err(error) => {
            tracing::warn!(%error, "no extension could be registered: Lambda may send no SIGTERM");
        }
    }
}

/// The client, and the request that waits for events.
async fn registered() -> Result<(Client, Request<Body>), Error> {
    let client = Client::builder().build()?;
    let register = build_request()
        .method(Method::POST)
        .uri("/2020-01-01/extension/register")
        .header("lambda-extension-name", NAME)
        .header("content-type", "application/json")
        .body(Body::from(r#"{"events":[]}"#))?;
    let response = client.call(register).await?;
    if !response.status().is_success() {
        return Err(format!("the Extensions API answered {}", response.status()).into());
    }
    let id = response.headers().get("lambda-extension-identifier");
    let id = id.ok_or("the Extensions API gave no identifier")?;
    let next = build_request()
        .method(Method::GET)
        .uri("/2020-01-01/extension/event/next")
        .header("lambda-extension-identifier", id)
        .body(Body::empty())?;
    Ok((client, next))
}
