//! One Rust Lambda function for every trigger.

pub mod source;

mod router;
pub use router::{Context, Failure};

pub mod event;

mod error;
