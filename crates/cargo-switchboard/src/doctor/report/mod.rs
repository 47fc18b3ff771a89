//! Reports findings to people, programs and code scanners.

mod data;
mod format;
mod github;
mod json;
mod sarif;
mod text;

pub(crate) use data::{DoctorReport, Unchecked};
pub(crate) use format::ReportFormat;
