//! `cargo switchboard doctor`: finds what loses events in a deployment.

mod args;
mod baseline;
mod command;
mod fix;
mod routes;
mod templates;

pub(super) use args::{DOCTOR_EXAMPLES, Doctor};
pub(super) use command::doctor;
