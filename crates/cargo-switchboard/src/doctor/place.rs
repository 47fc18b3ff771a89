//! Positions in a file.

use serde::Serialize;

/// A position in the template. Lines and columns count from 1. Deployed resources have none.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}
