//! Runs `doctor`.

use std::path::{Path, PathBuf};

use super::super::ended::Ended;
use super::super::output;
use super::args::Doctor;
use super::baseline::Baseline;
use super::fix::{Fixed, fix};
use super::routes::{KnownRoutes, Routes, routes};
use super::templates::{beside, templates};
use crate::Error;
use crate::doctor::{self, Deployment, DoctorReport, Function, OF_ROUTES, Unchecked};

/// The default names of templates.
const TEMPLATES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];

pub(in crate::cli) async fn doctor(args: Doctor) -> Result<Ended, Error> {
    if let Some(rule) = args.explain {
        output::line(rule.page.trim_end());
        return Ok(Ended::Success);
    }
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    let (mut deployments, mut unread) = match &args.function {
        Some(name) => {
            let live = output::waiting("asking AWS", live(name, &args)).await?;
            (vec![(None, live)], Vec::new())
        }
        None => templates(&args)?,
    };
    let functions: Vec<&Function> = deployments
        .iter()
        .flat_map(|(_, deployment)| &deployment.functions)
        .collect();
    let KnownRoutes { served, failure } = routes(&args, &functions).await?;
    if args.fix && failure.is_none() {
        if mended(&args, baseline.as_ref(), &served)? == Fixed::Shown {
            return Ok(Ended::Failed);
        }
        (deployments, unread) = templates(&args)?;
    }
    let functions: Vec<&Function> = deployments
        .iter()
        .flat_map(|(_, deployment)| &deployment.functions)
        .collect();
    let unchecked = functions.iter().filter_map(|function| {
        let reason = served.get(&function.label)?.as_ref().err()?;
        Some(Unchecked {
            function: function.label.clone(),
            rules: OF_ROUTES.to_vec(),
            reason: reason.clone(),
        })
    });
    let mut report = DoctorReport {
        functions: functions.len(),
        findings: Vec::new(),
        unchecked: unchecked.collect(),
        unread,
        accepted: 0,
        stale: Vec::new(),
    };
    for (file, deployment) in &deployments {
        let mut findings = doctor::check(deployment, |function| served.get(&function.label)?.as_ref().ok());
        for finding in &mut findings {
            finding.file.clone_from(file);
        }
        report.findings.append(&mut findings);
        report.unread.extend(deployment.unread.iter().cloned());
    }
    if let Some(baseline) = baseline {
        baseline.apply(&mut report);
    }
    output::line(&report.write(args.format));
    if let Some(failure) = failure {
        return Err(failure);
    }
    Ok(if report.has_errors() {
        Ended::Failed
    } else {
        Ended::Success
    })
}

/// Changes the template, or shows how.
fn mended(args: &Doctor, baseline: Option<&Baseline>, served: &Routes) -> Result<Fixed, Error> {
    let path = template(args.template.as_deref())?;
    if path.is_dir() {
        return Err(Error::other(format!(
            "{} has what CDK wrote; change the code that it comes from",
            path.display()
        )));
    }
    let parameters = args.parameters();
    let files = beside(&path);
    fix(&path, args, |text| {
        let deployment = doctor::load(text, &parameters, args.all_functions, &files).ok()?;
        let mut findings = doctor::check(&deployment, |function| served.get(&function.label)?.as_ref().ok());
        findings.retain(|finding| !baseline.is_some_and(|baseline| baseline.accepts(finding)));
        Some(findings)
    })
}

#[cfg(feature = "aws")]
async fn live(name: &str, args: &Doctor) -> Result<Deployment, Error> {
    let aws = switchboard_aws::Aws::connect(&args.place.clone().into()).await?;
    Ok(doctor::load_live(&aws, name).await?)
}

#[cfg(not(feature = "aws"))]
async fn live(name: &str, _: &Doctor) -> Result<Deployment, Error> {
    Err(Error::other(format!(
        "cannot check {name}: this build reads templates only; install it with --features aws"
    )))
}

pub(super) fn template(given: Option<&Path>) -> Result<PathBuf, Error> {
    if let Some(file) = given {
        return Ok(file.to_owned());
    }
    let here = TEMPLATES.iter().map(Path::new).find(|file| file.exists());
    here.map(Path::to_owned).ok_or_else(|| {
        let names = TEMPLATES.join(", ");
        Error::other(format!("no template found here ({names}); pass --template"))
    })
}
