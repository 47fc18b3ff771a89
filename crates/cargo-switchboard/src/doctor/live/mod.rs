//! Reads a deployed function into the model. It changes nothing. Requires the feature `aws`.

mod api;
mod bucket;
mod function;
mod live_function;
mod load;
mod mapping;
mod permission;
mod queue;
mod resource_policy;
mod role;
mod rule;
mod store;

pub(crate) use load::load;
