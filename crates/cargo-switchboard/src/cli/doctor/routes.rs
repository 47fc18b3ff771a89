//! The routes of each function's code: from a file, from a binary, or from the package here.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use super::super::function_args::FunctionArgs;
use super::super::output;
use super::super::setup::Setup;
use super::args::{Doctor, FunctionPath};
use crate::Error;
use crate::describe::Description;
use crate::doctor::Function;

/// The routes of each function, or why they are unknown.
pub(super) type Routes = HashMap<String, Result<Description, String>>;

/// What the functions' code serves, as far as it is known.
pub(super) struct KnownRoutes {
    pub(super) served: Routes,
    /// The first build that failed. What the deployment says by itself is checked nevertheless.
    pub(super) failure: Option<Error>,
}

/// # Errors
/// If a file cannot be read or has no routes, or if a named function is not in the deployment.
pub(super) async fn routes(args: &Doctor, functions: &[&Function]) -> Result<KnownRoutes, Error> {
    let labels: Vec<&str> = functions.iter().map(|function| &*function.label).collect();
    for named in args.binaries.iter().chain(&args.routes) {
        if let Some(name) = named.function.as_deref().filter(|name| !labels.contains(name)) {
            let known = labels.join(", ");
            return Err(Error::other(format!(
                "no function {name} in this deployment; its functions are {known}"
            )));
        }
    }
    let mut served = Routes::new();
    let mut built = Built::default();
    for function in functions {
        let known = one(args, function, labels.len() == 1, &mut built).await?;
        served.insert(function.label.clone(), known);
    }
    Ok(KnownRoutes {
        served,
        failure: built.failure,
    })
}

/// The binaries that were built here, each once.
#[derive(Default)]
struct Built {
    answers: HashMap<Option<String>, Result<Description, String>>,
    failure: Option<Error>,
}

impl Built {
    async fn ask(&mut self, bin: Option<String>, cargo_args: &[String]) -> Result<Description, String> {
        if !self.answers.contains_key(&bin) {
            let answer = match ask(None, bin.as_deref(), cargo_args).await {
                Ok(answer) => answer,
                Err(error) => {
                    self.failure.get_or_insert(error);
                    Err("its code could not be built".to_owned())
                }
            };
            self.answers.insert(bin.clone(), answer);
        }
        self.answers[&bin].clone()
    }
}

async fn one(
    args: &Doctor,
    function: &Function,
    is_only: bool,
    built: &mut Built,
) -> Result<Result<Description, String>, Error> {
    if args.no_routes {
        return Ok(Err("--no-routes was passed".to_owned()));
    }
    if let Some(named) = meant(&args.routes, function, is_only) {
        return read(&named.path).map(Ok);
    }
    if let Some(named) = meant(&args.binaries, function, is_only) {
        return ask(Some(&named.path), None, &args.cargo_args).await;
    }
    let told = !args.binaries.is_empty() || !args.routes.is_empty();
    let bin = function.binary.clone().or_else(|| args.bin.clone());
    match () {
        () if told || (function.binary.is_none() && !is_only) => {
            let name = &function.label;
            Ok(Err(format!(
                "its code is unknown; pass --binary {name}=PATH or --routes {name}=FILE"
            )))
        }
        () if !Path::new("Cargo.toml").exists() && !has_manifest(&args.cargo_args) => Ok(Err(
            "there is no Cargo.toml here to build it from; pass --binary or --routes".to_owned(),
        )),
        () => Ok(built.ask(bin, &args.cargo_args).await),
    }
}

fn has_manifest(cargo_args: &[String]) -> bool {
    cargo_args.iter().any(|arg| arg.starts_with("--manifest-path"))
}

/// The path given for the function by name. A path without a name is for the only function, or for the one that names this
/// binary.
fn meant<'n>(given: &'n [FunctionPath], function: &Function, is_only: bool) -> Option<&'n FunctionPath> {
    let is_its = |path: &Path| path.file_name().and_then(|name| name.to_str()) == function.binary.as_deref();
    given.iter().find(|named| match &named.function {
        Some(name) => *name == function.label,
        None => is_only || (function.binary.is_some() && is_its(&named.path)),
    })
}

fn read(path: &Path) -> Result<Description, Error> {
    let mut json = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().read_to_end(&mut json),
        false => std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut json)),
    };
    read.map_err(|error| Error::io(format!("cannot read {}", path.display()), error))?;
    Description::read(&json).ok_or_else(|| {
        let path = path.display();
        Error::other(format!(
            "{path} is not what a function prints with SWITCHBOARD_DESCRIBE=1"
        ))
    })
}

/// Asks an executable, or the one built here.
async fn ask(
    binary: Option<&Path>,
    bin: Option<&str>,
    cargo_args: &[String],
) -> Result<Result<Description, String>, Error> {
    let setup = Setup::new(&FunctionArgs::building(binary, bin, cargo_args)).await?;
    let asking = Description::told(&setup.program, &setup.env);
    let answer = output::waiting("waiting for the function to print its routes", asking).await;
    Ok(answer.ok_or_else(|| {
        let program = setup.program.display();
        format!("{program} does not answer SWITCHBOARD_DESCRIBE=1: this is not a Switchboard function")
    }))
}
