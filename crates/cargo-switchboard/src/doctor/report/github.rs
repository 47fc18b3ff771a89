//! The report as annotations of a pull request: "Workflow commands for GitHub Actions".

use std::fmt::Write as _;

use super::data::DoctorReport;
use super::text::{name, summary};
use crate::doctor::{Finding, Severity};

pub(super) fn write(report: &DoctorReport) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        // Writing to a string cannot fail.
        let _ = annotation(&mut text, finding);
    }
    text.push_str(&summary(report));
    text
}

fn annotation(text: &mut String, finding: &Finding) -> std::fmt::Result {
    let command = match finding.severity {
        Severity::Note => "notice",
        severity => name(severity),
    };
    write!(text, "::{command} title={}", property(finding.rule.code))?;
    if let Some(file) = &finding.file {
        write!(text, ",file={}", property(file))?;
    }
    if let Some(at) = finding.at.filter(|_| finding.file.is_some()) {
        write!(text, ",line={},col={}", at.line, at.column)?;
    }
    let mut message = format!("{}. {} {}", finding.what, finding.rule.why, finding.rule.mend);
    if let Some(paste) = &finding.paste {
        message.push_str("\n\n");
        message.push_str(paste);
    }
    message.push_str("\n\n");
    message.push_str(&finding.rule.url());
    writeln!(text, "::{}", data(&message))
}

/// A message on one line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_property_or_a_line_is_escaped() {
        assert_eq!(data("50%\n: a, b"), "50%25%0A: a, b");
        assert_eq!(property("C:/a,b%"), "C%3A/a%2Cb%25");
    }
}
