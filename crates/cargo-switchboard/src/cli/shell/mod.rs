//! `cargo switchboard completions` and `cargo switchboard man`: what a shell and `man` know of this command.

mod args;
mod completions;
mod man;

pub(super) use args::{COMPLETIONS_EXAMPLES, Completions, MAN_EXAMPLES, Man};
pub(super) use completions::completions;
pub(super) use man::man;
