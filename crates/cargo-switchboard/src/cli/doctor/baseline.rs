//! Findings that are accepted: a file with a reason and a date for each.

use std::path::Path;

use serde::Deserialize;

use crate::Error;
use crate::doctor::{DoctorReport, Finding};

/// The accepted findings of a project.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    accepted: Vec<Accepted>,
}

/// A finding that somebody has decided to live with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    code: String,
    /// The resource at fault.
    resource: String,
    /// Why it is accepted.
    reason: String,
    /// When that was decided, as `YYYY-MM-DD`.
    date: String,
}

impl Baseline {
    /// # Errors
    /// If the file cannot be read, or if an entry lacks its reason or its date.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| Error::io(format!("cannot read {}", path.display()), error))?;
        Self::parse(&text).map_err(|what| Error::other(format!("{}: {what}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for entry in &baseline.accepted {
            let of = format!("{} of {}", entry.code, entry.resource);
            if entry.reason.trim().is_empty() {
                return Err(format!("{of} has no reason"));
            }
            if chrono::NaiveDate::parse_from_str(&entry.date, "%Y-%m-%d").is_err() {
                return Err(format!("{of} has the date {:?}; expected YYYY-MM-DD", entry.date));
            }
        }
        Ok(baseline)
    }

    /// Whether the finding is accepted.
    pub(super) fn accepts(&self, finding: &Finding) -> bool {
        self.accepted.iter().any(|entry| entry.is_for(finding))
    }

    /// Takes the accepted findings out of the report, and names the entries that are for none.
    pub(super) fn apply(&self, report: &mut DoctorReport) {
        let mut used = vec![false; self.accepted.len()];
        let before = report.findings.len();
        report.findings.retain(|finding| {
            match self.accepted.iter().position(|entry| entry.is_for(finding)) {
                Some(place) => {
                    used[place] = true;
                    false
                }
                None => true,
            }
        });
        report.accepted = before - report.findings.len();
        let stale = self.accepted.iter().zip(used).filter(|(_, used)| !used);
        report.stale = stale
            .map(|(entry, _)| format!("{} of {}", entry.code, entry.resource))
            .collect();
    }
}

impl Accepted {
    fn is_for(&self, finding: &Finding) -> bool {
        self.code == finding.rule.code && self.resource == finding.resource
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_has_a_reason_and_a_date() {
        let entry = |reason: &str, date: &str| {
            let entry = format!(r#"{{"code":"SB0405","resource":"R","reason":"{reason}","date":"{date}"}}"#);
            Baseline::parse(&format!(r#"{{"accepted":[{entry}]}}"#))
        };
        assert_eq!(
            entry("read by the audit job", "2026-11-30")
                .unwrap()
                .accepted
                .len(),
            1
        );
        assert!(entry(" ", "2026-11-30").unwrap_err().contains("no reason"));
        assert!(entry("x", "30.11.2026").unwrap_err().contains("YYYY-MM-DD"));
        assert!(Baseline::parse(r#"{"accepted":[{"code":"SB0405"}]}"#).is_err());
    }
}
