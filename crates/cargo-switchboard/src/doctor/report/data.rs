//! The contents of a report.

use crate::doctor::deployment::Unread;
use crate::doctor::{Finding, Severity};

/// What was found, and which rules could not run.
#[derive(Debug)]
pub(crate) struct DoctorReport {
    /// How many functions were checked.
    pub(crate) functions: usize,
    pub(crate) findings: Vec<Finding>,
    pub(crate) unchecked: Vec<Unchecked>,
    /// What of the template could not be understood.
    pub(crate) unread: Vec<Unread>,
    /// How many findings the baseline accepts.
    pub(crate) accepted: usize,
    /// What the baseline accepts although it is not there any more.
    pub(crate) stale: Vec<String>,
}

/// Rules that could not run for a function.
#[derive(Debug)]
pub(crate) struct Unchecked {
    pub(crate) function: String,
    pub(crate) rules: Vec<&'static str>,
    pub(crate) reason: String,
}

impl DoctorReport {
    /// Whether an error was found: something that loses, repeats or refuses events.
    pub(crate) fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    pub(super) fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}
