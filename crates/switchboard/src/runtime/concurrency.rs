//! The tokio runtime that suits Lambda's mode.

use crate::error::Error;
use crate::mode::Mode;
use std::future::Future;
use tokio::runtime::Builder;

/// Runs the function's `main` on the tokio runtime that suits Lambda's mode: on one thread if invocations arrive one at
/// a time, because that starts fastest; on one thread per processor on Managed Instances, where many invocations run at
/// once.
///
/// Use it instead of `#[tokio::main]`, which needs to know the mode at compile time.
///
/// # Errors
///
/// The error of `main`. Also if the runtime cannot be created, for example because the operating system refuses a
/// thread.
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
    // An invalid value is reported by `run`, which can reach Lambda.
    let mut builder = match Mode::from_env() {
        Ok(Mode::ManagedInstances { .. }) => Builder::new_multi_thread(),
        Ok(Mode::Classic) | Err(_) => Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build().map_err(Error::setup)?;
    let result = runtime.block_on(main);
    // The process is about to end, so blocking threads are not waited for.
    runtime.shutdown_background();
    result
}
