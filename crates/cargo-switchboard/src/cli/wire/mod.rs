//! `cargo switchboard wire` and `unwire`: their options, the plan as it is shown, the question, and what was done.

mod args;
mod command;
mod help;
mod parse;
mod settings;
mod show;

pub(super) use args::{Unwire, Wire};
pub(super) use command::{unwire, wire};
pub(super) use help::{UNWIRE_EXAMPLES, WIRE_EXAMPLES};
