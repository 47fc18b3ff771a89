//! Entry points for the fuzz targets in `fuzz/` that the public API does not offer. They exist only under `cfg(fuzzing)`, which
//! cargo-fuzz sets, and are not part of the API.

use std::collections::HashMap;

use crate::Error;
use crate::doctor::{self, DoctorReport, ReportFormat};

/// Runs `doctor` on a template and formats the report as text, JSON and SARIF. `served` is what its functions print as their routes.
///
/// # Errors
/// If the text is not a template.
pub fn diagnose(template: &str, served: &[u8]) -> Result<[String; 3], Error> {
    let deployment = doctor::load(template, &HashMap::new())?;
    let served = crate::describe::Description::read(served);
    let report = DoctorReport {
        file: Some("template.yaml".to_owned()),
        functions: deployment.functions.len(),
        findings: doctor::check(&deployment, |_| served.as_ref()),
        unchecked: Vec::new(),
    };
    Ok([ReportFormat::Text, ReportFormat::Json, ReportFormat::Sarif].map(|format| report.write(format)))
}
