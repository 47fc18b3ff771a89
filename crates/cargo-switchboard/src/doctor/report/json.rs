//! The report as JSON, for programs.

use serde_json::{Value, json};

use super::data::DoctorReport;
use crate::doctor::Finding;

pub(super) fn write(report: &DoctorReport) -> String {
    let findings = report
        .findings
        .iter()
        .map(|finding| self::finding(report, finding));
    let unchecked = report.unchecked.iter().map(|unchecked| {
        json!({
            "function": unchecked.function,
            "rules": unchecked.rules,
            "reason": unchecked.reason,
        })
    });
    let whole = json!({
        "functions": report.functions,
        "findings": findings.collect::<Vec<_>>(),
        "unchecked": unchecked.collect::<Vec<_>>(),
    });
    format!("{whole:#}")
}

fn finding(report: &DoctorReport, finding: &Finding) -> Value {
    json!({
        "code": finding.rule.code,
        "severity": finding.severity,
        "function": finding.function,
        "resource": finding.resource,
        "what": finding.what,
        "why": finding.rule.why,
        "mend": finding.rule.mend,
        "file": report.file,
        "line": finding.at.map(|at| at.line),
        "column": finding.at.map(|at| at.column),
    })
}
