//! What is seen from outside: log lines, one scope per invocation.
#![doc = include_str!("../../docs/telemetry.md")]

mod settings;

mod correlation;
mod scope;

mod layer;

mod fields;
mod line;
mod subscriber;

mod logs;

#[cfg(test)]
mod tests;

pub(crate) use layer::ScopeLayer;
pub use logs::init;
pub use scope::in_scope;
pub(crate) use scope::{Record, detected, within};
