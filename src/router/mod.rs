//! Whose event is it?

mod context;
mod failure;

pub use context::Context;
pub use failure::Failure;
