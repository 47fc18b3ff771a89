//! Runs `doctor`.

use std::path::{Path, PathBuf};

use super::super::ended::Ended;
use super::super::output;
use super::args::Doctor;
use super::routes::routes;
use crate::Error;
use crate::doctor::{self, Deployment, DoctorReport, OF_ROUTES, Unchecked};

/// The default names of templates.
const TEMPLATES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];

pub(in crate::cli) async fn doctor(args: Doctor) -> Result<Ended, Error> {
    let (file, deployment) = match &args.function {
        Some(name) => (None, live(name, &args).await?),
        None => {
            let file = template(args.template.as_deref())?;
            let deployment = read(&file, &args)?;
            (Some(file.to_string_lossy().into_owned()), deployment)
        }
    };
    let served = routes(&args, &deployment).await?;
    let findings = doctor::check(&deployment, |function| served.get(&function.label)?.as_ref().ok());
    let unchecked = deployment.functions.iter().filter_map(|function| {
        let reason = served.get(&function.label)?.as_ref().err()?;
        Some(Unchecked {
            function: function.label.clone(),
            rules: OF_ROUTES.to_vec(),
            reason: reason.clone(),
        })
    });
    let report = DoctorReport {
        file,
        functions: deployment.functions.len(),
        findings,
        unchecked: unchecked.collect(),
    };
    output::line(&report.write(args.format));
    Ok(if report.has_errors() {
        Ended::Failed
    } else {
        Ended::Success
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

fn template(given: Option<&Path>) -> Result<PathBuf, Error> {
    if let Some(file) = given {
        return Ok(file.to_owned());
    }
    let here = TEMPLATES.iter().map(Path::new).find(|file| file.exists());
    here.map(Path::to_owned).ok_or_else(|| {
        let names = TEMPLATES.join(", ");
        Error::other(format!("no template found here ({names}); pass --template"))
    })
}

fn read(file: &Path, args: &Doctor) -> Result<Deployment, Error> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Error::io(format!("cannot read {}", file.display()), error))?;
    let deployment = doctor::load(&text, &args.parameters());
    deployment.map_err(|error| Error::other(format!("{}: {error}", file.display())))
}
