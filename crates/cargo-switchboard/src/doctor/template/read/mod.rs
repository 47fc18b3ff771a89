//! Reads CloudFormation's resources into the model, with a file for each kind of resource.

mod all;
mod api;
mod authorizer;
mod custom;
mod document;
mod events;
mod function;
mod functions;
mod logs;
mod mapping;
mod policy;
mod queue;
mod reader;
mod resource_policy;
mod role;
mod services;
mod storage;
mod store;

pub(super) use all::read;
pub(super) use api::{SAM_KEY, SAM_PATH};
#[cfg(feature = "aws")]
pub(super) use policy::statements;
