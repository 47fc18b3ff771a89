//! Start-up that may fail, and how that is reported to Lambda.

use super::api::Api;
use super::environment;
use crate::error::Error;
use std::future::Future;

/// Runs start-up code. If it fails, reports the error to the Runtime API as an initialization error, so that the
/// function's log shows it as one, and returns it for `main` to print.
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
            if let Ok(endpoint) = environment::endpoint() {
                // In a box, like everything that start-up rarely needs: `main`'s stack stays small.
                Box::pin(async { report(&Api::new(endpoint, 1), &error).await }).await;
            }
            Err(error)
        }
    }
}

/// The same with an existing client.
pub(super) async fn init_by<T>(api: &Api, setup: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let set_up = setup.await;
    if let Err(error) = &set_up {
        report(api, error).await;
    }
    set_up
}

/// Best effort: if the report fails, only the error that `main` prints is left.
async fn report(api: &Api, error: &Error) {
    if let Err(failed) = api.init_failed(error).await {
        tracing::warn!(error = %failed, "the initialisation error could not be reported to the Runtime API");
    }
}
