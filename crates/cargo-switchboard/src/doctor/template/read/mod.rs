//! CloudFormation's resources as the model has them, a file per kind of resource.

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
