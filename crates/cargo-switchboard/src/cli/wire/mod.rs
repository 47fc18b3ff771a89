//! `cargo switchboard wire` and `unwire`: their options, the plan as it is shown, the question, and what was done.

mod args;
mod help;
mod run;
mod settings;
mod show;

pub(super) use args::{Unwire, Wire};
pub(super) use help::{UNWIRE_EXAMPLES, WIRE_EXAMPLES};
pub(super) use run::{unwire, wire};
