//! All that is told.

use clap::ValueEnum;

use super::{json, sarif, text};
use crate::doctor::{Finding, Severity};

/// How the report is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
}

/// What was found, and what could not be looked at.
#[derive(Debug)]
pub(crate) struct Report {
    /// The template's path, as it was given.
    pub(crate) file: Option<String>,
    /// How many functions were looked at.
    pub(crate) functions: usize,
    pub(crate) findings: Vec<Finding>,
    pub(crate) unchecked: Vec<Unchecked>,
}

/// Rules that could not be asked of a function.
#[derive(Debug)]
pub(crate) struct Unchecked {
    pub(crate) function: String,
    pub(crate) rules: Vec<&'static str>,
    pub(crate) reason: String,
}

impl Report {
    /// Whether something is wrong that loses, repeats or refuses events.
    pub(crate) fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    pub(super) fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// The report's text.
    pub(crate) fn write(&self, format: ReportFormat) -> String {
        match format {
            ReportFormat::Text => text::write(self),
            ReportFormat::Json => json::write(self),
            ReportFormat::Sarif => sarif::write(self),
        }
    }
}
