//! The way in and out: polling the Runtime API through `lambda_runtime`, and telling it when start-up fails.

mod describe;
mod init;
mod payload;
mod run;

pub use init::init;
pub use payload::Payload;
pub use run::run;
