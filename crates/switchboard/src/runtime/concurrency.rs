//! The tokio runtime that suits how Lambda runs the process.

use crate::error::Error;
use crate::mode::Mode;
use std::future::Future;
use tokio::runtime::Builder;

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
    let mut builder = match Mode::from_env() {
        Ok(Mode::ManagedInstances { .. }) => Builder::new_multi_thread(),
        Ok(Mode::Classic) | Err(_) => Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build().map_err(Error::setup)?;
    let result = runtime.block_on(main);
    // The process is about to end: nobody waits for what blocks a thread.
    runtime.shutdown_background();
    result
}
