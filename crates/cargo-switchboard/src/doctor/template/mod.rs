//! Templates: SAM and CloudFormation, in YAML and JSON, read without AWS.
//!
//! In the order of reading: the text becomes a tree, SAM's resources become CloudFormation's, functions are evaluated as
//! far as that can be known, and the resources become the model.

mod functions;
mod load;
mod names;
mod node;
mod parse;
mod read;
mod resource;
mod sam;
mod scope;
mod value;

pub(crate) use load::load;
#[cfg(feature = "aws")]
pub(crate) use load::statements;
