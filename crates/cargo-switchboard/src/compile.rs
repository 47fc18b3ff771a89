//! Builds the function with cargo and finds the executable.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::Error;

/// Arguments that choose what to build, which disable the automatic choice.
const CHOICES: [&str; 6] = ["--bin", "--bins", "--example", "--examples", "--package", "-p"];

/// A line of `cargo build --message-format=json`.
#[derive(Deserialize)]
struct CargoMessage {
    reason: String,
    #[serde(default)]
    target: Option<CargoTarget>,
    #[serde(default)]
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct CargoTarget {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct CargoMetadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    default_run: Option<String>,
    targets: Vec<CargoTarget>,
}

/// Where the sources of a workspace are.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The directories of its packages, and its own.
    pub(crate) packages: Vec<PathBuf>,
    /// Where cargo writes.
    pub(crate) target: PathBuf,
}

struct Executable {
    name: String,
    path: PathBuf,
}

/// Builds and returns the executable: the binary `bin` if it is given, else what `args` choose, else the package's
/// `default-run` or only binary. Cargo's output goes to stderr. Cargo ends if the future is dropped.
///
/// # Errors
/// If cargo fails, or if the choice of the executable is ambiguous.
pub(crate) async fn compile(bin: Option<&str>, args: &[String]) -> Result<PathBuf, Error> {
    let chosen = args
        .iter()
        .any(|arg| CHOICES.contains(&arg.split('=').next().unwrap_or_default()));
    let bin = match bin {
        Some(bin) => Some(bin.to_owned()),
        None if chosen => None,
        None => Some(default_bin(args).await?),
    };
    let mut executables = build(bin.as_deref(), args).await?;
    if let Some(bin) = &bin {
        executables.retain(|executable| executable.name == *bin);
    }
    if executables.len() > 1 {
        return Err(ambiguous(
            executables.iter().map(|executable| executable.name.as_str()),
        ));
    }
    let executable = executables.pop().map(|executable| executable.path);
    executable.ok_or_else(|| Error::other("cargo built no executable; choose one with --bin"))
}

async fn build(bin: Option<&str>, args: &[String]) -> Result<Vec<Executable>, Error> {
    let mut command = cargo();
    command.args(["build", "--message-format=json-render-diagnostics"]);
    // No `--package`: it would select other features than a plain `cargo build`, and compile many crates twice.
    if let Some(bin) = bin {
        command.args(["--bin", bin]);
    }
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|e| Error::io("cannot run cargo", e))?;
    let mut executables = Vec::new();
    if let Some(output) = child.stdout.take() {
        let unreadable = |e| Error::io("cannot read cargo's output", e);
        let mut lines = BufReader::new(output).split(b'\n');
        // Read while cargo runs, because a full pipe would block it.
        while let Some(line) = lines.next_segment().await.map_err(unreadable)? {
            executables.extend(executable(&line));
        }
    }
    let status = child
        .wait()
        .await
        .map_err(|e| Error::io("cannot wait for cargo", e))?;
    match status.success() {
        true => Ok(executables),
        false => Err(Error::build(format!("cargo build failed ({status})"))),
    }
}

/// The executable in a message, if it is a binary or an example.
fn executable(line: &[u8]) -> Option<Executable> {
    let message: CargoMessage = serde_json::from_slice(line).ok()?;
    let target = message.target.filter(|_| message.reason == "compiler-artifact")?;
    let runs = target.kind.iter().any(|kind| kind == "bin" || kind == "example");
    let path = message.executable.filter(|_| runs)?;
    Some(Executable {
        name: target.name,
        path,
    })
}

/// The binary that `cargo run` would run in this directory.
async fn default_bin(args: &[String]) -> Result<String, Error> {
    let manifest = manifest_argument(args);
    let mut locate = cargo();
    locate
        .args(["locate-project", "--message-format", "plain"])
        .args(&manifest);
    let located = output(locate).await?.ok_or_else(|| {
        Error::other("no package found; run this in a directory with a Cargo.toml, or pass --binary")
    })?;
    let here = PathBuf::from(String::from_utf8_lossy(&located).trim());
    let metadata = output(metadata(&manifest)).await?;
    let metadata = metadata.ok_or_else(|| Error::build(format!("cargo cannot read {}", here.display())))?;
    choose(&read(&metadata)?.packages, &here)
}

fn metadata(manifest: &[String]) -> Command {
    let mut metadata = cargo();
    metadata
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .args(manifest);
    metadata
}

fn read(metadata: &[u8]) -> Result<CargoMetadata, Error> {
    serde_json::from_slice(metadata)
        .map_err(|error| Error::other(format!("cannot read cargo metadata: {error}")))
}

/// The workspace that `args` and this directory choose. While its manifests are broken, only the package is known.
///
/// # Errors
/// If cargo does not run, or there is no package.
pub(crate) async fn workspace(args: &[String]) -> Result<Workspace, Error> {
    let manifest = manifest_argument(args);
    let mut metadata = metadata(&manifest);
    // Whatever is wrong with it, `compile` has said so.
    metadata.stderr(Stdio::null());
    if let Some(metadata) = output(metadata).await? {
        let metadata = read(&metadata)?;
        let manifests = metadata.packages.iter();
        let packages = manifests.filter_map(|package| package.manifest_path.parent());
        return Ok(Workspace {
            packages: packages
                .map(Path::to_owned)
                .chain([metadata.workspace_root.clone()])
                .collect(),
            target: metadata.target_directory,
        });
    }
    let named = manifest
        .last()
        .map(|argument| argument.rsplit('=').next().unwrap_or(argument));
    let here = std::path::absolute(named.unwrap_or("Cargo.toml"))
        .map_err(|e| Error::io("cannot determine the current directory", e))?;
    let mut above = here.ancestors().skip(1);
    let package = above.find(|directory| directory.join("Cargo.toml").is_file());
    let package = package.ok_or_else(|| Error::other("there is no Cargo.toml"))?;
    Ok(Workspace {
        packages: vec![package.to_owned()],
        target: package.join("target"),
    })
}

fn choose(packages: &[Package], here: &Path) -> Result<String, Error> {
    let own = packages.iter().find(|package| package.manifest_path == here);
    if let Some(default) = own.and_then(|package| package.default_run.clone()) {
        return Ok(default);
    }
    // At the root of a virtual workspace, every member counts.
    let candidates = own.map_or(packages, std::slice::from_ref);
    let targets = candidates.iter().flat_map(|package| &package.targets);
    let bins: Vec<&str> = targets
        .filter(|target| target.kind.iter().any(|kind| kind == "bin"))
        .map(|target| target.name.as_str())
        .collect();
    match bins[..] {
        [] => Err(Error::other(format!("{} has no binary to run", here.display()))),
        [only] => Ok(only.to_owned()),
        _ => Err(ambiguous(bins)),
    }
}

fn ambiguous<'n>(names: impl IntoIterator<Item = &'n str>) -> Error {
    let names: Vec<&str> = names.into_iter().collect();
    Error::other(format!(
        "there are several binaries, choose one with --bin: {}",
        names.join(", ")
    ))
}

/// The user's `--manifest-path`, for `cargo metadata`.
fn manifest_argument(args: &[String]) -> Vec<String> {
    let joined = args.iter().find(|arg| arg.starts_with("--manifest-path="));
    let split = args.windows(2).find(|pair| pair[0] == "--manifest-path");
    joined
        .map(|arg| vec![arg.clone()])
        .or(split.map(<[String]>::to_vec))
        .unwrap_or_default()
}

/// What cargo prints; `None` if it fails, after it has said why.
async fn output(mut command: Command) -> Result<Option<Vec<u8>>, Error> {
    let output = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let output = match output {
        Ok(child) => child.wait_with_output().await,
        Err(error) => Err(error),
    };
    let output = output.map_err(|e| Error::io("cannot run cargo", e))?;
    Ok(output.status.success().then_some(output.stdout))
}

/// The cargo that runs this subcommand, or the one in `PATH`.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.kill_on_drop(true);
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(manifest: &str, default_run: Option<&str>, bins: &[&str]) -> Package {
        let target = |name: &&str| CargoTarget {
            name: (*name).to_owned(),
            kind: vec!["bin".to_owned()],
        };
        Package {
            manifest_path: manifest.into(),
            default_run: default_run.map(str::to_owned),
            targets: bins.iter().map(target).collect(),
        }
    }

    #[test]
    fn the_package_here_decides() {
        let packages = [
            package("/w/Cargo.toml", None, &["a"]),
            package("/w/b/Cargo.toml", Some("c"), &["b", "c"]),
        ];
        assert_eq!(choose(&packages, Path::new("/w/Cargo.toml")).unwrap(), "a");
        assert_eq!(choose(&packages, Path::new("/w/b/Cargo.toml")).unwrap(), "c");
        let error = choose(&packages, Path::new("/w/virtual.toml")).unwrap_err();
        assert!(error.to_string().ends_with("--bin: a, b, c"), "{error}");
    }

    #[test]
    fn a_line_of_cargo_without_an_executable_is_passed_over() {
        let line =
            br#"{"reason":"compiler-artifact","target":{"name":"a","kind":["bin"]},"executable":"/t/a"}"#;
        assert_eq!(executable(line).unwrap().path, Path::new("/t/a"));
        let library =
            br#"{"reason":"compiler-artifact","target":{"name":"a","kind":["lib"]},"executable":null}"#;
        assert!(executable(library).is_none());
        assert!(executable(b"{\"reason\":\"build-finished\",\"success\":true}").is_none());
    }
}
