//! Start-up that may fail, and how Lambda is told.

use crate::error::Error;
use http::{Method, Request};
use lambda_runtime::Diagnostic;
use lambda_runtime_api_client::{Client, body::Body};
use std::future::Future;

/// Runs start-up code; if it fails, reports the error to the Runtime API as an initialisation error, so that it
/// shows as such in the function's log, and returns it for `main` to print.
///
/// Lambda Developer Guide, “Using the Lambda runtime API”, Initialization error.
///
/// # Errors
///
/// The error of `setup`, converted.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use switchboard::Error;
///
/// async fn connect() -> Result<u16, Error> {
///     "none".parse().map_err(|_| Error::configuration("PORT", Some("none".to_owned()), "a number"))
/// }
///
/// let error = switchboard::init(connect()).await.unwrap_err();
/// assert_eq!(error.to_string(), "PORT is \"none\", but must be a number");
/// # }
/// ```
pub async fn init<T, E>(setup: impl Future<Output = Result<T, E>>) -> Result<T, Error>
where
    E: Into<Error>,
{
    match setup.await {
        Ok(value) => Ok(value),
        Err(error) => {
            let error = error.into();
            if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
                // In a box, as all that start-up seldom needs: `main`'s stack stays small.
                Box::pin(report(&error)).await;
            }
            Err(error)
        }
    }
}

/// Best effort: when the report itself fails, the error that `main` prints is what is left.
async fn report(error: &Error) {
    let diagnostic = Diagnostic {
        error_type: error.error_type().to_owned(),
        error_message: error.to_string(),
    };
    let sent = async {
        let body = serde_json::to_vec(&diagnostic)?;
        let request = Request::builder()
            .method(Method::POST)
            .uri("/2018-06-01/runtime/init/error")
            .header("lambda-runtime-function-error-type", error.error_type())
            .body(Body::from(body))?;
        Client::builder().build()?.call(request).await
    };
    if let Err(failed) = sent.await {
        tracing::warn!(error = %failed, "the initialisation error could not be reported to the Runtime API");
    }
}
