//! The connection to Lambda: polls the Runtime API in each of Lambda's modes, with the types and the client of
//! `lambda_runtime`; reports failed start-ups; stops the process.

mod concurrency;
mod environment;

mod answer_to;
mod api;
mod init;

mod describe;
mod panics;
mod run;
mod snap_start;

mod back_off;
mod polling;
mod worker;

mod received;

mod answering;
mod deadline;
mod streaming;

#[cfg(feature = "testing")]
mod once;

#[cfg(feature = "graceful-shutdown")]
mod shutdown;

#[cfg(fuzzing)]
mod fuzzing;
#[cfg(test)]
mod tests;

pub use concurrency::block_on;
#[cfg(fuzzing)]
pub use fuzzing::polled;
pub use init::init;
#[cfg(feature = "testing")]
pub(crate) use once::once;
pub use run::run;
