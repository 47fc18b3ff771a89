//! The report as SARIF, for code scanners: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::data::DoctorReport;
use super::text::name;
use crate::doctor::Finding;
use crate::doctor::rules::{RULES, Rule};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The characters that a path does not escape.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~');

pub(super) fn write(report: &DoctorReport) -> String {
    let results = report.findings.iter().map(result);
    let notifications = report.unchecked.iter().map(|unchecked| {
        let text = format!(
            "{}: {}: {}",
            unchecked.function,
            unchecked.rules.join(", "),
            unchecked.reason
        );
        json!({ "level": "note", "message": { "text": text } })
    });
    let driver = json!({
        "name": "cargo-switchboard doctor",
        "version": env!("CARGO_PKG_VERSION"),
        "informationUri": REPOSITORY,
        "rules": RULES.iter().map(|rule| self::rule(rule)).collect::<Vec<_>>(),
    });
    let run = json!({
        "tool": { "driver": driver },
        "columnKind": "unicodeCodePoints",
        "invocations": [{
            "executionSuccessful": true,
            "toolExecutionNotifications": notifications.collect::<Vec<_>>(),
        }],
        "results": results.collect::<Vec<_>>(),
    });
    format!(
        "{:#}",
        json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] })
    )
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.mend },
        "helpUri": rule.url(),
        "defaultConfiguration": { "level": name(rule.severity) },
    })
}

fn result(finding: &Finding) -> Value {
    let logical = json!([{ "name": finding.resource, "kind": "resource" }]);
    let location = match &finding.file {
        Some(file) => {
            let uri = utf8_percent_encode(file, PATH).to_string();
            let mut physical = json!({ "artifactLocation": { "uri": uri } });
            if let Some(at) = finding.at {
                physical["region"] = json!({ "startLine": at.line, "startColumn": at.column });
            }
            json!({ "physicalLocation": physical, "logicalLocations": logical })
        }
        None => json!({ "logicalLocations": logical }),
    };
    json!({
        "ruleId": finding.rule.code,
        "ruleIndex": RULES.iter().position(|rule| rule.code == finding.rule.code),
        "level": name(finding.severity),
        "message": { "text": format!("{}. {}", finding.what, finding.rule.mend) },
        "locations": [location],
    })
}
