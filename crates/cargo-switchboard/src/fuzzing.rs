//! Ways in for the fuzz targets in `fuzz/` where the public API has none. They are there under `cfg(fuzzing)` only, which cargo-fuzz
//! sets: no part of the API, and no feature.

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderMap, Uri};

use crate::Error;
use crate::doctor::{self, Format, Report};
use crate::function::FunctionError;
use crate::guard::Guard;

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

/// Whether a request passes where web pages of this host and this origin were allowed.
///
/// # Errors
/// When it does not.
pub fn admit(host: &str, origin: &str, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
    let mut guard = Guard::default();
    guard.allow_host(host.parse()?);
    guard.allow_origin(origin.parse()?);
    guard.admit(uri, headers).map_err(|stranger| stranger.to_string())
}

/// The error that a function reports.
pub fn reported(payload: Bytes, error_type: Option<&str>) -> FunctionError {
    FunctionError::reported(payload, error_type)
}
