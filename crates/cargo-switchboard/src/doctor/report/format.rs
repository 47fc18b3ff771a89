//! The formats of a report.

use clap::ValueEnum;

use super::data::DoctorReport;
use super::{github, json, sarif, text};

/// The format of a report.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Human-readable text
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
    /// Annotations of a pull request, for GitHub Actions
    Github,
}

impl DoctorReport {
    /// Formats the report.
    pub(crate) fn write(&self, format: ReportFormat) -> String {
        match format {
            ReportFormat::Text => text::write(self),
            ReportFormat::Json => json::write(self),
            ReportFormat::Sarif => sarif::write(self),
            ReportFormat::Github => github::write(self),
        }
    }
}
