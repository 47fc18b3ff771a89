//! `cargo switchboard wire` and `unwire`: adds and removes triggers of a deployed function.

mod args;
mod command;
mod help;
mod parse;
mod settings;
mod show;

pub(super) use args::{Unwire, Wire};
pub(super) use command::{unwire, wire};
pub(super) use help::{UNWIRE_EXAMPLES, WIRE_EXAMPLES};
pub(super) use parse::{json, position};
