//! Which event source composed the payload, and what gives it away.

mod detect;
mod name;
mod records;

pub use detect::{Detected, detect};
pub use name::{Source, UnknownSourceName};
pub(crate) use records::{Cut, records};
