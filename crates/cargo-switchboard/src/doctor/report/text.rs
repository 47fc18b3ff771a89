//! The report as text. Findings start like compiler messages: `FILE:LINE: …`.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::data::DoctorReport;
use crate::doctor::{Finding, Severity};

const DIM: Style = Style::new().dimmed();

pub(super) fn write(report: &DoctorReport) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        // Writing to a string cannot fail.
        let _ = write_finding(&mut text, finding);
    }
    for unchecked in &report.unchecked {
        let (rules, function) = (unchecked.rules.join(", "), &unchecked.function);
        let _ = writeln!(text, "not checked for {function}: {rules}: {}", unchecked.reason);
    }
    for unread in &report.unread {
        let _ = writeln!(text, "not understood: {}: {}", unread.label, unread.reason);
    }
    for stale in &report.stale {
        let _ = writeln!(text, "accepted, but not found any more: {stale}");
    }
    if !report.findings.is_empty() {
        let _ = writeln!(text, "More about a code: cargo switchboard doctor --explain CODE");
    }
    text.push_str(&summary(report));
    text
}

fn write_finding(text: &mut String, finding: &Finding) -> std::fmt::Result {
    match (&finding.file, finding.at) {
        (Some(file), Some(at)) => write!(text, "{file}:{}:{}: ", at.line, at.column)?,
        (Some(file), None) => write!(text, "{file}: ")?,
        (None, _) => write!(text, "{}: ", finding.functions.join(", "))?,
    }
    let style = style(finding.severity);
    let (severity, rule) = (name(finding.severity), finding.rule);
    writeln!(text, "{style}{severity}{style:#} {}: {}", rule.code, finding.what)?;
    writeln!(text, "  {DIM}why{DIM:#}   {}", rule.why)?;
    writeln!(text, "  {DIM}fix{DIM:#}   {}", rule.mend)?;
    if let Some(paste) = &finding.paste {
        for line in paste.lines() {
            writeln!(text, "        {line}")?;
        }
    }
    if finding.functions.len() > 1 {
        writeln!(text, "  {DIM}for{DIM:#}   {}", finding.functions.join(", "))?;
    }
    if let Some(construct) = &finding.construct {
        writeln!(text, "  {DIM}cdk{DIM:#}   {construct}")?;
    }
    writeln!(text)
}

pub(super) fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

pub(super) fn summary(report: &DoctorReport) -> String {
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter(|severity| report.count(*severity) > 0)
        .map(|severity| counted(report.count(severity), name(severity)))
        .collect();
    let functions = counted(report.functions, "function");
    let found = match counts.is_empty() {
        true => "nothing found".to_owned(),
        false => counts.join(", "),
    };
    match report.accepted {
        0 => format!("{functions}: {found}"),
        accepted => format!("{functions}: {found} ({accepted} accepted)"),
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
