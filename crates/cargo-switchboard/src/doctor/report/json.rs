//! The report as JSON, for programs.

use serde_json::{Value, json};

use super::data::DoctorReport;
use crate::doctor::Finding;

pub(super) fn write(report: &DoctorReport) -> String {
    // A program looks for its function: a finding about several is there for each of them.
    let findings = report.findings.iter().flat_map(|finding| {
        let functions: Vec<Option<&String>> = match finding.functions.is_empty() {
            true => vec![None],
            false => finding.functions.iter().map(Some).collect(),
        };
        functions
            .into_iter()
            .map(move |function| self::finding(finding, function))
    });
    let unchecked = report.unchecked.iter().map(|unchecked| {
        json!({
            "function": unchecked.function,
            "rules": unchecked.rules,
            "reason": unchecked.reason,
        })
    });
    let unread = report
        .unread
        .iter()
        .map(|unread| json!({ "resource": unread.label, "reason": unread.reason }));
    let whole = json!({
        "functions": report.functions,
        "findings": findings.collect::<Vec<_>>(),
        "unchecked": unchecked.collect::<Vec<_>>(),
        "unread": unread.collect::<Vec<_>>(),
        "accepted": report.accepted,
        "stale": report.stale,
    });
    format!("{whole:#}")
}

fn finding(finding: &Finding, function: Option<&String>) -> Value {
    json!({
        "code": finding.rule.code,
        "severity": finding.severity,
        "function": function,
        "resource": finding.resource,
        "what": finding.what,
        "why": finding.rule.why,
        "mend": finding.rule.mend,
        "paste": finding.paste,
        "page": finding.rule.url(),
        "construct": finding.construct,
        "file": finding.file,
        "line": finding.at.map(|at| at.line),
        "column": finding.at.map(|at| at.column),
    })
}
