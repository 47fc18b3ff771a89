//! Whether Lambda gives several invocations to this process at once, and the tokio runtime that suits it.

use crate::error::Error;
use std::future::Future;
use tokio::runtime::Builder;

/// Set on Managed Instances. AWS Lambda Developer Guide, “Using the Lambda runtime API for custom runtimes”.
const VARIABLE: &str = "AWS_LAMBDA_MAX_CONCURRENCY";

/// How many invocations there are at once at most, if the function runs on Managed Instances.
///
/// # Errors
/// The variable holds no such number.
pub(super) fn managed() -> Result<Option<u32>, Error> {
    let Some(value) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let value = value.to_string_lossy();
    match value.parse::<u32>() {
        Ok(at_once @ 1..) => Ok(Some(at_once)),
        _ => {
            let allowed = "a whole number from 1 on, as Lambda sets it, or unset";
            Err(Error::configuration(VARIABLE, Some(value.into_owned()), allowed))
        }
    }
}

/// Runs the function's `main` on the tokio runtime that suits how Lambda runs it: on one thread where invocations come one
/// at a time, which starts fastest; on a thread per processor on Managed Instances, where many come at once.
///
/// It stands in the place of `#[tokio::main]`, which has to be told one of the two when the function is compiled.
///
/// # Errors
///
/// The error of `main`; or the runtime cannot be made, because the system refuses a thread, say.
///
/// # Example
///
/// ```no_run
/// use switchboard::{Error, Router};
///
/// fn main() -> Result<(), Error> {
///     switchboard::block_on(async {
///         switchboard::init(async { switchboard::telemetry::init() }).await?;
///         switchboard::run(Router::new(())).await
///     })
/// }
/// ```
pub fn block_on<T>(main: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    // A value that cannot be read is `run`'s to report: it tells Lambda.
    let mut builder = match managed() {
        Ok(Some(_)) => Builder::new_multi_thread(),
        Ok(None) | Err(_) => Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build().map_err(Error::setup)?;
    let result = runtime.block_on(main);
    // The process is about to end: nobody waits for what blocks a thread.
    runtime.shutdown_background();
    result
}
