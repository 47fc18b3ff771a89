//! Where in a file something stands.

use serde::Serialize;

/// A place in the template; lines and columns count from 1. Nothing that is deployed has one.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}
