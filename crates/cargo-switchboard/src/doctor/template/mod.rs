//! Reads SAM and CloudFormation templates, in YAML and JSON, without calling AWS.
//!
//! The text is parsed into a tree, SAM's resources are expanded to CloudFormation's, functions are evaluated as far as
//! their values are known, and the resources are read into the model.

mod edit;
mod for_each;
mod functions;
mod include;
mod indent;
mod load;
mod names;
mod nested;
mod node;
mod parse;
mod read;
mod references;
mod resource;
mod sam;
mod scope;
mod tooling;
mod value;

pub(crate) use edit::{PlacedFix, Refusal};
pub(crate) use load::load;
#[cfg(feature = "aws")]
pub(crate) use load::statements;
pub(crate) use references::is_circular;
