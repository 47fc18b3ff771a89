//! The internal extension that makes Lambda send SIGTERM.

use http::{Method, Request};
use lambda_runtime::Error;
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{Client, build_request};

/// Distinct from the names of the function's other extensions.
const NAME: &str = "switchboard-graceful-shutdown";

/// Registers an extension for no events, and lets it wait for one, which Lambda requires of every extension before
/// initialization is complete. AWS Lambda Developer Guide, “Using the Lambda Extensions API to create extensions”.
///
/// If it cannot be registered, for example with an emulator that has no extensions, SIGTERM may still arrive.
pub(super) async fn register() {
    match registered().await {
        Ok((client, next)) => {
            // Lambda does not answer this while the process lives. Any answer is ignored.
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
