//! `cargo switchboard new`: makes the package of a new function.

mod args;
mod command;

pub(super) use args::{NEW_EXAMPLES, New};
pub(super) use command::new;
