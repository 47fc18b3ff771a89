//! Ways in for the fuzz targets in `fuzz/` where the public API has none. They are there under `cfg(fuzzing)` only, which cargo-fuzz
//! sets: no part of the API, and no feature.

use std::collections::HashMap;

use crate::Error;
use crate::doctor::{self, Format, Report};

/// What `doctor` says of a template, as text, JSON and SARIF. With `served`, what its functions print of their routes.
///
/// # Errors
/// When it is no template.
pub fn diagnose(template: &str, served: &[u8]) -> Result<[String; 3], Error> {
    let deployment = doctor::load(template, &HashMap::new())?;
    let served = crate::describe::Description::read(served);
    let report = Report {
        file: Some("template.yaml".to_owned()),
        functions: deployment.functions.len(),
        findings: doctor::check(&deployment, |_| served.as_ref()),
        unchecked: Vec::new(),
    };
    Ok([Format::Text, Format::Json, Format::Sarif].map(|format| report.write(format)))
}
