//! `cargo switchboard wire` and `unwire`: their options, the plan as it is shown, the question, and what was done.

mod args;
mod run;
mod settings;
mod show;

pub(super) use args::{UNWIRE_EXAMPLES, Unwire, WIRE_EXAMPLES, Wire};
pub(super) use run::{unwire, wire};
