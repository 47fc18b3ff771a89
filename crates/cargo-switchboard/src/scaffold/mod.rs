//! Makes the package of a new function: sources, tests, sample events, a SAM template.
//!
//! - `known`: what is known of each event source that a new function may have, one row each. Its code, its trigger and its sample are
//!   files below `sources/`.
//! - `manifest`, `code`, `template`, `readme`: what each file of the package says.
//! - `package`: the files together, and how they are written.

mod known;

mod code;
mod manifest;
mod readme;
mod template;

mod package;

pub(crate) use known::{SourceTemplate, find, sources};
pub(crate) use package::{LibraryOrigin, NewPackage};
