//! The options that choose a function and what it runs with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

/// Options that choose the function and its environment.
#[derive(Args)]
pub(super) struct FunctionArgs {
    /// Binary of the package to build and run [default: default-run, or the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) bin: Option<String>,
    /// Run this executable instead of building one
    #[arg(long, value_name = "PATH", conflicts_with = "bin")]
    pub(super) binary: Option<PathBuf>,
    /// Database file of the function's store, in SWITCHBOARD_STORE [default: a new temporary one]
    #[arg(long, value_name = "PATH")]
    pub(super) store: Option<PathBuf>,
    /// Timeout of an invocation in seconds: at most 1800, or 5400 with --max-concurrency [default: 30]
    #[arg(long, value_name = "SECS", value_parser = seconds)]
    pub(super) timeout: Option<Duration>,
    /// Memory size that the function sees, in MB [default: 128]
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(128..=10240))]
    pub(super) memory: Option<u32>,
    /// Run as on Lambda Managed Instances, with up to N concurrent invocations
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1600))]
    pub(super) max_concurrency: Option<u32>,
    /// Start every file in DIR beside the function as an external extension, as Lambda does with /opt/extensions
    #[arg(long, value_name = "DIR")]
    pub(super) extensions: Option<PathBuf>,
    /// Environment variable of the function; may be repeated
    #[arg(long, value_name = "K=V", value_parser = variable)]
    pub(super) env: Vec<(OsString, OsString)>,
    /// Arguments for cargo build
    #[arg(last = true, value_name = "CARGO ARGS", conflicts_with = "binary")]
    pub(super) cargo_args: Vec<String>,
}

impl FunctionArgs {
    /// Only what to build, or the existing executable.
    pub(super) fn building(binary: Option<&Path>, bin: Option<&str>, cargo_args: &[String]) -> Self {
        Self {
            bin: bin.map(str::to_owned),
            binary: binary.map(Path::to_owned),
            store: None,
            timeout: None,
            memory: None,
            env: Vec::new(),
            cargo_args: cargo_args.to_vec(),
            max_concurrency: None,
            extensions: None,
        }
    }

    /// Whether no option was given.
    pub(super) fn are_default(&self) -> bool {
        let named = self.bin.is_some() || self.binary.is_some() || self.store.is_some();
        let limited = self.timeout.is_some() || self.memory.is_some() || self.max_concurrency.is_some();
        !named && !limited && self.extensions.is_none() && self.env.is_empty() && self.cargo_args.is_empty()
    }
}

pub(super) fn variable(text: &str) -> Result<(OsString, OsString), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| (0.001..=5400.0).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected seconds, at most 1800, or 5400 with --max-concurrency".to_owned())
}
