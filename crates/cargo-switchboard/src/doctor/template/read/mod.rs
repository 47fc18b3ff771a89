//! Reads CloudFormation's resources into the model, with a file for each kind of resource.

mod all;
mod api;
mod events;
mod function;
mod mapping;
mod policy;
mod queue;
mod reader;
mod role;
mod storage;

pub(super) use all::read;
#[cfg(feature = "aws")]
pub(super) use policy::statements;
