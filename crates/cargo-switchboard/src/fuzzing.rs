//! Entry points for the fuzz targets in `fuzz/` that the public API does not offer. They exist only under `cfg(fuzzing)`, which
//! cargo-fuzz sets, and are not part of the API.

use std::collections::HashMap;

use crate::Error;
use crate::doctor::{self, DoctorReport, ReportFormat};

/// Runs `doctor` on a template and formats the report as text, JSON, SARIF and annotations. `served` is what its functions print as their routes.
///
/// # Errors
/// If the text is not a template.
pub fn diagnose(template: &str, served: &[u8]) -> Result<[String; 4], Error> {
    let deployment = doctor::load(template, &HashMap::new(), true, &|name| {
        Err(format!("no {name} here"))
    })?;
    let served = crate::describe::Description::read(served);
    let mut findings = doctor::check(&deployment, |_| served.as_ref());
    for finding in &mut findings {
        finding.file = Some("template.yaml".to_owned());
    }
    let report = DoctorReport {
        functions: deployment.functions.len(),
        findings,
        unchecked: Vec::new(),
        unread: deployment.unread,
        accepted: 0,
        stale: Vec::new(),
    };
    let formats = [
        ReportFormat::Text,
        ReportFormat::Json,
        ReportFormat::Sarif,
        ReportFormat::Github,
    ];
    Ok(formats.map(|format| report.write(format)))
}
