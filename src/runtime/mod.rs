//! The way in and out: polling the Runtime API through `lambda_runtime` in each of Lambda's modes, telling it when start-up
//! fails, and stopping.

mod concurrency;
mod init;

mod deadline;
mod describe;
mod payload;
mod polling;
mod run;
mod snap_start;

#[cfg(feature = "graceful-shutdown")]
mod shutdown;

pub use concurrency::block_on;
pub use init::init;
pub use payload::Payload;
pub use run::run;
