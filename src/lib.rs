//! One Rust Lambda function for every trigger.

mod runtime;
pub use runtime::{Payload, init, run};

pub mod telemetry;

pub mod source;

mod router;
pub use router::{Context, Failure, Handler, Reply, Router};

pub mod event;

mod batch;

mod error;
pub use error::Error;
