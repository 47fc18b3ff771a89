//! What is told of the findings: to people, to programs, to code scanners.

mod json;
mod sarif;
mod text;
mod whole;

pub(crate) use whole::{Report, ReportFormat, Unchecked};
